"""The demonstration's people: made-up accounts that say what they are, and who of them acts for a unit."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from django.db import transaction

from qingmiao.content.benefits import Benefit
from qingmiao.content.checklists import Checklist
from qingmiao.content.documents import DocumentKind
from qingmiao.content.organisations import fits
from qingmiao.content.pack import Pack
from qingmiao.content.registers import RegisterKind
from qingmiao.content.roles import all_roles
from qingmiao.demo.scenario import ScenarioError, read_scenario
from qingmiao.flow import house
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import AUDIT_ADMIN, AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN
from qingmiao.site.apps.directory.models import Organisation, Person

MARK = "（演示）"
"""What every made-up title and text ends with."""
SINGLE = {
    house.COMMITTEE_OFFICE: "committee_office",
    house.STATISTICS: "statistics",
    AUDITOR: "committee_office",
    SYSTEM_ADMIN: "government_service",
    SECURITY_ADMIN: "government_service",
    AUDIT_ADMIN: "government_service",
    house.SCHOOL: "education",
    house.HOSPITAL: "mch_hospital",
}
"""Where the one demonstration account of a role sits, if the pack has that unit; else at the first that may hold it."""


class AccountBook:
    """Makes accounts and writes down how to log in with them: random passwords and TOTP secrets, in a file of mode
    0600 beside the home."""

    def __init__(self, path: Path, *, on: date) -> None:
        """`path`: of what was written before, if anything; `on`: from when roles are held."""
        self._path, self._on, self._labels = path, on, directory.role_labels()
        self.made: list[dict[str, str]] = json.loads(path.read_text("utf-8")) if path.exists() else []

    def make(self, role: str, unit: Organisation, username: str, name: str, area: str) -> Person:
        """One made-up person with one role over an area."""
        blank = Person(username=username, name=name, organisation=unit)
        password, secret = directory.first_password(blank), directory.new_secret()
        person = directory.make_person(
            audit.SYSTEM, username=username, name=name, unit=unit, password=password, demo=True, must_change=False
        )
        directory.grant(audit.SYSTEM, person, role, on=self._on, area=area)
        directory.set_codes(audit.SYSTEM, person, secret)
        # A stage that was undone may have left its account in the file.
        self.made = [one for one in self.made if one["username"] != username]
        self.made.append(
            {
                "role": role, "role_label": self._labels[role], "unit": unit.pk, "unit_label": unit.label,
                "username": username, "name": name, "password": password, "totp": secret,
            }
        )  # fmt: skip
        return person

    def write(self) -> None:
        """Put the file in place of the one before, whole."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(self.made, file, ensure_ascii=False, indent=1)
        part.replace(self._path)


def make(pack: Pack, path: Path, *, on: date) -> None:
    """Two people in the office and in statistics, a liaison and a leader for every reporting unit, one for other roles.

    Names say what they are.
    """
    path.unlink(missing_ok=True)
    labels, book = directory.role_labels(), AccountBook(path, on=on)

    def account(role: str, unit_id: str, username: str, name: str) -> None:
        unit = Organisation.objects.get(pk=unit_id)
        narrow = pack.organisations[unit_id].kind == "township"
        area = unit.area_id if narrow or pack.root_area is None else pack.root_area.code
        book.make(role, unit, username, name, area)

    units = list(pack.organisations.values())
    with transaction.atomic():
        for role in SINGLE:
            if where := _single(pack, role):
                account(role, where, role, f"演示·{labels[role]}")
        for role in (house.COMMITTEE_OFFICE, house.STATISTICS):
            if where := _single(pack, role):
                account(role, where, f"{role}2", f"演示·{labels[role]}负责人")
        kept = {k.keeper for k in pack.entries("registers", RegisterKind).values() if house.LIAISON in k.kept_by}
        reporters = sorted({r.reporter for r in pack.returns.values()} | {lead.lead for lead in pack.leads} | kept)
        for unit_id in reporters:
            if unit_id in pack.organisations:
                short = unit_id.replace(".", "-")
                label = pack.organisations[unit_id].short or pack.organisations[unit_id].label.zh
                account(house.LIAISON, unit_id, f"{short}-liaison", f"演示·{label}联络员")
                account(house.LEADER, unit_id, f"{short}-leader", f"演示·{label}分管领导")
        for unit_id in sorted(_inspecting(pack)):
            short, label = unit_id.replace(".", "-"), pack.organisations[unit_id].short
            account(house.LIAISON, unit_id, f"{short}-inspector", f"演示·{label}检查员")
            if unit_id not in reporters:
                account(house.LIAISON, unit_id, f"{short}-liaison", f"演示·{label}联络员")
        for unit in units:
            if unit.kind == "township":
                account(house.SUPERVISOR, unit.id, f"supervisor-{unit.area}", f"演示·{unit.short}督导员")
                account(house.VILLAGE_DIRECTOR, unit.id, f"village-{unit.area}", f"演示·{unit.short}儿童主任")
        held = {one["role"] for one in book.made}
        for role, unit_id in seats_of(pack).items():
            if role not in held:
                account(role, unit_id, role.replace("_", "-"), f"演示·{labels[role]}")
                if role in _releasing(pack):
                    account(role, unit_id, f"{role.replace('_', '-')}2", f"演示·{labels[role]}（复核）")
                if role in _scoring(pack):
                    account(role, unit_id, f"{role.replace('_', '-')}2", f"演示·{labels[role]}（第二人）")
    book.write()


