"""A record on its way to the wall: saved through the door, told by the outbox, measured; and which side counts when."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
import yaml
from django.db import transaction
from django.utils import timezone

from qingmiao.measure.recompute import compare_values
from qingmiao.measure.run import measure
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.monitoring import api as monitoring
from waiting import finished
from website.filed import CASES, HOME, KIND, a_child, answers, doctor, keeper
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
TABLE = "growth_checks"


def records():
    from qingmiao.site.apps.records import api

    return api


def a_check(who, child, operation, **more):
    reach = Reach(who)
    made, filled = records().write(reach, child, KIND, operation=operation, answers=answers(**more))
    assert made, (filled.faults, filled.queries)
    return made


def shown():
    """Anaemia of the newest year on the wall: (numerator, denominator); all values are those of measuring
    everything."""
    monitoring.refresh(audit.SYSTEM)
    state = monitoring.current()
    assert compare_values(state.values, measure(monitoring.pack(), state.snapshot).values) == []
    rows = state.values.to_pylist()
    names = ("sex", "age_group", "residence")
    found = [
        (r["numerator"], r["denominator"]) for r in rows
        if (r["indicator"], r["area"]) == ("health.anaemia_u5", "141029")
        and not any(r.get(n) for n in names)
    ]  # fmt: skip
    return found[-1]


def brought(rows, source="load:facts/growth_checks.csv", version=1):
    with transaction.atomic():
        facts.publish(TABLE, None, rows, source=source, version=version)


def a_row(n, day, haemoglobin=100.0):
    return {
        "check_id": f"D{n}", "child_id": f"department-{n}", "area_code": HOME, "sex": "F",
        "birth_date": day - timedelta(days=500), "check_date": day, "haemoglobin": haemoglobin, "altitude_m": 100.0,
        "recorded_at": day,
    }  # fmt: skip


def test_a_record_is_on_the_wall_after_the_next_run_and_follows_correction_and_withdrawal(make_person):
    a_run()
    who = doctor(make_person)
    made = a_check(who, a_child(who), "wall-1")
    a_check(who, a_child(who, "演示另", village="另村", reason="同名同日不是同一名"), "wall-2", haemoglobin="90")
    assert shown() == (1, 2)
    stored, filled = records().correct(
        Reach(who), made, version=1, answers=answers(haemoglobin="95"), reason="血红蛋白抄错了"
    )
    assert stored, (filled.faults, filled.queries)
    assert shown() == (2, 2)
    records().withdraw(Reach(who), made, version=2, reason="登记到别人名下了")
    assert shown() == (1, 1)


def test_one_side_counts_in_each_year_by_the_line_of_the_policy(make_person, monkeypatch):
    """Departments' rows of this year are passed over where records count from this year on; without a line it is the
    records that are."""
    from qingmiao.site import pack as site_pack

    who, today = doctor(make_person), timezone.localdate()
    a_check(who, a_child(who), "side-1")
    brought([a_row(1, today), a_row(2, date(today.year - 1, 5, 1))])
    pack = site_pack.pack()

    def counted(since):
        lines = {} if since is None else {TABLE: since}
        content = replace(pack, policy=pack.policy.model_copy(update={"from_records": lines}))
        return [c.startswith("department") for c in facts.current(content, TABLE)["child_id"].to_pylist()]

    assert sorted(counted(today.year)) == [False, True]
    assert counted(today.year - 1) == [False]
    assert counted(None) == [True, True]
    other = facts.not_counting(
        replace(pack, policy=pack.policy.model_copy(update={"from_records": {TABLE: today.year}})), TABLE, today.year
    )
    assert other["check_id"].to_pylist() == ["D1"]


def test_a_birth_knows_its_first_visit_and_screenings_whichever_was_recorded_first(make_person, monkeypatch):
    """The births' row is published anew when a record that it looks at is made or taken back."""
    from qingmiao.site.apps.records import kinds, publishing, versions
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
    from qingmiao.site.apps.records.models import Child

    who, now = doctor(make_person), timezone.now()
    child = Child.objects.get(pk=a_child(who))

    def kept(kind, day):
        case = yaml.safe_load((CASES / f"{kind}.yaml").read_text("utf-8"))
        given = {k: str(v) for k, v in case["answers"].items()}
        made = HealthRecord.objects.create(
            kind=kind, child=child, on_date=day, unit=child.unit, by=who, made_at=now, operation=f"born-{kind}"
        )
        RecordVersion.objects.create(
            record=made, number=1, form=versions.form_kept(kinds.kinds()[kind].form), on_date=day,
            filled_date=case["filled_on"], answers=given, by=who, at=now,
        )  # fmt: skip
        return made

    def published(record):
        class Done:
            at = now

        publishing.published(record, Done)
        rows = facts.current(monitoring.pack(), "live_births").to_pylist()
        return [(r["visited_on"], r["blood_screened"], r["hearing_screened"]) for r in rows]

    visit = kept("newborn_visit", date(2022, 3, 12))
    assert published(visit) == []
    birth = kept("birth_certificate", date(2022, 3, 5))
    monkeypatch.setitem(monitoring.pack().policy.from_records, "live_births", 2022)
    assert published(birth) == [(date(2022, 3, 12), False, False)]
    assert published(kept("hearing_screening", date(2022, 3, 8))) == [(date(2022, 3, 12), False, True)]
    HealthRecord.objects.filter(pk=visit.pk).update(state="withdrawn")
    visit.refresh_from_db()
    assert published(visit) == [(None, False, True)]


