"""The year that somebody has chosen is kept: by the menu, by every link and filter, and by the page after a step."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from qingmiao.flow import house
from qingmiao.site.apps.monitoring import api
from qingmiao.site.web.ui import years
from website import returns_world as world
from website.acted import a_task
from website.measured import a_run

pytestmark = pytest.mark.django_db
YEAR = 2022
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')
SELECTOR = re.compile(r'<select id="f-year" name="year" data-submit>(.*?)</select>', re.DOTALL)
WITHOUT = {
    "account.password": "one's own account",
    "account.sessions": "one's own account",
    "exchange.home": "packages, each with its day",
    "help.topics": "what one does in every year",
    "search.page": "finds things of every year",
    "acting.task": "one task, from its opening to its end",
    "acting.task_new": "a task begins today",
    "cases.list": "what stands open, whenever it was opened",
    "cases.choose": "a case begins today",
    "cases.open": "a case begins today",
    "cases.round": "who is checked as of today, each a year after the last check",
    "cases.unsealings": "two people for one case, of whatever year",
    "inspections.draws": "records of drawings, each with its day",
    "inspections.new": "a visit is planned from today on",
    "inspections.standing": "what waits and what is late today",
    "inspections.week": "chosen by week",
    "registers.list": "what is on the registers now",
    "registers.map": "what is on the register now",
    "today": "what waits today",
    "registers.entries": "what is on the register now; an earlier day is chosen on the entry",
    "monitoring.warning": "one warning, of the year that it says",
    "notices.inbox": "what one has been told, in the order of time",
    "returns.filing": "one return, of the year that it is for",
    "returns.history": "one return, of the year that it is for",
    "returns.open": "a year that is to be opened is typed, not chosen among those that are",
    "surveys.new": "a survey is put together with its own days",
}
"""The pages without a selector, and why. They keep the year for the pages that have one."""


def of_year(address: str) -> list[str]:
    return parse_qs(urlsplit(unescape(address)).query).get("year", [])


def test_an_office_that_has_chosen_a_year_finds_it_on_every_page_that_a_link_leads_to(
    directory, make_person, browser_of
):
    a_run()
    task = a_task(make_person, "education")
    filing = world.opened("H103")
    client = browser_of(make_person("committee_office", house.COMMITTEE_OFFICE))
    left, seen, lost, unchosen = [f"/?year={YEAR}"], {}, [], []
    # Of other years, so no list of the chosen one leads there; a link kept or a search does.
    own = (f"/tasks/{task.pk}", f"/warnings/{api.warnings()[0].number}", f"/returns/{filing.pk}")
    left += [f"{address}?year={YEAR}" for address in own]
    while left:
        address = left.pop()
        name = resolve(urlsplit(address).path).view_name
        if name in seen:
            continue
        seen[name] = address
        answer = client.get(address)
        if answer.status_code == 302:
            left.append(answer["Location"])
            lost += [(address, answer["Location"])] if not of_year(answer["Location"]) else []
            continue
        if not answer.get("Content-Type", "").startswith("text/html") or answer.streaming:
            continue
        assert answer.status_code == 200, address
        text = answer.content.decode()
        links = [x for x in LINK.findall(text) if x.startswith(("/", "?"))]
        links = [x for x in links if not x.endswith("year=")]  # to the same list of every year
        lost += [(address, link) for link in links if not of_year(link)]
        chosen = re.findall(r"<option selected>(\d+)</option>", "".join(SELECTOR.findall(text)))
        if name not in WITHOUT and chosen != [str(YEAR)]:
            unchosen.append((name, chosen))
        left += [unescape(x) for x in links if x.startswith("/") and of_year(x) == [str(YEAR)]]
    assert lost == []
    assert dict(unchosen) == {}
    assert len(seen) > 25, sorted(seen)
    assert {"monitoring.wall", "returns.home", "acting.tasks", "surveys.list", "leader.overview"} <= set(seen)
    assert set(WITHOUT) <= set(seen), "no link leads there: drop its row"


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ('<a href="/tasks/">', '<a href="/tasks/?year=2022">'),
        ('<a class="x" href="/tasks/7#more">', '<a class="x" href="/tasks/7?year=2022#more">'),
        ('<a href="?state=late&amp;after=3">', '<a href="?state=late&amp;after=3&amp;year=2022">'),
        ('<a href="/plan/?a=1&amp;year=2021">', '<a href="/plan/?a=1&amp;year=2021">'),
        ('<a href="/plan/?midyear=1">', '<a href="/plan/?midyear=1&amp;year=2022">'),
        ('<a href="#top">', '<a href="#top">'),
        ('<a href="https://example.org/">', '<a href="https://example.org/">'),
        ('<link rel="icon" href="/static/x.svg">', '<link rel="icon" href="/static/x.svg">'),
        (
            '<form class="f" method="get"><input name="q"></form>',
            '<form class="f" method="get"><input type="hidden" name="year" value="2022"><input name="q"></form>',
        ),
        ('<form method="get"><select name="year"></select></form>',) * 2,
        ('<form method="post"><input name="q"></form>',) * 2,
    ],
)
def test_what_a_link_and_a_filter_keep(page, kept):
    asked = RequestFactory().get("/x", {"year": "2022"})
    assert years.keep(asked, HttpResponse(page)).content.decode() == kept
    assert years.keep(RequestFactory().get("/x"), HttpResponse(page)).content.decode() == page


@pytest.mark.parametrize("asked", ["", "x", "20222", "1899", "-2022", "²", "2022a", "0"])
def test_what_is_no_year_is_kept_nowhere(asked):
    request = RequestFactory().get("/x", {"year": asked})
    assert years.chosen(request) == 0
    assert years.keep(request, HttpResponse('<a href="/y">')).content == b'<a href="/y">'


def test_a_step_leads_on_with_the_year_and_other_files_are_left_alone():
    asked = RequestFactory().post("/x?year=2022")
    for where, kept in (("/y", "/y?year=2022"), ("/y?a=1#b", "/y?a=1&year=2022#b"), ("/y?year=2020", "/y?year=2020")):
        answer = HttpResponse(status=302, headers={"Location": where})
        assert years.keep(asked, answer)["Location"] == kept
    for elsewhere in ("https://example.org/", "//example.org/"):
        answer = HttpResponse(status=302, headers={"Location": elsewhere})
        assert years.keep(asked, answer)["Location"] == elsewhere
    table = HttpResponse('<a href="/y">', content_type="text/csv")
    assert years.keep(asked, table).content == b'<a href="/y">'


@pytest.mark.parametrize("page", ["/tasks/?state=all&queue=reach"])
def test_a_list_shows_the_year_that_is_chosen(directory, make_person, browser_of, page):
    task = a_task(make_person, "education")
    client, due = browser_of(make_person("committee_office", house.COMMITTEE_OFFICE)), task.due_at.year
    assert task.title in client.get(page).content.decode()
    assert task.title in client.get(f"{page}&year={due}").content.decode()
    assert task.title not in client.get(f"{page}&year={due + 1}").content.decode()