def _single(pack: Pack, role: str) -> str:
    """Where the one account of a role sits: the unit of `SINGLE` where the role may be held there, else the first unit
    where it may be; empty where the pack has none."""
    kinds = all_roles(pack)[role].held_by
    fit = [unit.id for unit in pack.organisations.values() if fits(unit.kind, kinds)]
    return SINGLE[role] if SINGLE[role] in fit else next(iter(fit), "")


def seats_of(pack: Pack) -> dict[str, str]:
    """Role → the unit where its made-up person sits: as the pack's `demo/` says, else the first unit that may hold it.

    Raises ScenarioError where the demonstration seats a role in a unit that there is not or that may not hold it.
    """
    try:
        told = read_scenario(pack).group("people")
    except ScenarioError:  # a pack without a scenario of its own: its figures came from elsewhere
        told = {}
    seats: dict[str, str] = {}
    for id_ in sorted(set(told) - set(pack.roles)):
        raise ScenarioError(f"演示参数 people.{id_}：没有这个角色")
    for id_, role in pack.roles.items():
        fit = [u.id for u in pack.organisations.values() if fits(u.kind, role.held_by)]
        if id_ in told and told[id_] not in fit:
            raise ScenarioError(f"演示参数 people.{id_} 写的单位「{told[id_]}」没有，或者不是能有这个角色的单位")
        if fit:
            seats[id_] = str(told.get(id_, fit[0]))
    return seats


def _releasing(pack: Pack) -> set[str]:
    """The roles that release payments: what one makes another one releases."""
    return {role for kind in pack.entries("benefits", Benefit).values() for role in kind.releases}


def _scoring(pack: Pack) -> set[str]:
    """The roles whose people score apart: a score is compared with a second person's."""
    return {r for kind in pack.entries("documents", DocumentKind).values() if kind.apart for r in kind.recorded_by}


def _inspecting(pack: Pack) -> set[str]:
    """The units whose liaisons inspect by a checklist of the pack: a visit needs a second person of theirs."""
    kinds = all_roles(pack)[house.LIAISON].held_by
    lists = [c for c in pack.entries("checklists", Checklist).values() if house.LIAISON in c.inspected_by]
    named = {u for c in lists for u in c.units if u in pack.organisations}
    return {u for u in named if fits(pack.organisations[u].kind, kinds)}


def inspectors() -> dict[str, list[Person]]:
    """The made-up people who inspect, of each unit that has several of them, the first made first."""
    who = (house.LIAISON, house.COMMITTEE_OFFICE)
    found = Person.objects.filter(is_demo=True, is_active=True, assignments__role__in=who).distinct()
    out: dict[str, list[Person]] = {}
    for person in found.select_related("organisation").order_by("pk"):
        out.setdefault(str(person.organisation_id), []).append(person)
    return {unit: people for unit, people in out.items() if len(people) > 1}


def people(role: str) -> dict[str, Person]:
    """The first made-up person of a role in each unit, by the unit's id; in the order in which they were made."""
    found = Person.objects.filter(is_demo=True, is_active=True, assignments__role=role)
    out: dict[str, Person] = {}
    for person in found.select_related("organisation").order_by("pk"):
        out.setdefault(str(person.organisation_id), person)
    return out


def everyone(role: str) -> tuple[Person, ...]:
    """All made-up people of a role, the first made first."""
    found = Person.objects.filter(is_demo=True, is_active=True, assignments__role=role)
    return tuple(found.select_related("organisation").order_by("pk"))


def first(role: str) -> Person | None:
    """The first made-up person of a role, if there is one."""
    return next(iter(people(role).values()), None)
