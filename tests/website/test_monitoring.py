"""Runs, pages and lineage of monitoring, on a small made-up county."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pyarrow as pa
import pytest
from django.utils import timezone

from qingmiao.content.indicators import Indicator
from qingmiao.content.reading import readers
from qingmiao.measure.recompute import compare_values
from qingmiao.measure.run import measure
from qingmiao.site import first_start
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring import api, kept, measuring, renewing
from qingmiao.site.apps.monitoring.models import Run, WarningRecord
from qingmiao.site.apps.monitoring.partitions import Files, keep
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.config import environment
from qingmiao.site.config.parts import Parts
from website import returns_world as world
from website.measured import RATES, TOWNSHIPS, a_run, collected
from website.role_ids import Role

pytestmark = pytest.mark.django_db


def with_cells(run: Run, changes: dict[str, float]) -> Files:
    """The run's files with some cells of the cold-chain return of 2023 changed."""
    from pathlib import Path

    import pyarrow.parquet as pq
    from django.conf import settings

    folder = Path(settings.HOME) / "facts"
    files = Files.from_json(run.tables)
    table = pq.read_table(folder / files.tables["return_cells"][2023])
    rows = table.to_pylist()
    for row in rows:
        if row["period"] == 2023 and f"{row['row']}.{row['column']}" in changes:
            row["value"] = changes[f"{row['row']}.{row['column']}"]
    file = keep(folder, "return_cells-2023", pa.Table.from_pylist(rows, schema=table.schema))
    return Files({**files.tables, "return_cells": {**files.tables["return_cells"], 2023: file}})


def test_the_first_run_measures_everything_and_is_audited(directory):
    run = a_run()
    state = api.current()
    assert state.text("health.imr", "141029", 2023) == f"{RATES[2023]:.1f}"
    assert state.text("health.cold_chain", "141029", 2023) == f"{100 * 18 / 20:.1f}"
    assert Event.objects.filter(action="monitoring.run", object_id=str(run.pk)).exists()


def test_measuring_what_changed_gives_what_measuring_all_gives(directory):
    before = a_run()
    tables = with_cells(before, {"02.1": 19.0})
    only = readers(api.pack(), ["return:H103"])
    assert "health.cold_chain" in only
    assert "health.imr" not in only
    changed = tables.changed(Files.from_json(before.tables))
    assert changed == {("return_cells", 2023)}
    run = measuring.make_run(api.pack(), tables, reason="test", before=before, changed=changed, returns=["H103"])
    assert tuple(run.measured) == only
    state = api.of_run(run.pk)
    assert compare_values(state.values, measure(api.pack(), state.snapshot).values) == []
    assert state.text("health.cold_chain", "141029", 2023) == f"{100 * 19 / 20:.1f}"
    assert run.changes == [["health.cold_chain", "141029", 2023, 100 * 18 / 20, 100 * 19 / 20]]


def test_combined_indicators_are_measured_with_their_parts():
    """Also those made of one that is itself made of a return's."""
    pack = api.pack()
    made = pack.indicators["welfare.gap_township"]

    def gap(id_: str, of: str) -> Indicator:
        definitions = tuple(
            d.model_copy(update={"combine": d.combine.model_copy(update={"of": of})}) for d in made.definitions
        )
        return made.model_copy(update={"id": id_, "definitions": definitions})

    added = {i.id: i for i in (gap("test.gap", "health.cold_chain"), gap("test.gap_of_gap", "test.gap"))}
    with_gaps = replace(pack, indicators=added | pack.indicators)
    plain = readers(pack, ["return:H103"])
    assert "health.cold_chain" in plain
    assert readers(with_gaps, ["return:H103"]) == (*added, *plain)
    assert set(readers(with_gaps, ["return:H101"])).isdisjoint(added)


def test_what_was_accepted_is_measured_once_whoever_asks_and_however_late(directory, make_person):
    """Two returns accepted before either job runs: one run measures both, the second job finds nothing to do."""
    api.load(audit.SYSTEM, api.pack(), collected(), accepted=True)
    assert api.refresh(audit.SYSTEM) is None, "nothing was accepted yet"
    shots = world.brought_to(world.opened("H101"), "accepted", make_person)
    fridge = world.brought_to(world.opened("H103"), "accepted", make_person)
    run = api.refresh(audit.SYSTEM)
    assert kept.taken(run.taken) == [
        kept.TakenPartition("return_cells", world.YEAR, f"filing:{shots.pk}", 1),
        kept.TakenPartition("return_cells", world.YEAR, f"filing:{fridge.pk}", 1),
    ]
    assert set(run.measured) == set(readers(api.pack(), ["return:H101", "return:H103"]))
    state = api.of_run(run.pk)
    assert compare_values(state.values, measure(api.pack(), state.snapshot).values) == []
    assert state.text("health.cold_chain", "141029", world.YEAR) not in ("", None)
    assert api.refresh(audit.SYSTEM) is None, "the second job makes no second run"


