"""The work of every system that the plan's casework, supervision, registers, child records and statistics ask for is
two clicks from the first page of who does it: the first page's links, then the links of the pages they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest
from django.urls import reverse

from qingmiao.content.benefits import Benefit
from qingmiao.content.checklists import Checklist
from qingmiao.content.coverage import coverage
from qingmiao.content.documents import DocumentKind
from qingmiao.content.organisations import fits
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.records import RecordKind
from qingmiao.content.registers import RegisterKind
from qingmiao.content.roles import ANY_AREA_STAFF, ANY_STAFF, ANY_UNIT_STAFF, all_roles
from website.role_ids import Role

pytestmark = pytest.mark.django_db
KINDS = ("个案", "监管", "名册", "儿童档案", "统计")
PARTS = {
    "wall": "monitoring.wall", "returns": "returns.home", "warning": "monitoring.warnings", "task": "acting.tasks",
    "responsibility": "acting.responsibility", "fund": "acting.funds", "project": "acting.projects",
    "report": "publishing.reports",
}  # fmt: skip
"""Part of the site (`kept_in`) → its page."""
MOTHERS, CHILDREN = "mothers.list", "records.list"
MANY = (ANY_STAFF, ANY_AREA_STAFF, ANY_UNIT_STAFF)
Worker = tuple[str, str]
"""(unit, role)"""


class _Named(str):
    """A role of the content by its id, as `make_person` takes roles."""

    @property
    def value(self) -> str:
        return str(self)


class Anchors(HTMLParser):
    """Where a page's links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.to: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        where = dict(attrs).get("href")
        if tag == "a" and where is not None:
            self.to.add(where)


def seats(pack: Pack, roles: Iterator[str] | tuple[str, ...], units: tuple[str, ...] = ()) -> Iterator[Worker]:
    """For each role the first unit of the county (of `units`, where some are named) that may hold it."""
    every = all_roles(pack)
    for role in dict.fromkeys(roles):
        if role in MANY or role not in every:
            continue
        among = [pack.organisations[u] for u in units if u in pack.organisations] or pack.organisations.values()
        fit = [o for o in among if fits(o.kind, every[role].held_by) and o.area and o.area.startswith("1410")]
        yield from ((o.id, role) for o in fit[:1])


def work_of(pack: Pack, content: str) -> tuple[str, str, list[Worker]]:
    """(page, what stands behind its address, who does the work) of something that operates a system."""
    kind, _, id_ = content.partition(":")
    if kind == "programme":
        one = programmes_of(pack)[id_]
        opening = (r for s in one.steps if s.opens for r in s.roles)
        owning = (r for state in one.states.values() for r in state.owners)
        return reverse("cases.list"), f"programme={id_}", list(seats(pack, (*opening, *owning)))
    if kind == "register":
        book = pack.entries("registers", RegisterKind)[id_]
        workers = [*seats(pack, book.kept_by, (book.keeper,)), *seats(pack, book.entered_by)]
        return reverse("registers.entries", args=[id_]), "", workers
    if kind == "checklist":
        sheet = pack.entries("checklists", Checklist)[id_]
        return reverse("inspections.list"), f"checklist={id_}", list(seats(pack, sheet.inspected_by, sheet.units))
    if kind == "record":
        record = pack.entries("records", RecordKind)[id_]
        page = MOTHERS if record.subject == "mother" else CHILDREN
        return reverse(page), f"kind={id_}", list(seats(pack, record.recorded_by))
    if kind == "benefit":
        return reverse("benefits.list"), "", list(seats(pack, pack.entries("benefits", Benefit)[id_].pays))
    if kind == "document" or id_ in pack.entries("documents", DocumentKind):
        document = pack.entries("documents", DocumentKind)[id_]
        return reverse("acting.activities", args=[id_]), "", list(seats(pack, document.recorded_by))
    return reverse(PARTS[id_]), "", list(seats(pack, (Role.LIAISON, Role.COMMITTEE_OFFICE)))


COMMANDS = {"yearbook"}
"""Kinds of content whose work a command does: no page of the site leads there."""


def asked(address: str, page: str, behind: str) -> bool:
    """Whether a link leads to that page, with that behind it."""
    where, _, query = address.partition("?")
    return where == page and (not behind or behind in query.split("&"))


def links_of(browser: Any, address: str) -> set[str]:
    """Where the links of a page lead, from the root of the site."""
    answer = browser.get(address, follow=True)
    here = answer.redirect_chain[-1][0] if answer.redirect_chain else address
    page = Anchors()
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        page.feed(answer.content.decode())
    return {urljoin(here, to) for to in page.to}


def test_the_work_of_every_operated_system_is_two_clicks_from_the_first_page_of_who_does_it(
    make_person: Callable[..., Any], browser_of: Callable[..., Any], pack: Pack
) -> None:
    systems = [s for s in pack.systems.values() if s.kind in KINDS]
    served = coverage(pack).systems
    reached: dict[Worker, set[str]] = {}

    def two_clicks(worker: Worker) -> set[str]:
        if worker not in reached:
            browser = browser_of(make_person(worker[0], _Named(worker[1]), f"worker-{len(reached)}"))
            first = links_of(browser, "/")
            near = {a for a in first if a.startswith("/") and not a.startswith(("/static", "/account"))}
            reached[worker] = first.union(*(links_of(browser, a) for a in sorted(near)))
        return reached[worker]

    wrong, tried = [], 0
    for system in systems:
        for content in served[system.id].operated:
            if content.partition(":")[0] in COMMANDS:
                continue
            page, behind, workers = work_of(pack, content)
            if not workers:
                wrong.append(f"{system.id} {content}: nobody does it")
            for worker in workers:
                tried += 1
                if not any(asked(a, page, behind) for a in two_clicks(worker)):
                    wrong.append(f"{system.id} {content}: {worker}")
    print(f"{tried} ways of {len(reached)} people to the work of {len(systems)} systems")
    assert not wrong, "\n".join(wrong)
    assert len(systems) >= 130
