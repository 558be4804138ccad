"""The door of children's files: register, correct, move, relate, record, merge; what pages show of them.

Every write goes through `create` or `perform` and names the version that was seen; pages get dataclasses and name
children and records by their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from qingmiao.content.base import Label
from qingmiao.content.organisations import ATTENDED, narrowed
from qingmiao.content.records import Subject
from qingmiao.flow import Step
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError, Seen
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import about as about
from qingmiao.site.apps.records import day as day
from qingmiao.site.apps.records import exchange as exchange
from qingmiao.site.apps.records import (
    exposure,
    given,
    kinds,
    list_out,
    list_showing,
    lists,
    looking,
    merging,
    purposes,
    showing,
    typed,
    words,
)
from qingmiao.site.apps.records import hearing as hearing
from qingmiao.site.apps.records import rekeying as rekeying
from qingmiao.site.apps.records import sealing as sealing
from qingmiao.site.apps.records.as_known import known_on
from qingmiao.site.apps.records.behind import behind, counts_people, may_ask
from qingmiao.site.apps.records.by_number import is_number
from qingmiao.site.apps.records.charging import ChargeRow, charges, end_charge, give_charge, may_charge
from qingmiao.site.apps.records.charging import people as charge_people
from qingmiao.site.apps.records.doors import child_flow
from qingmiao.site.apps.records.enrolled import attending
from qingmiao.site.apps.records.entering import RecordEntry, correct, entry, whose_of, withdraw, write
from qingmiao.site.apps.records.exchange import CHILD_SYSTEM, ChildSaid, FindingSaid, RecordSaid, RelativeSaid
from qingmiao.site.apps.records.eyes import eye_page
from qingmiao.site.apps.records.fitness import fitness_page
from qingmiao.site.apps.records.given import ClassGiven, IdentityGiven, RelativeGiven, StayGiven
from qingmiao.site.apps.records.growth import growth_page
from qingmiao.site.apps.records.list_showing import ListPage
from qingmiao.site.apps.records.listing import AGES, ChildRow, areas, kinds_listed, listed, search, states
from qingmiao.site.apps.records.lists import may_upload
from qingmiao.site.apps.records.looking import break_glass, reveal
from qingmiao.site.apps.records.mothers import api as mothers
from qingmiao.site.apps.records.mothers import given as mother_given
from qingmiao.site.apps.records.mothers import looking as mother_looking
from qingmiao.site.apps.records.once import reading
from qingmiao.site.apps.records.pairs import PairRow, alike, decide_pair, may_settle, pairs
from qingmiao.site.apps.records.parts import parts
from qingmiao.site.apps.records.privacy import api as privacy
from qingmiao.site.apps.records.registering import may_register, register
from qingmiao.site.apps.records.sealing import person_mark
from qingmiao.site.apps.records.sheet import sheet
from qingmiao.site.apps.records.sheet_pdf import sheet_pdf
from qingmiao.site.apps.records.showing import FilePage, RecordPage, identity_history, looked, page_of, record_page
from qingmiao.site.apps.records.slips import slip_page
from qingmiao.site.apps.records.twice import LikelyFile
from qingmiao.site.apps.records.vaccines import CardPage, card
from qingmiao.site.apps.records.worklists import COUNTED, LISTS, WorkPage, next_row, work_page

__all__ = [
    "AGES",
    "CHILD_SYSTEM",
    "COUNTED",
    "LISTS",
    "AbsentError",
    "CardPage",
    "ChargeRow",
    "ChildRow",
    "ChildSaid",
    "Choices",
    "ClassGiven",
    "ConflictError",
    "FilePage",
    "FindingSaid",
    "IdentityGiven",
    "LikelyFile",
    "ListPage",
    "NotAllowedError",
    "PairRow",
    "RecordEntry",
    "RecordPage",
    "RecordSaid",
    "RelativeGiven",
    "RelativeSaid",
    "StayGiven",
    "Subject",
    "WorkPage",
    "alike",
    "amend",
    "areas",
    "attending",
    "behind",
    "break_glass",
    "card",
    "charge_people",
    "charges",
    "choices",
    "correct",
    "counts_people",
    "decide_pair",
    "end_charge",
    "entry",
    "entry_of",
    "exchange",
    "eye_page",
    "fitness_page",
    "flow",
    "give_charge",
    "given",
    "growth_page",
    "hearing",
    "identity_history",
    "is_number",
    "kinds_listed",
    "known_on",
    "list_out",
    "list_showing",
    "listed",
    "lists",
    "looked",
    "looking_at_mothers",
    "looking_roles",
    "may_ask",
    "may_charge",
    "may_register",
    "may_settle",
    "may_upload",
    "mother_given",
    "mother_looking",
    "mothers",
    "move",
    "next_row",
    "page_of",
    "pairs",
    "parts",
    "person_mark",
    "privacy",
    "purpose_ids",
    "reading",
    "receivers",
    "record_kinds",
    "record_page",
    "record_steps",
    "register",
    "rekeying",
    "reveal",
    "search",
    "sheet",
    "sheet_pdf",
    "slip_page",
    "states",
    "steps",
    "typed",
    "typed_identity",
    "withdraw",
    "work_page",
    "write",
]  # fmt: skip

looking_roles = kinds.looking
looking_at_mothers = kinds.looking_at_mothers
record_kinds = kinds.kinds
flow = child_flow
purpose_ids = purposes.daily
Pairs = tuple[tuple[str, Label], ...]


@dataclass(frozen=True)
class Choices:
    """What may be chosen on the forms of a file: (what is stored, words)."""

    sexes: Pairs
    certainties: Pairs
    kinships: Pairs
    grades: Pairs
    areas: tuple[tuple[str, str], ...]
    schools: tuple[tuple[str, str], ...]


def choices(reach: Reach) -> Choices:
    """What may be chosen by this person."""
    rows = Organisation.objects.filter(is_active=True, kind__in=ATTENDED)
    return Choices(
        words.options("sex"), tuple(words.CERTAINTY.items()), words.options("kinship"), words.options("grade"),
        areas(reach), tuple(rows.order_by("path").values_list("pk", "label")),
    )  # fmt: skip


def receivers(reach: Reach) -> tuple[tuple[str, str], ...]:
    """(id, name) of the units to which a file may be handed over: those where a role that keeps files may be held."""
    exposure.sights(reach)
    keeping = (site_pack.pack().roles[role].held_by for role in kinds.roles_that(lambda rule: rule.keeps))
    rows = Organisation.objects.filter(is_active=True, kind__in=narrowed(k for held in keeping for k in held))
    return tuple(rows.order_by("path").values_list("pk", "label"))


def steps(reach: Reach, number: int) -> tuple[Step, ...]:
    """What this person may do with a child's file now."""
    return access.steps(reach, exposure.get(exposure.sights(reach), number))


