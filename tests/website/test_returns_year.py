"""A year of returns: opening, reminders, completeness and timeliness, first pages; corrections; accepted returns as
facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.folder import Collected, ReturnStatus, cells_table
from qingmiao.collect.returns import ReturnCell as ReadCell
from qingmiao.content.deadlines import DeadlineSetting
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import api, pack_returns
from qingmiao.site.apps.returns.models import Cell, Collection, Filing, Reminder, Upload, Version
from qingmiao.site.demo import returns as demo
from website import returns_world as world
from website.role_ids import Role

pytestmark = pytest.mark.django_db
TOWNSHIPS = 10


def test_opening_makes_a_return_for_every_unit_and_area_once(directory):
    due = {"H101": date(2024, 10, 25), "W301": date(2025, 1, 30)}
    assert api.open_collections(audit.SYSTEM, 2024, due) == 1 + TOWNSHIPS
    assert api.open_collections(audit.SYSTEM, 2024, due) == 0
    assert Version.objects.count() == 1 + TOWNSHIPS
    assert set(Filing.objects.filter(return_id="W301").values_list("unit", flat=True)) == {"civil_affairs"}
    api.open_collections(audit.SYSTEM, 2024, {"H101": date(2024, 11, 1)})
    assert (
        Filing.objects.get(return_id="H101").due_date
        == Collection.objects.get(return_id="H101").due_date
        == date(2024, 11, 1)
    )


@pytest.mark.parametrize("typed", ["²", "-1", "12345678901234567890", "x", ""])
def test_a_number_in_an_address_that_is_none_of_ours_breaks_no_page(make_person, browser_of, typed):
    world.opened()
    statistics = browser_of(make_person("statistics", Role.STATISTICS))
    for address in ("/returns/?after=", "/returns/calendar?year=", "/returns/open?year="):
        assert statistics.get(f"{address}{typed}").status_code == 200
    assert statistics.post("/returns/lock", {"year": typed}).status_code == 302


def test_opening_by_the_page(make_person, browser_of):
    office = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    page = office.get("/returns/open?year=2030")
    assert "2030年" in page.content.decode()
    assert office.post("/returns/open", {"year": "2030", "return": ["H103"], "due:H103": "x"}).status_code == 400
    assert office.post("/returns/open", {"year": "2030"}).status_code == 400
    chosen = {"year": "2030", "return": ["H103"], "due:H103": "2031-01-30"}
    assert office.post("/returns/open", chosen).status_code == 200
    assert not Filing.objects.filter(year=2030).exists()
    assert office.post("/returns/open", chosen | {"do": "open"}).status_code == 302
    assert Filing.objects.get(year=2030).due_date == date(2031, 1, 30)


REMINDED = {14: "soon", 7: "soon", 1: "soon", 0: "soon", -1: "overdue", -8: "overdue", 20: None, 5: None, -2: None}
"""Days before the due date → the reminder of that day."""


@pytest.mark.parametrize(("days_before", "kind"), list(REMINDED.items()))
def test_reminders_on_their_days_and_once(make_person, days_before, kind):
    filing = world.opened()
    day = filing.due_date - timedelta(days=days_before)
    assert api.remind(audit.SYSTEM, on=day) == (1 if kind else 0)
    assert api.remind(audit.SYSTEM, on=day) == 0
    assert [r.kind for r in Reminder.objects.order_by("pk")] == ([kind] if kind else [])


def test_the_days_of_reminders_are_content(make_person, monkeypatch):
    filing, pack = world.opened(), pack_returns.pack()
    told = pack.deadlines["returns.filing"].set_to(
        DeadlineSetting.model_validate({"warn": [{"value": 2}], "escalate": []})
    )
    changed = replace(pack, deadlines=pack.deadlines | {told.id: told})
    monkeypatch.setattr(pack_returns, "pack", lambda: changed)
    made = {n: api.remind(audit.SYSTEM, on=filing.due_date - timedelta(days=n)) for n in (7, 2, 0, -1)}
    assert made == {7: 0, 2: 1, 0: 0, -1: 0}


def test_what_was_handed_in_is_not_reminded_of(make_person):
    filing = world.brought_to(world.opened(), "submitted", make_person)
    assert api.remind(audit.SYSTEM, on=filing.due_date) == 0


def test_completeness_and_timeliness(make_person):
    """Four townships of ten: two in time, one late, one accepted in time; the due date has passed for all."""
    api.open_collections(audit.SYSTEM, 2024, {"W301": date(2025, 1, 30)})
    some = list(Filing.objects.order_by("area"))
    for filing, day in zip(some[:4], (20, 30, 31, 10), strict=False):
        at = timezone.make_aware(datetime(2025, 1, day, 23, 30))
        Filing.objects.filter(pk=filing.pk).update(submitted_at=at, state="submitted")
    Filing.objects.filter(pk=some[3].pk).update(accepted_version=1, state="accepted")
    (found,) = api.figures(Filing.objects.all(), "return_id", on=date(2025, 3, 1))
    assert (found.key, found.filings, found.submitted, found.on_time, found.accepted, found.overdue) == (
        "W301",
        10,
        4,
        3,
        1,
        6,
    )
    assert found.completeness == 100 * 4 / 10
    assert found.timeliness == 100 * 3 / 10
    (early,) = api.figures(Filing.objects.all(), "unit", on=date(2025, 1, 15))
    assert (early.key, early.timeliness, early.overdue) == ("civil_affairs", 100 * 3 / 4, 0)


def test_each_role_finds_its_own_work(make_person, browser_of):
    filing = world.brought_to(world.opened(), "submitted", make_person)
    liaison, leader, statistician = world.people(make_person)
    found = {p: browser_of(p).get("/returns/").content.decode() for p in (liaison, leader, statistician)}
    link = f'href="/returns/{filing.pk}"'
    assert "待单位领导签发" in found[liaison]
    assert "待您签发" in found[leader]
    assert link in found[leader]
    assert link not in found[statistician]
    api.move(leader, filing.pk, "sign", seen=world.seen(filing))
    page = browser_of(statistician).get("/returns/").content.decode()
    assert "待您审核" in page
    assert link in page
    stranger = make_person("education", Role.LIAISON)
    assert link not in browser_of(stranger).get("/returns/").content.decode()
    assert browser_of(stranger).get("/returns/calendar").status_code == 200


@pytest.mark.parametrize(
    ("path", "role", "unit", "queries"),
    [
        ("/returns/", Role.LIAISON, "civil_affairs", 8),
        ("/returns/", Role.STATISTICS, "statistics", 11),
        ("/returns/calendar?year=2024", Role.COMMITTEE_OFFICE, "committee_office", 10),
    ],
)
def test_lists_ask_the_database_equally_often_however_long_they_are(
    make_person, browser_of, django_assert_num_queries, path, role, unit, queries
):
    person = make_person(unit, role)
    browser = browser_of(person)
    for return_ in ("W301", "V501", "H101", "H102"):
        api.open_collections(audit.SYSTEM, 2024, {return_: date(2025, 1, 30)})
    Filing.objects.filter(return_id="W301", area__gte="141029104").update(state="signed")
    browser.get(path)
    with django_assert_num_queries(queries):
        assert browser.get(path).status_code == 200


def test_the_audit_queue_has_keyset_pages(make_person, browser_of, monkeypatch):
    from qingmiao.site.apps.returns import showing

    monkeypatch.setattr(showing, "PAGE", 4)
    api.open_collections(audit.SYSTEM, 2024, {"W301": date(2025, 1, 30)})
    Filing.objects.update(state="signed")
    browser = browser_of(make_person("statistics", Role.STATISTICS))
    seen, after = [], None
    while after != "":
        page = browser.get("/returns/", {"after": after or ""})
        seen += [f.pk for f in page.context["work"].queue]
        after = page.context["work"].following
    assert len(seen) == len(set(seen)) == TOWNSHIPS


def test_a_correction_is_a_new_version_and_says_what_it_changes(make_person, browser_of):
    """01.2 of 1000 becomes 700: the indicator that is [01.2] / [01.1] goes from 90.0 to 70.0; acceptance replaces the
    facts."""
    liaison, _, statistician = world.people(make_person)
    filing = world.brought_to(world.opened(), "locked", make_person)
    with pytest.raises(api.NotAllowedError, match="原因"):
        api.move(statistician, filing.pk, "correct", seen=world.seen(filing))
    api.move(statistician, filing.pk, "correct", seen=world.seen(filing), reason="重复统计了二次检查的人")
    filing.refresh_from_db()
    assert (filing.state, filing.version, filing.accepted_version) == ("draft", 2, 1)
    assert api.changes(filing) == []
    api.save(liaison, filing.pk, api.Edits(filing.revision, cells={"01.2": "700", "01.3": "600"}))
    filing.refresh_from_db()
    assert [(c.code, c.was, c.now) for c in api.changes(filing)] == [("01.2", 900, 700), ("01.3", 800, 600)]
    found = {e.indicator.id: (e.was, e.now) for e in api.effects(filing, api.changes(filing))}
    assert found["health.birth_defects.premarital"] == (900 / 1000 * 100, 700 / 1000 * 100)
    page = browser_of(liaison).get(f"/returns/{filing.pk}").content.decode()
    assert "重复统计了二次检查的人" in page
    assert "90.0%" in page
    assert "70.0%" in page
    assert _accepted("01.2") == [900]
    world.brought_to(filing, "accepted", make_person)
    assert _accepted("01.2") == [700]
    assert list(Cell.objects.filter(code="01.2").order_by("version").values_list("value", flat=True)) == [
        900,
        700,
    ]
    origin = api.cell_origin("H101", "141029", 2024, "01.2")
    assert (origin.version, origin.filled_by, origin.accepted_by, origin.correction) == (
        2, liaison.name, statistician.name, "重复统计了二次检查的人",
    )  # fmt: skip


@pytest.mark.parametrize("before", ["accepted", "locked"])
def test_a_correction_begun_by_mistake_is_withdrawn(before, make_person):
    """The accepted figures stand again, as accepted or locked as they were, and another correction can follow."""
    liaison, _, statistician = world.people(make_person)
    filing = world.brought_to(world.opened(), before, make_person)
    with pytest.raises(api.NotAllowedError):
        api.move(statistician, filing.pk, "abandon", seen=world.seen(filing), reason="点错了一张表")
    for value in ("700", "600"):
        api.move(statistician, filing.pk, "correct", seen=world.seen(filing), reason="重复统计了二次检查的人")
        filing.refresh_from_db()
        api.save(liaison, filing.pk, api.Edits(filing.revision, cells={"01.2": value}))
        filing.refresh_from_db()
        revision = filing.revision
        api.move(statistician, filing.pk, "abandon", seen=world.seen(filing), reason="点错了一张表")
        filing.refresh_from_db()
        assert (filing.state, filing.version, filing.accepted_version) == (before, 1, 1)
        assert filing.revision > revision
        assert _accepted("01.2") == [900]
        assert list(Cell.objects.filter(code="01.2").order_by("pk").values_list("value", flat=True)) == [900]


def test_a_first_draft_is_not_withdrawn_and_no_stranger_withdraws(make_person, browser_of):
    liaison, _, statistician = world.people(make_person)
    filing = world.opened()
    with pytest.raises(api.NotAllowedError, match="第一版"):
        api.move(liaison, filing.pk, "abandon", seen=world.seen(filing), reason="点错了一张表")
    assert 'value="abandon"' not in browser_of(liaison).get(f"/returns/{filing.pk}").content.decode()
    filing = world.brought_to(filing, "accepted", make_person)
    api.move(liaison, filing.pk, "correct", seen=world.seen(filing), reason="重复统计了二次检查的人")
    filing.refresh_from_db()
    with pytest.raises(api.NotAllowedError, match="开始更正的人"):
        api.move(statistician, filing.pk, "abandon", seen=world.seen(filing), reason="点错了一张表")
    asked = {"action": "abandon", "state": "draft", "version": "2", "reason": "点错了一张表"}
    assert 'value="abandon"' in browser_of(liaison).get(f"/returns/{filing.pk}").content.decode()
    assert browser_of(liaison).post(f"/returns/{filing.pk}/move", asked).status_code == 302
    filing.refresh_from_db()
    assert (filing.state, filing.version) == ("accepted", 1)


def test_a_unit_corrects_what_is_accepted_but_not_what_is_locked(make_person, browser_of):
    liaison, _, statistician = world.people(make_person)
    filing = world.brought_to(world.opened(), "accepted", make_person)
    browser = browser_of(liaison)
    asked = {"action": "correct", "state": "accepted", "version": "1", "reason": "少填了一个乡镇"}
    assert api.lock_year(Reach(statistician), 2024) == 1
    assert browser.post(f"/returns/{filing.pk}/move", asked).status_code == 409
    assert browser.post(f"/returns/{filing.pk}/move", asked | {"state": "locked"}).status_code == 422
    filing.refresh_from_db()
    assert filing.state == "locked"


def _accepted(code: str) -> list[float]:
    table = api.accepted_cells()
    rows = zip(table["row"].to_pylist(), table["column"].to_pylist(), table["value"].to_pylist(), strict=True)
    return [v for r, c, v in rows if f"{r}.{c}" == code]


def test_accepted_cells_look_like_collected_ones(make_person, pack):
    filing = world.brought_to(world.opened(), "accepted", make_person)
    world.filled(world.opened("H103"), world.people(make_person)[0])
    table = api.accepted_cells()
    assert table.schema == cells_table([], AreaColumns(pack)).schema
    assert table.num_rows == 18
    assert set(table["_file"].to_pylist()) == {f"填报 {filing.pk} 第1版"}
    assert sorted(table["_row"].to_pylist()) == list(range(1, 19))
    assert set(table["_area_county"].to_pylist()) == {"141029"}
    assert api.accepted_cells(return_id="H103").num_rows == 0


def collected(pack) -> Collected:
    """Two years of a return with ten townships: 2022 all but one, 2023 all."""
    areas = [a.code for a in pack.area_tree if a.level.value == "township"]
    sheets = [(y, a) for y in (2022, 2023) for a in areas if (y, a) != (2022, areas[0])]
    return_ = pack.returns["W301"]
    cells = [
        ReadCell("W301", y, a, *code.split("."), Decimal(10), "", "x.csv", 1, "", 1)
        for y, a in sheets
        for code in return_.filled
    ]
    status = [ReturnStatus("W301", a, y, "reported", date(y + 1, 1, 30), date(y + 1, 1, 20)) for y, a in sheets]
    status.append(ReturnStatus("W301", areas[0], 2022, "missing", date(2023, 1, 30)))
    return Collected({"return_cells": cells_table(cells, AreaColumns(pack))}, return_status=status, demo=True)


def test_importing_a_data_folder_and_staging_the_demonstration(make_person, pack):
    liaison, leader, statistician = world.people(make_person, "civil_affairs")
    given = collected(pack)
    assert api.import_accepted(audit.SYSTEM, pack, given) == 2 * TOWNSHIPS
    states = sorted((f.year, f.state) for f in Filing.objects.all())
    assert states == [(2022, "draft")] + [(2022, "locked")] * 9 + [(2023, "accepted")] * 10
    assert api.accepted_cells().num_rows == given.tables["return_cells"].num_rows
    origin = api.cell_origin("W301", "141029100", 2023, pack.returns["W301"].filled[0])
    assert (origin.filled_by, origin.signed_by, origin.accepted_by) == (
        liaison.name,
        leader.name,
        statistician.name,
    )
    assert timezone.localdate(origin.submitted_at) == date(2024, 1, 20)
    taken = demo.stage(on=date(2024, 3, 1))
    assert taken >= 1
    demo.upload_one()
    assert [u.state for u in Upload.objects.order_by("pk")] == ["refused"]
    assert Filing.objects.filter(year=2023, accepted_version=None, return_id="W301").count() == taken
    assert Filing.objects.filter(year=2023).order_by().values("return_id").distinct().count() == len(pack.returns)
