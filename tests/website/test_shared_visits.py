"""Visits of many units: one calendar, joint visits, recusal, one extension, transfer, papers, drawing, results."""

from __future__ import annotations

import io
import zipfile
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from qingmiao.cli import main
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.inspections import api
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding
from qingmiao.site.apps.tasks.models import Task
from website.inspected import CHECKLIST, good_answers, two_inspectors
from website.role_ids import Role

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people(make_person: Any) -> Any:
    return two_inspectors(make_person)


@pytest.fixture
def market(make_person: Any) -> Any:
    names = ("market-one", "market-two")
    return tuple(make_person("market_supervision", Role.LIAISON, name) for name in names)


def planned(people: Any, **changed: Any) -> int:
    given: dict[str, Any] = {
        "checklist": CHECKLIST, "place": "演示中学", "place_kind": "junior_school", "area": "141029100",
        "responsible": "education", "on": timezone.localdate() + DAY, "inspectors": [p.username for p in people],
    }  # fmt: skip
    return api.plan(Reach(people[0]), **(given | changed))


def version(number: int) -> int:
    return Inspection.objects.get(pk=number).version


def move(who: Any, number: int, step: str, **given: Any) -> None:
    api.move(Reach(who), number, step, version=version(number), **given)


def ordered(people: Any, **changed: Any) -> int:
    """A visit with one ordinary finding that was ordered to be put right."""
    number = planned(people, **changed)
    move(people[0], number, "visit")
    answers = good_answers() | {"hygiene": "not", "hygiene_said": "水箱没有加盖"}
    assert api.conclude(Reach(people[0]), number, version=2, answers=answers) is None
    move(people[1], number, "confirm")
    move(people[0], number, "order")
    return number


class TestOneCalendar:
    def test_a_place_is_not_visited_by_two_units_in_the_same_days_without_a_reason(
        self, people: Any, market: Any
    ) -> None:
        first = planned(people)
        apart = site_pack.pack().policy.days_between_visits
        assert apart == 7
        told = "这个场所 7 天内另有检查：教育 .*学校集体用餐检查单。请改期或并入联合检查"
        for days in (1, 1 + 6):
            with pytest.raises(access.NotAllowedError, match=told):
                planned(market, on=timezone.localdate() + days * DAY, place="演示 中学")
        later = planned(market, on=timezone.localdate() + 8 * DAY)
        elsewhere = planned(market, place="演示小学")
        reason = planned(market, apart="群众举报，当天要查")
        assert Inspection.objects.get(pk=reason).apart == "群众举报，当天要查"
        assert len({first, later, elsewhere, reason}) == 4
        planned(market, on=timezone.localdate() + 9 * DAY)  # one's own unit's visits are its own matter

    def test_a_cancelled_visit_is_in_nobodys_way(self, people: Any, market: Any) -> None:
        first = planned(people)
        move(people[0], first, "cancel", said={"reason": "学校停课改期"})
        assert planned(market) > first

    def test_visits_go_together_on_one_day(self, people: Any, market: Any) -> None:
        lead = planned(people)
        other = planned(market, on=timezone.localdate() + 8 * DAY)
        assert [v.id for v in api.joinable(Reach(market[0]), other)] == [lead]
        api.join(Reach(market[0]), other, version=1, joint=lead)
        joined = Inspection.objects.get(pk=other)
        assert (joined.joint_id, joined.method, joined.planned_date) == (lead, "joint", timezone.localdate() + DAY)
        with pytest.raises(access.NotAllowedError, match="已有别的检查并入这一次"):
            api.join(Reach(people[0]), lead, version=1, joint=planned(market, place="演示 中学", apart="临时核查一次"))
        week = api.week(Reach(people[0]), timezone.localdate() + DAY)
        day = next(visits for d, visits in week.days if d == timezone.localdate() + DAY)
        together = {v.id: v.joint for v in day if v.joint}
        assert together == {lead: lead, other: lead}

    def test_what_is_elsewhere_or_begun_cannot_be_joined(self, people: Any, market: Any) -> None:
        lead, other = planned(people), planned(market, place="演示小学")
        for wrong, told in ((lead, "不是同一个场所"), (other, "请选择还没有开始"), (0, "请选择还没有开始")):
            with pytest.raises(access.NotAllowedError, match=told):
                api.join(Reach(market[0]), other, version=1, joint=wrong)

    def test_the_week_shows_every_units_visits_and_opens_ones_own(
        self, people: Any, market: Any, make_person: Any, browser_of: Any
    ) -> None:
        planned(people)
        planned(market, apart="群众举报，当天要查")
        week = api.week(Reach(market[0]), timezone.localdate() + DAY)
        visits = [v for _, of in week.days for v in of]
        assert {(v.unit, v.opens, v.near) for v in visits} == {("教育", False, 1), ("市场监管", True, 1)}
        (place,) = week.places
        assert (place.place, len(place.visits), place.crowded) == ("演示中学", 2, True)
        page = browser_of(market[0]).get("/inspections/week", {"from": week.monday.isoformat()})
        assert "间隔太短，请合并" in page.content.decode()
        assert browser_of(market[0]).get("/inspections/week", {"from": "soon"}).status_code == 404
        with pytest.raises(access.AbsentError):
            api.week(Reach(make_person("mch_hospital", Role.HOSPITAL)), timezone.localdate())