def test_a_correction_of_one_return_measures_only_its_readers(directory, make_person):
    api.load(audit.SYSTEM, api.pack(), collected(), accepted=True)
    fridge = world.brought_to(world.opened("H103"), "accepted", make_person)
    api.refresh(audit.SYSTEM)
    statistician = make_person("statistics", Role.STATISTICS, "statistician-2")
    returns.move(statistician, fridge.pk, "correct", seen=world.seen(fridge), reason="重新核对了台账")
    assert api.refresh(audit.SYSTEM) is None, "a correction that is only begun changes no number"
    fridge.refresh_from_db()
    world.brought_to(fridge, "accepted", make_person)
    run = api.refresh(audit.SYSTEM)
    assert [(t.source, t.version) for t in kept.taken(run.taken)] == [(f"filing:{fridge.pk}", 2)]
    assert set(run.measured) == set(readers(api.pack(), ["return:H103"]))
    number = api.pack().returns["H103"].form_no
    assert run.reason == f"新数据 {number} {world.YEAR} 年填报 {fridge.pk}（第 2 版）"


def test_a_warning_begins_lasts_and_ends(directory):
    run = a_run()
    pack, state = api.pack(), api.current()
    before = {w.key: w.number for w in api.warnings()}
    assert before, "the small county has no warning at all"
    renewing.renew_warnings(pack, state.values, run)
    assert {w.key: w.number for w in api.warnings()} == before  # the same ones, with their numbers
    empty = Run.objects.get(pk=run.pk)
    empty.values = "empty.parquet"  # what is assessed is kept by the name of the values, which never change
    renewing.renew_warnings(pack, state.values.slice(0, 0), empty)
    of_values = {key for key in before if any(key.split("|")[1:3])}  # of a target or an indicator
    assert of_values, "no warning is about a value: the test proves nothing"
    assert {w.key for w in api.warnings()} == set(before) - of_values
    ended = WarningRecord.objects.filter(gone_at__isnull=False)
    assert {w.pk for w in ended} == {before[key] for key in of_values}
    renewing.renew_warnings(pack, state.values, run)
    assert {w.key for w in api.warnings()} == set(before)


def test_a_warning_that_lasts_names_the_newest_run_and_says_what_is_true_now(directory):
    run = a_run()
    pack, state = api.pack(), api.current()
    held = WarningRecord.objects.filter(gone_at=None).exclude(kind__in=renewing.OF_RETURNS)
    told = dict(held.values_list("pk", "told"))
    old, misplaced = sorted(told)[:2]
    held.filter(pk=old).update(told="旧的说法")
    held.filter(pk=misplaced).update(areas=["999999"])
    later = Run.objects.get(pk=run.pk)
    later.pk, later._state.adding = None, True
    later.save()
    renewing.renew_warnings(pack, state.values, later)
    assert dict(held.values_list("pk", "told")) == told
    assert set(held.values_list("last_run", flat=True)) == {later.pk}
    assert not held.filter(areas=["999999"]).exists()


def test_the_lineage_of_a_value_names_its_cells_and_a_recomputation_is_equal(directory):
    a_run()
    state = api.current()
    told = api.lineage(state, "health.cold_chain", "141029", 2023)
    assert (told.numerator, told.denominator, told.value) == (18.0, 20.0, 100 * 18 / 20)
    assert [[(r.content["row"], r.content["value"]) for r in s.rows] for s in told.sides] == [
        [("02", "18")],
        [("01", "20")],
    ]
    result = api.recompute(state, "health.cold_chain")
    assert result.values > 0
    assert result.differences == ()


def test_a_recomputation_tells_a_value_that_was_changed(directory):
    a_run()
    state = api.current()
    column = state.values.column_names.index("value")
    changed = pa.array([v if v is None else v + 1e-9 for v in state.values["value"].to_pylist()])
    state.values = state.values.set_column(column, "value", changed)
    try:
        assert api.recompute(state, "health.cold_chain").differences != ()
    finally:
        from qingmiao.site.apps.monitoring.state import forget

        forget()


def test_the_wall_shows_every_goal_and_target_and_three_answers(directory, make_person, browser_of):
    a_run()
    page = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE)).get("/plan/?year=2023").content.decode()
    pack = api.pack()
    assert page.count('class="goal') == len(pack.goals) == 69
    assert all(f"/plan/goals/{g}" in page for g in pack.goals)
    assert all(t.label.zh in page for t in pack.targets.values())
    for words in ("未达标", "无法判定", "数据不足"):
        assert words in page


def test_the_wall_filters_by_answer_and_lead(directory, make_person, browser_of):
    a_run()
    client = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    page = client.get("/plan/?year=2023&attainment=not_met").content.decode()
    assert "婴儿死亡率" in page
    assert "合格碘盐食用率" not in page
    assert "没有符合条件" in client.get("/plan/?year=2023&q=没有这样的目标").content.decode()


def test_pages_ask_the_database_few_questions(directory, make_person, browser_of, django_assert_max_num_queries):
    a_run()
    client = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    for where in ("/plan/", "/indicators/health.imr", "/areas/141029100", "/warnings/"):
        client.get(where)
        with django_assert_max_num_queries(8):
            assert client.get(where).status_code == 200