def test_a_row_leads_to_its_record_and_recorder_for_those_who_see_the_child(make_person):
    from qingmiao.site.web.console.monitoring.drawer import origins

    who = doctor(make_person)
    made = a_check(who, a_child(who), "seen-1")
    source = f"record:{made}@1"
    (mine,) = origins([source], Reach(who))
    assert (mine.address, mine.who) == (f"/records/of/{made}", f"{who.name} 登记")
    elsewhere = keeper(make_person, "township.141029200")
    (theirs,) = origins([source], Reach(elsewhere))
    assert (theirs.address, theirs.who) == ("", "")
    assert theirs.label == mine.label


def told():
    """The warnings that the two sides differ: (county or township, what was used)."""
    held = [w for w in monitoring.warnings(kind="数据质量") if "部门报送" in w.reason]
    return {(w.indicator, w.area): w for w in held}


def test_two_sides_that_differ_are_a_warning_until_they_agree(make_person, browser_of):
    """Records say one of two, the department one of one: both numbers and sources are told, and no number changes."""
    a_run()
    who, today = doctor(make_person), timezone.localdate()
    a_check(who, a_child(who), "differ-1")
    a_check(who, a_child(who, "演示另", village="另村", reason="同名同日不是同一名"), "differ-2", haemoglobin="90")
    assert shown() == (1, 2)
    assert told() == {}
    brought([a_row(1, today)])
    assert shown() == (1, 2)
    (warning,) = [w for (indicator, _), w in told().items() if indicator == "health.anaemia_u5"]
    assert warning.area == "141029"
    assert "相差 50.0%" in warning.reason
    assert "健康记录 50.0%（现用），部门报送 100.0%（数据文件 facts/growth_checks.csv（第 1 版））" in warning.data_used
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    told_page = browser.get(f"/warnings/{warning.number}").content.decode()
    links = [html.unescape(x) for x in re.findall(r'href="(/lineage[^"]*)"', told_page)]
    sides = [browser.get(link).context["told"] for link in links]
    assert [(s.numerator, s.denominator) for s in sides] == [(1, 2), (1, 1)]
    assert "部门报送一边" in browser.get(links[1]).content.decode()
    brought([a_row(1, today), a_row(2, today, 130.0)], version=2)
    assert shown() == (1, 2)
    assert [i for i, _ in told() if i == "health.anaemia_u5"] == []