class TestWhoInspects:
    def test_nobody_inspects_their_own(self, people: Any, make_person: Any) -> None:
        both = make_person("education", Role.LIAISON, "head-and-inspector")
        access_to = make_person("education", Role.SCHOOL, "a-school")
        from qingmiao.site.apps.audit import api as audit
        from qingmiao.site.apps.directory import api as directory

        directory.grant(audit.SYSTEM, both, "school", on=timezone.localdate() - DAY, unit=both.organisation, area="")
        assert access_to.organisation_id == "education"
        with pytest.raises(access.NotAllowedError, match="受检一方的人员，应当回避"):
            planned(people, inspectors=[people[0].username, both.username])


class TestMoreTime:
    def test_a_leader_who_does_not_inspect_extends_once(self, people: Any, make_person: Any) -> None:
        number, leader = ordered(people), make_person("education", Role.LEADER)
        assert "extend" not in {s.name for s in api.steps(Reach(people[0]), number)}
        due = InspectionFinding.objects.get().due_at
        assert due is not None
        same, later = timezone.localdate(due), timezone.localdate(due) + 10 * DAY
        said = {"reason": "施工材料没有到货"}
        with pytest.raises(access.NotAllowedError, match="延期的日期要在原来的期限"):
            move(leader, number, "extend", said=said, due=same)
        with pytest.raises(access.NotAllowedError, match="请写明延期到哪一天"):
            move(leader, number, "extend", said=said)
        move(leader, number, "extend", said=said, due=later)
        assert timezone.localdate(InspectionFinding.objects.get().due_at) == later
        assert timezone.localdate(Task.objects.get().due_at) == later
        with pytest.raises(access.NotAllowedError, match="每个问题只能延期一次"):
            move(leader, number, "extend", said=said, due=later + DAY)


class TestPassedOn:
    def test_what_is_transferred_ends_its_tasks_and_closes_with_the_result(self, people: Any) -> None:
        number = ordered(people)
        move(
            people[0], number, "transfer", said={"receiver": "县市场监管部门执法队", "reason": "涉嫌无证经营，移送立案"}
        )
        assert Task.objects.get().state == "withdrawn"
        page = api.shown(Reach(people[0]), number)
        assert (page.row.state.name, page.transferred_to) == ("transferred", "县市场监管部门执法队")
        assert [k for k, _ in api.papers_of(page)] == ["record", "order", "transfer"]
        move(people[1], number, "answer", said={"outcome": "已立案，罚款并责令停业"})
        (row,) = facts.current(site_pack.pack(), "inspections").to_pylist()
        assert (row["result"], row["closed_on"]) == ("mostly", timezone.localdate())

    def test_refused_and_not_possible_are_told_apart(self, people: Any) -> None:
        for step, result in (("refuse", "refused"), ("fail", "no_condition")):
            number = planned(people, place=f"演示{step}")
            move(people[0], number, "visit")
            move(people[0], number, step, said={"reason": "负责人不让进校检查"})
            assert Inspection.objects.get(pk=number).result == result
        assert {r.result for r in api.public_results(timezone.localdate().year)} <= {
            "拒绝检查", "不具备检查条件或停业",
        }  # fmt: skip