def record_steps(reach: Reach, number: int) -> frozenset[str]:
    """What this person may do with a record now, by the steps' names."""
    record = showing.record_of(reach, number)
    try:
        number, subject = whose_of(record)
        entry(reach, number, record.kind, subject=subject)
    except AbsentError:
        return frozenset()
    return frozenset(s.name for s in access.steps(reach, record))


def entry_of(reach: Reach, record: int) -> RecordEntry:
    """The form of a record that is to be corrected."""
    found = showing.record_of(reach, record)
    number, subject = whose_of(found)
    return entry(reach, number, found.kind, record=record, subject=subject)


def move(reach: Reach, number: int, step: str, *, version: int, said: Mapping[str, Any] | None = None) -> None:
    """Take a step with a file: correct, relate, move, hand over, merge …; `said`: what the step asks for, as `given`
    reads it. AbsentError where the file or the step is not this person's."""
    of = exposure.sights(reach)
    child = exposure.get(of, number)
    if step == "merge" and said is not None:
        exposure.get(of, int(said.get("into") or 0))  # only files that this person sees
    with transaction.atomic():
        if step in ("merge", "unmerge"):
            merging.one_at_a_time()
        access.perform(reach, child, step, Seen("", version), said)


def amend(reach: Reach, number: int, *, version: int, identity: IdentityGiven, reason: str) -> None:
    """Correct who a child is; the version before stays in the file's history."""
    move(reach, number, "amend", version=version, said={"identity": identity, "reason": reason})


def typed_identity(reach: Reach, number: int) -> IdentityGiven | None:
    """Who a child is, for the form that corrects it: numbers in full, and so the sight is written down. None for who
    may not correct it."""
    child = exposure.get(exposure.sights(reach), number)
    if not any(s.name == "amend" for s in access.steps(reach, child)):
        return None
    used = exposure.sights(reach).purposes(child)
    looking.revealed(reach, child, "number、certificate", "更正身份信息", used)
    return IdentityGiven(
        child.name, child.sex, child.birth_date, child.birth_certainty, child.papers,
        sealing.opened(sealing.CHILD, sealing.NUMBER, child.pk, child.number_sealed),
        sealing.opened(sealing.CHILD, sealing.CERTIFICATE, child.pk, child.certificate_sealed),
        tuple(child.former_names),
    )  # fmt: skip