def test_a_number_is_shown_as_it_was_known_on_an_earlier_day(make_person, browser_of):
    """Rows recorded later do not count yet, a correction not either, what was taken back later is there."""
    a_run()
    year = timezone.localdate().year - 1
    one, two = a_row(1, date(year, 3, 10)), a_row(2, date(year, 3, 10), 130.0)
    told = [
        one, two | {"recorded_at": date(year, 4, 1)},
        one | {"haemoglobin": 140.0, "recorded_at": date(year, 5, 1)},
        two | {"recorded_at": date(year, 6, 1), "retracted": True},
    ]  # fmt: skip
    for n, row in enumerate(told):
        brought([row], source=f"load:facts/growth_checks/{n}.csv")
    monitoring.refresh(audit.SYSTEM)
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    address = f"/lineage?indicator=health.anaemia_u5&area=141029&year={year}"

    def known(day):
        shown = browser.get(f"{address}&day={day}")
        assert shown.status_code == 200
        told = shown.context["told"]
        return told.numerator, told.denominator, shown.content.decode()

    found = {day: known(f"{year}-{day}") for day in ("03-09", "03-10", "04-01", "05-01", "06-01")}
    assert [found[d][:2] for d in sorted(found)] == [(None, None), (1, 1), (1, 2), (0, 2), (0, 1)]
    assert f"到 {year}-03-09 为止，本系统还没有登记或收到这个数字的数据" in found["03-09"][2]
    assert f"{year}-04-01" in found["04-01"][2]
    assert "50.0%" in found["04-01"][2]
    assert "重新计算" not in found["04-01"][2]
    now = browser.get(address)
    assert (now.context["told"].numerator, now.context["told"].denominator) == (0, 1)
    assert "重新计算" in now.content.decode()
    rows = browser.get(f"/rows?{address.partition('?')[2]}&day={year}-04-01")
    assert [s["side"].total for s in rows.context["sides"]] == [1, 2]
    wrong = browser.get(f"{address}&day=4月1日")
    assert "请写成 2024-05-31 这样的日期" in wrong.content.decode()
    assert wrong.context["told"].denominator == 1
    assert browser.get(f"/rows?{address.partition('?')[2]}&day=4月1日").status_code == 404
    for edge in ("0001-01-01", "9999-12-31"):
        assert browser.get(f"{address}&day={edge}").status_code == 200


def test_an_indicator_that_turned_to_a_roll_is_compared_with_what_it_was_read_from(make_person):
    """Systematic management: the roll says one of one, the department's year-end roll none of two."""
    from qingmiao.site.apps.records.rolls import publishing

    a_run()
    who, today = doctor(make_person), timezone.localdate()
    a_child(who)
    publishing.publish_waiting(today)
    monitoring.refresh(audit.SYSTEM)
    assert [i for i, _ in told() if i == "health.mgmt_u3"] == []
    rows = [
        {
            "child_id": f"department-{n}", "year": today.year, "area_code": HOME, "sex": "F",
            "birth_date": today - timedelta(days=500), "systematic": True, "recorded_at": today,
        }
        for n in range(2)
    ]  # fmt: skip
    with transaction.atomic():
        facts.publish("children", None, rows, source="load:facts/children.csv", version=1)
    monitoring.refresh(audit.SYSTEM)
    (warning,) = [w for (indicator, _), w in told().items() if indicator == "health.mgmt_u3"]
    assert "健康记录 0.0%（现用），部门报送 100.0%（年末儿童花名册）" in warning.data_used


def test_the_worker_begins_a_process_for_rolls_only_where_something_was_said(make_person, monkeypatch):
    from types import SimpleNamespace

    from django.db import connection

    from qingmiao.site import children
    from qingmiao.site.apps.records import tasks
    from qingmiao.site.apps.records.rolls import publishing

    begun = []

    async def do(function):
        begun.append(function)

    monkeypatch.setattr(children.CHORES, "do", do)

    def minute():
        asked = []

        async def execute_query_one_async(query):
            asked.append(query)
            return {"waiting": waiting}

        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM records_roll_waiting) AS waiting")
            waiting = cursor.fetchone()[0]
        connector = SimpleNamespace(execute_query_one_async=execute_query_one_async)
        finished(tasks.publish_rolls.func(SimpleNamespace(app=SimpleNamespace(connector=connector)), 0))
        return asked

    publishing.publish_waiting()
    (asked,) = minute()
    assert begun == []
    a_child(doctor(make_person))
    minute()
    assert begun == ["qingmiao.site.apps.records.rolls.publishing:publish_waiting"]
    with connection.cursor() as cursor:
        cursor.execute(asked)
        assert [c.name for c in cursor.description] == ["waiting"]
        assert cursor.fetchone() == (True,)
    assert publishing.publish_waiting() > 0
    minute()
    assert len(begun) == 1