class TestPapers:
    def test_record_order_and_opinion_are_printed(self, people: Any, browser_of: Any) -> None:
        number = ordered(people)
        one = browser_of(people[0])
        for kind, words in (("record", ("检查记录表", "水箱没有加盖", "关键项", "不低于 125 g")),
                            ("order", ("责令整改通知书", "限期整改的问题", "水箱没有加盖"))):  # fmt: skip
            answer = one.get(f"/inspections/{number}/papers/{kind}.docx")
            assert answer.status_code == 200
            document = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
            assert all(w in document for w in words), words
        pdf = one.get(f"/inspections/{number}/papers/record.pdf")
        assert pdf.content.startswith(b"%PDF")
        assert one.get(f"/inspections/{number}/papers/recheck.docx").status_code == 404
        assert one.get(f"/inspections/{number}/papers/record.txt").status_code == 404
        (finding,) = InspectionFinding.objects.all()
        api.again_or_done(
            Reach(people[1]), number, version=version(number), right=[finding.pk], opinion="水箱已经加盖上锁"
        )
        opinion = one.get(f"/inspections/{number}/papers/recheck.docx").content
        document = zipfile.ZipFile(io.BytesIO(opinion)).read("word/document.xml").decode()
        assert "水箱已经加盖上锁" in document


class TestWhatWaits:
    def test_a_finding_turns_yellow_and_red_and_the_page_counts_what_is_late(
        self, people: Any, browser_of: Any
    ) -> None:
        number = ordered(people)
        due = InspectionFinding.objects.get().due_at
        assert due is not None
        for before, tone in ((20 * DAY, ""), (7 * DAY, "warn"), (timedelta(0), "warn"), (-timedelta(minutes=1), "bad")):
            from qingmiao.site.apps.inspections.standing import standing

            (one,) = standing(Reach(people[0]), due - before).findings
            assert (one.tone, one.inspection) == (tone, number), before
        Inspection.objects.filter(pk=planned(people)).update(planned_date=timezone.localdate() - DAY)
        found = api.standing(Reach(people[0]))
        assert [(v.waits.zh, v.late) for v in found.visits] == [("该去检查", True)]
        assert found.late == 1
        assert "该去检查" in browser_of(people[0]).get("/inspections/standing").content.decode()

    def test_items_that_never_fail_are_marked_after_so_many_visits(self, people: Any) -> None:
        year, least = (timezone.localdate() + DAY).year, site_pack.pack().policy.visits_until_told
        assert least == 5
        for n in range(5):
            ordered(people, place=f"演示第{n}中学")
            counted = api.counted(Reach(people[0]), CHECKLIST, year)
            by = {i.label.zh: i for i in counted.items}
            licence = by["现场悬挂的食品经营许可证"]
            assert (licence.judged, licence.failed, licence.never) == (n + 1, 0, n == 4)
        water = next(i for i in counted.items if i.failed)
        assert (water.failed, water.never, counted.visits) == (5, False, 5)

    def test_the_public_reads_place_day_and_class_alone(self, people: Any, browser_of: Any) -> None:
        number = ordered(people)
        year = timezone.localdate().year
        (row,) = api.public_results(year)
        assert [f.name for f in fields(row)] == ["place", "day", "result"]
        assert (row.place, row.result) == ("演示中学", "基本符合（一般问题限期整改）")
        text = browser_of(people[0]).get("/inspections/results.csv", {"year": year}).content.decode("utf-8-sig")
        assert text.splitlines() == ["受检场所,检查日期,结果", f"演示中学,{row.day},{row.result}"]
        assert "水箱" not in text
        Inspection.objects.filter(pk=number).update(state="recorded")
        assert api.public_results(year) == (), "what nobody has confirmed is not public"


