"""A person who follows links alone, from the first page on: none is dead, none leads where the person may not go,
and every page has a heading and a way back.
"""

from __future__ import annotations

from collections import Counter, deque
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.urls import resolve
from django.utils import timezone

from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.demo import acting as demo
from website import returns_world as world
from website.addresses import MATRIX
from website.codes import codes_in
from website.measured import a_run
from website.role_ids import CaseRole, Role

pytestmark = pytest.mark.django_db
SAMPLES = 3
"""Pages of one address (a goal, a task …) that one person opens."""
WALKERS = (
    ("committee_office", Role.COMMITTEE_OFFICE), ("statistics", Role.STATISTICS), ("education", Role.LIAISON),
    ("education", Role.LEADER), ("township.141029100", Role.SUPERVISOR), ("mch_hospital", Role.HOSPITAL),
    ("committee_office", Role.AUDITOR),
    ("civil_affairs", CaseRole.CHILD_PROTECTION_OFFICER),
    ("government_service", Role.SYSTEM_ADMIN), ("government_service", Role.SECURITY_ADMIN),
    ("government_service", Role.AUDIT_ADMIN), ("third_party", Role.THIRD_PARTY_EVALUATOR),
)  # fmt: skip

OTHERWISE = {
    **dict.fromkeys(
        ("account.code", "account.enrol", "account.forgotten", "account.login", "account.logout"), "signing in and out"
    ),
    **dict.fromkeys(("portal.page",), "for everybody, without a login: tests/website/test_portal.py"),
    **dict.fromkeys(("records.request", "records.fetched"), "where a guardian asked: tests/website/test_requests.py"),
    **dict.fromkeys(
        ("fhir.metadata", "exchange.packages", "health.live", "health.ready", "rest.openapi"), "asked by machines"
    ),
    **dict.fromkeys(
        ("language", "forms.compute", "monitoring.recompute", "publishing.move", "publishing.prose", "returns.cells",
         "returns.lock", "returns.mapping", "returns.move", "returns.upload", "surveys.links"),
        "posted by a form or a page's script",
    ),
    **dict.fromkeys(("exchange.figures",), "where nodes below are registered: tests/website/test_exchange.py"),
    **dict.fromkeys(("monitoring.lineage", "monitoring.people", "monitoring.rows", "returns.cell"), "in the drawer"),
    **dict.fromkeys(
        ("acting.document_evidence", "acting.evidence", "inspections.fill", "inspections.photo",
         "inspections.draw", "inspections.draw_record", "inspections.paper",
         "registers.entry", "registers.change", "registers.card", "registers.review", "registers.marked",
         "records.add", "records.change", "records.correct", "records.growth", "records.looked", "records.one",
         "records.record", "records.vaccines", "records.eyes", "records.fitness", "records.sheet", "records.sheet_pdf",
         "records.ask", "records.consents", "records.slips", "records.known",
         "publishing.download", "publishing.progress", "publishing.report", "returns.preview", "returns.repaired",
         "surveys.answer", "surveys.answers", "surveys.correct", "surveys.export", "surveys.file",
         "surveys.fill", "surveys.one", "surveys.public", "records.far", "records.listed", "records.repaired",
         "mothers.one", "benefits.one", "benefits.file", "cases.one", "cases.open", "cases.print", "cases.step",
         "cases.document", "cases.look", "cases.round_unit", "cases.listed", "cases.listed_open", "cases.list_template",
         "mothers.add", "mothers.change", "mothers.looked"),
        "of things that this small site has none of: files, reports, surveys, a visit under way, children, entries",
    ),
}  # fmt: skip
"""Addresses that this walk does not come to, and why."""


class Links(HTMLParser):
    """Where a page's links lead, and what makes it a page: heading, menus, the text of its main part."""

    def __init__(self) -> None:
        super().__init__()
        self.to: list[str] = []
        self.tags: Counter[str] = Counter()
        self.text = ""
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.inside += tag == "main"
        where = dict(attrs).get("href")
        if tag == "a" and where is not None:
            self.to.append(where)

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "main"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text += data.strip()


def walk(client) -> tuple[list[str], Counter[str]]:
    """What is wrong on the way of one person, and how many pages of each address were opened."""
    wrong: list[str] = []
    opened: Counter[str] = Counter()
    seen, todo = {"/"}, deque([("", "/")])
    while todo:
        source, address = todo.popleft()
        name = resolve(urlsplit(address).path).view_name
        if opened[name] >= SAMPLES:
            continue
        opened[name] += 1
        response = client.get(address, follow=True)
        where = response.redirect_chain[-1][0] if response.redirect_chain else address
        if response.status_code != 200:
            wrong.append(f"{source} → {address}: {response.status_code}")
            continue
        if not response["Content-Type"].startswith("text/html") or "attachment" in response.get(
            "Content-Disposition", ""
        ):
            continue
        page = Links()
        page.feed(response.content.decode())
        wrong += [f"{address} shows {found}" for found in codes_in(response.content.decode(), monitoring.pack())]
        if page.tags["body"] and not (page.tags["h1"] and page.tags["nav"] and page.text):
            wrong.append(f"{source} → {address}: no heading, no menu or nothing on it")
        for to in page.to:
            there = urldefrag(urljoin(where, to))[0]
            if urlsplit(there).scheme or urlsplit(there).netloc or not there or there in seen:
                continue
            seen.add(there)
            todo.append((address, there))
    return wrong, opened


def test_every_link_that_a_person_is_shown_leads_to_a_page(make_person, browser_of):
    a_run()
    pack, on = monitoring.pack(), timezone.localdate()
    people = [make_person(unit, role) for unit, role in WALKERS]
    for unit in ("health", "civil_affairs"):
        make_person(unit, Role.LIAISON), make_person(unit, Role.LEADER)
    make_person("education", Role.LIAISON, "second-inspector")
    demo.stage(pack, on=on)
    world.opened()
    wrong: dict[str, list[str]] = {}
    counts = Counter[str]()
    for person, (unit, role) in zip(people, WALKERS, strict=True):
        found, opened = walk(browser_of(person))
        counts += opened
        if found:
            wrong[f"{unit} {role}"] = found
    print(f"{sum(counts.values())} pages of {len(counts)} addresses opened by links")
    assert wrong == {}
    unreached = {name for name, row in MATRIX.items() if row.get("method", "GET") == "GET"} - set(counts)
    assert unreached <= set(OTHERWISE), "a page that no link leads to"