def test_every_number_opens_its_lineage(directory, make_person, browser_of):
    a_run()
    client = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    import html
    import re

    page = client.get("/indicators/health.imr?year=2023").content.decode()
    links = {html.unescape(x) for x in re.findall(r'hx-get="(/lineage[^"]+)"', page)}
    assert len(links) > 10
    for link in sorted(links):
        got = client.get(link, headers={"HX-Request": "true"})
        assert got.status_code == 200, link
        assert "<html" not in got.content.decode()
        assert state_of(client) in got.content.decode()


def state_of(client) -> str:
    return api.current().run.snapshot


def test_rows_hide_who_and_each_sight_is_audited(directory, make_person, browser_of):
    a_run()
    client = browser_of(make_person("statistics", Role.STATISTICS))
    got = client.get("/rows?indicator=health.imr&area=141029&year=2023")
    assert got.status_code == 200
    assert Event.objects.filter(action="monitoring.rows", actor="statistics-statistics").count() == 1


def test_another_townships_rows_are_not_there_for_a_supervisor(directory, make_person, browser_of):
    a_run()
    client = browser_of(make_person("township.141029100", Role.SUPERVISOR))
    assert client.get(f"/rows?indicator=health.imr&area={TOWNSHIPS[0]}&year=2023").status_code == 200
    assert client.get(f"/rows?indicator=health.imr&area={TOWNSHIPS[1]}&year=2023").status_code == 404


def test_wrong_addresses_find_nothing(directory, make_person, browser_of):
    a_run()
    client = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    for where in (
        "/plan/goals/x",
        "/indicators/x",
        "/areas/1",
        "/lineage?indicator=health.imr&area=141029&year=x",
        "/lineage?indicator=x&area=141029&year=2023",
        "/lineage?indicator=health.imr&area=141029&year=1901",
        "/warnings/999999",
    ):
        assert client.get(where).status_code == 404, where


def test_before_the_first_run_the_pages_say_so(directory, make_person, browser_of):
    client = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    assert "还没有计算过指标" in client.get("/plan/").content.decode()
    assert client.get("/indicators/health.imr").status_code == 404


def test_overdue_returns_follow_the_clock_and_not_the_last_run(directory, make_person, monkeypatch):
    """A return becomes overdue, and is submitted, while no run is made: its warning begins, counts its days, and
    ends.
    """
    a_run()
    runs = Run.objects.count()
    filing = world.opened("H103")
    due = filing.due_date

    def on(day: date) -> list[api.KeptWarning]:
        moment = timezone.make_aware(datetime.combine(day, time(9)))
        monkeypatch.setattr(timezone, "now", lambda: moment)
        api.follow_the_clock()
        return [w for w in api.warnings() if w.of_returns and w.year == world.YEAR]

    assert on(due) == []
    (first,) = on(due + timedelta(days=1))
    assert first.told.endswith("，已逾期 1 天")
    (later,) = on(due + timedelta(days=30))
    assert (later.number, later.told) == (first.number, first.told.replace("逾期 1 天", "逾期 30 天"))
    page = found_return(make_person, filing.pk)
    assert page.late == 30, "the page of the return counts other days than its warning"
    world.brought_to(filing, "submitted", make_person)
    assert [w.kind for w in on(due + timedelta(days=31))] == ["报表迟报"]
    assert api.warning(first.number).gone_at is not None
    assert Run.objects.count() == runs


def found_return(make_person, number: int) -> returns.FilingView:
    return returns.found(Reach(make_person("statistics", Role.STATISTICS)), number)


@pytest.mark.parametrize(("mode", "told"), [("demo", ["没有演示数据"]), ("test", [])])
def test_a_demonstration_without_data_says_that_it_has_no_figures(mode, told, tmp_path):
    notes: list[str] = []
    given = environment.read({"QINGMIAO_MODE": mode, "QINGMIAO_HOME": str(tmp_path)})
    assert not first_start.FirstStart(given, None, Parts(notes.append)).figures()
    assert [note.partition("，")[0] for note in notes] == told


def test_the_newest_year_is_one_that_most_indicators_have_however_many_groups_one_of_them_has():
    asked = [i.id for i in api.pack().indicators.values() if not i.operation][:4]
    work = [i.id for i in api.pack().indicators.values() if i.operation][:9]
    rows = [(i, 2025, 1.0) for i in asked] + [(asked[0], 2026, float(n)) for n in range(50)] + [(asked[1], 2026, None)]
    rows += [(i, 2026, 1.0) for i in work]  # counts of work never make a year
    names, years, values = zip(*rows, strict=True)
    table = pa.table({"indicator": names, "year": pa.array(years, pa.int32()), "value": pa.array(values, pa.float64())})
    assert measuring.newest_year(api.pack(), table) == 2025
    more = pa.table({"indicator": [asked[1]], "year": pa.array([2026], pa.int32()), "value": [1.0]})
    assert measuring.newest_year(api.pack(), pa.concat_tables([table, more])) == 2026