class TestDrawing:
    def test_one_makes_the_lists_another_draws_and_the_command_proves_it(
        self, people: Any, browser_of: Any, tmp_path: Path
    ) -> None:
        one, two = (browser_of(p) for p in people)
        sent = {
            "checklist": CHECKLIST,
            "places": "演示一校\n演示二校\n演示三校，某单位\n演示二校\n",
            "wanted": 2,
            "each": 2,
        }
        made = one.post("/inspections/draws", sent)
        assert made.status_code == 302
        drawing = api.drawing(Reach(people[0]), int(made.url.rsplit("/", 1)[1]))
        assert [p.name for p in drawing.places] == ["演示一校", "演示三校", "演示二校"]
        mine = one.post(made.url, {"do": "draw", "seed": "2026-11-28 0417", "version": 1})
        assert "由另一个人抽取" in mine.content.decode()
        assert two.get(f"{made.url}/record").status_code == 404
        assert two.post(made.url, {"do": "draw", "seed": "2026-11-28 0417", "version": 1}).status_code == 302
        record = two.get(f"{made.url}/record").content
        (tmp_path / "r.json").write_bytes(record)
        proved = CliRunner().invoke(main, ["draw", "--verify", str(tmp_path / "r.json")])
        assert (proved.exit_code, "核对相符：3 个场所抽 2 个" in proved.output) == (0, True)
        again = two.post(made.url, {"do": "draw", "seed": "another seed", "version": 2})
        assert again.status_code in (400, 404, 409), "nobody draws twice"
        assert api.drawing(Reach(people[0]), drawing.id).seed == "2026-11-28 0417"

    def test_what_was_drawn_is_planned_in_one_step_with_its_inspectors_once(self, people: Any, browser_of: Any) -> None:
        one, two = (browser_of(p) for p in people)
        sent = {"checklist": CHECKLIST, "places": "昌宁镇演示一校\n演示二校\n演示三校", "wanted": 2, "each": 2}
        made = one.post("/inspections/draws", sent).url
        assert "按抽取结果安排检查" not in one.get(made).content.decode(), "nothing is drawn yet"
        two.post(made, {"do": "draw", "seed": "2026-11-28 0417", "version": 1})
        drawing = api.drawing(Reach(people[0]), int(made.rsplit("/", 1)[1]))
        plan = api.drawn_plan(Reach(people[0]), drawing.id)
        assert plan is not None
        known = {p.place: (p.area, p.responsible) for p in plan.places}
        assert known.get("昌宁镇演示一校", ("141029100", "education")) == ("141029100", "education")
        day = timezone.localdate() + DAY
        row = {"place_kind": "junior_school", "area": "141029100", "responsible": "education", "on": day.isoformat()}
        half = {f"{k}-0": v for k, v in row.items()} | {"do": "plan"}
        refused = one.post(made, half)
        assert refused.status_code == 400
        assert plan.places[1].place in refused.content.decode(), "it says which place"
        assert Inspection.objects.count() == 0, "all or none"
        whole = half | {f"{k}-1": v for k, v in row.items()}
        assert one.post(made, whole).status_code == 302
        visits = list(Inspection.objects.order_by("pk"))
        assert [(v.place, v.method, v.planned_date) for v in visits] == [
            (p.place.name, "random", day) for p in drawing.drawn
        ]
        for visit, drawn in zip(visits, drawing.drawn, strict=True):
            named = visit.inspectors.order_by("person__name").values_list("person__name", flat=True)
            assert sorted(named) == sorted(p.name.partition("（")[0] for p in drawn.people)
        assert one.post(made, whole).status_code == 404, "there is nothing left to plan"
        assert Inspection.objects.count() == 2
        page = one.get(made).content.decode()
        assert all(f"/inspections/{v.pk}" in page for v in visits)
        week = one.get("/inspections/week", {"day": day.isoformat()}).content.decode()
        assert visits[0].place in week

    def test_what_cannot_be_drawn_is_refused_before_it_is_kept(self, people: Any, browser_of: Any) -> None:
        one = browser_of(people[0])
        for changed, told in (({"wanted": 9}, "要抽 9 个场所，名单里有 1 个"), ({"each": 1}, "检查人员不得少于 2 人"),
                              ({"each": 5}, "不够 5 人")):  # fmt: skip
            sent = {"checklist": CHECKLIST, "places": "演示一校", "wanted": 1, "each": 2} | changed
            page = one.post("/inspections/draws", sent)
            assert page.status_code == 400
            assert told in page.content.decode()
