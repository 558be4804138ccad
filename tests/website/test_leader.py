"""The leader's first page: fields in two years, what got worse, who is late, a map of tiles, two townships."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.models import Run
from qingmiao.site.apps.returns.models import Filing
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.web.console.leader.doings import done, late
from qingmiao.site.web.console.leader.fields import CLASSES, fields
from qingmiao.site.web.console.leader.places import places
from qingmiao.site.web.console.leader.worse import moves
from website import returns_world as world
from website.acted import a_task
from website.measured import TOWNSHIPS, a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
IMR = "health.imr"


@pytest.fixture
def state(directory) -> api.LoadedRun:
    a_run()
    found = api.current()
    assert found is not None
    return found


def test_each_target_stands_in_one_class_of_its_field(state) -> None:
    shown = fields(state, 2023, 2022)
    assert shown.whole.total == len(state.pack.targets) == sum(shown.whole.counts)
    for k in range(len(CLASSES)):
        assert sum(row.counts[k] for row in shown.rows) == shown.whole.counts[k]
    for row in shown.rows:
        assert sum(n for _, _, n in row.parts) == row.total
        ends = [0, *(before + n for _, before, n in row.parts)]
        assert [before for _, before, _ in row.parts] == ends[:-1], "the parts of a bar follow each other"


def test_the_rate_is_told_only_where_enough_could_be_judged(state) -> None:
    assert 0 < fields(state, 2023, 2022).judged < len(state.pack.targets) / 2
    assert fields(state, 2023, 2022).rate == ""
    telling = state.pack.policy.model_copy(update={"rate_coverage": 0.01})
    able = replace(state, pack=replace(state.pack, policy=telling), _assessments={}, _findings={})
    rate = able.assessment(2023).rate
    assert fields(able, 2023, 2022).rate == f"{100 * rate.met / rate.monitored:.1f}"


def test_what_falls_back_is_named_and_may_be_chance(state) -> None:
    """Infant mortality fell every year: forwards it is better, backwards worse, and within what chance does."""
    ahead, back = moves(state, 2023, 2018), moves(state, 2018, 2023)
    assert IMR not in {m.row.value.indicator for m in ahead.worse if m.row.value}
    assert ahead.better >= 1
    (found,) = [m for m in back.worse if m.row.value and m.row.value.indicator == IMR]
    assert (found.before.text, found.row.value.text) == ("5.4", "6.0")
    assert found.chance, "5.4 lies within the interval of 60 deaths in 10 000"
    assert "随机波动" in found.said
    assert moves(state, 2023, 2023).worse == ()


def test_a_target_no_longer_met_comes_first(state, monkeypatch) -> None:
    findings = state.findings(2023)
    target = next(f.target for f in findings.targets if f.indicator == IMR)

    def with_verdict(year: int, verdict: str):
        told = state.findings(year)
        changed = tuple(replace(f, attainment=verdict) if f.target == target else f for f in told.targets)
        return replace(told, targets=changed)

    by_year = {2022: with_verdict(2022, "met"), 2023: with_verdict(2023, "not_met")}
    monkeypatch.setattr(state, "findings", by_year.get)
    first = moves(state, 2023, 2022).worse[0]
    assert (first.row.target.id, first.rank) == (target, 0)
    assert "由达标转为未达标" in first.said


def test_late_tasks_and_returns_of_a_unit_are_one_line_since_the_first(state, make_person) -> None:
    task = a_task(make_person, "health")
    Task.objects.filter(pk=task.pk).update(due_at=timezone.make_aware(datetime(2025, 5, 6, 12)))
    filing = world.opened("H101", due=date(2025, 4, 1))
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    (row,) = [r for r in late(Reach(office), on=TODAY) if r.unit == filing.unit.short]
    assert (row.tasks, row.returns, row.since) == (1, Filing.objects.filter(unit="health").count(), date(2025, 4, 1))
    other = make_person("education", Role.LIAISON)
    assert filing.unit.short not in {r.unit for r in late(Reach(other), on=TODAY)}
    on_the_day = late(Reach(office), on=date(2025, 4, 1))
    assert not any(r.returns for r in on_the_day), "a return is late from the day after its due date"


def test_what_was_done_counts_closed_tasks_of_the_year_in_reach(state, make_person) -> None:
    task, other = a_task(make_person, "health"), a_task(make_person, "education")
    Task.objects.filter(pk=task.pk).update(state="closed", closed_at=timezone.make_aware(datetime(2026, 1, 5, 12)))
    Task.objects.filter(pk=other.pk).update(state="closed", closed_at=timezone.make_aware(datetime(2025, 12, 31, 23)))
    office, liaison = make_person("committee_office", Role.COMMITTEE_OFFICE), make_person("education", Role.LIAISON)
    told = done(Reach(office), on=TODAY)
    assert (told.year, told.closed, [row.id for row, _ in told.lately]) == (2026, 1, [task.pk])
    assert done(Reach(liaison), on=TODAY).closed == 0
    assert done(Reach(liaison), on=TODAY - timedelta(days=90)).closed == 1


def test_the_map_takes_its_places_from_the_pack_and_says_when_it_has_none(state) -> None:
    shown = places(state, 2023, "", ("", ""))
    assert shown.placed
    assert shown.mapped.id == IMR, "the indicator with a township beyond the limits"
    assert {(x.place.column, x.place.row) for x in shown.tiles if x.code == TOWNSHIPS[0]} == {
        (state.pack.areas[TOWNSHIPS[0]].tile.column, state.pack.areas[TOWNSHIPS[0]].tile.row)
    }
    assert [x.code for x in shown.tiles if x.tone == "bad"] == [TOWNSHIPS[9]]
    bare = {**state.pack.areas, TOWNSHIPS[3]: state.pack.areas[TOWNSHIPS[3]].model_copy(update={"tile": None})}
    flow = places(replace(state, pack=replace(state.pack, areas=bare)), 2023, "", ("", ""))
    assert not flow.placed
    assert len({(x.place.column, x.place.row) for x in flow.tiles}) == len(TOWNSHIPS)


def test_two_townships_are_compared_those_asked_for_or_the_odd_one(state) -> None:
    shown = places(state, 2023, IMR, (TOWNSHIPS[2], TOWNSHIPS[1]))
    assert shown.pair == (TOWNSHIPS[2], TOWNSHIPS[1])
    (row,) = [r for r in shown.rows if r.indicator.id == IMR]
    assert (row.first.text, row.second.text, row.whole.text) == ("5.0", "5.0", "5.4")
    assert places(state, 2023, IMR, ("", "")).pair[0] == TOWNSHIPS[9]
    for nonsense in (("1", "2"), (TOWNSHIPS[1], TOWNSHIPS[1])):
        pair = places(state, 2023, "no.such", nonsense).pair
        assert pair[0] != pair[1]


def test_the_first_page_of_a_leader_is_the_overview(make_person, browser_of) -> None:
    assert Run.objects.count() == 0
    leader = browser_of(make_person("health", Role.LEADER))
    assert leader.get("/").headers["Location"] == "/overview/"
    assert leader.get("/overview/").status_code == 200, "also before the first run"
    a_run()
    page = leader.get(f"/overview/?year=2023&with=2022&a={TOWNSHIPS[4]}&b=x").content.decode()
    assert page.count('class="value"') > len(TOWNSHIPS), "numbers lead to their lineage"
    liaison = browser_of(make_person("health", Role.LIAISON))
    assert liaison.get("/").headers["Location"] == "/today/"
    for odd in ("year=abc&with=²", "with=2023&year=2023", "year=1&map=%s" % ("x" * 90)):
        assert leader.get(f"/overview/?{odd}").status_code == 200
