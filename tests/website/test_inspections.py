"""A visit by a checklist, from its planning to its end: people, limits, findings, tasks, facts, pages."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.inspections import api
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding
from qingmiao.site.apps.tasks.models import Task
from website.inspected import CHECKLIST, good_answers, posted, two_inspectors
from website.role_ids import Role

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IENDcrc4"


@pytest.fixture
def people(make_person: Any) -> Any:
    return two_inspectors(make_person)


def planned(people: Any, **changed: Any) -> int:
    given: dict[str, Any] = {
        "checklist": CHECKLIST, "place": "演示中学", "place_kind": "junior_school", "area": "141029100",
        "responsible": "education", "on": timezone.localdate() + timedelta(days=1),
        "inspectors": [p.username for p in people],
    }  # fmt: skip
    return api.plan(Reach(people[0]), **(given | changed))


def version(number: int) -> int:
    return Inspection.objects.get(pk=number).version


def state(number: int) -> str:
    return Inspection.objects.get(pk=number).state


def visited(people: Any, **changed: Any) -> int:
    number = planned(people, **changed)
    api.move(Reach(people[0]), number, "visit", version=1)
    return number


def concluded(people: Any, **answers: Any) -> int:
    number = visited(people)
    given = good_answers() | answers
    assert api.conclude(Reach(people[0]), number, version=2, answers=given) is None
    return number


def confirmed(people: Any, **answers: Any) -> int:
    number = concluded(people, **answers)
    api.move(Reach(people[1]), number, "confirm", version=3)
    return number


def rows(table: str) -> list[dict[str, Any]]:
    return facts.current(site_pack.pack(), table).to_pylist()


BAD = {"hygiene": "not", "hygiene_said": "水箱没有加盖", "licence": "not", "licence_said": "许可证过期",
       "licence_photo": f"{'a' * 64}.png", "licence_photo_at": "2026-11-20 09:30", "licence_photo_where": "演示食堂",
       "committee": "not", "committee_said": "没有公布食谱"}  # fmt: skip


class TestPlanning:
    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"inspectors": ["inspector-one"]}, "检查人员不得少于 2 人"),
            ({"inspectors": ["inspector-one", "inspector-one"]}, "检查人员不得少于 2 人"),
            ({"inspectors": ["inspector-one", "health-liaison"]}, "1 名检查人员不是"),
            ({"place_kind": "other"}, "不检查这种场所"),
            ({"place": " 。"}, "请写明受检场所的名称"),
            ({"area": "141030"}, "请选择受检场所所在的乡镇"),
            ({"area": "nowhere"}, "请选择受检场所所在的乡镇"),
            ({"responsible": "other.education"}, "整改单位不在检查单位的地区内"),
            ({"responsible": "nobody"}, "请选择整改单位"),
            ({"on": date(2020, 1, 1)}, "检查日期不能早于今天"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_words(
        self, people: Any, make_person: Any, changed: dict[str, Any], told: str
    ) -> None:
        make_person("health", Role.LIAISON)
        with pytest.raises(Exception, match=told):
            planned(people, **changed)
        assert not Inspection.objects.exists()

    def test_a_unit_plans_by_its_own_checklists_only(self, make_person: Any) -> None:
        def offered(unit: str, role: Role) -> set[str]:
            return {c.id for c in api.offered(Reach(make_person(unit, role)))}

        assert {"school.classroom_light", "school.meals", "school.friendly"} <= offered("education", Role.LIAISON)
        market = offered("market_supervision", Role.LIAISON)
        assert {"school.meals", "safety.playgrounds"} <= market
        assert not {c for c in market if c.startswith(("plan.", "health.obstetric"))}
        assert offered("education", Role.LEADER) == set()
        office = offered("committee_office", Role.COMMITTEE_OFFICE)
        assert {"plan.supervision_check", "law.joint"} <= office
        assert "school.meals" not in office

    def test_it_is_told_to_nobody_before_it_is_ordered(self, people: Any, make_person: Any) -> None:
        hospital = make_person("mch_hospital", Role.HOSPITAL)
        number = planned(people, responsible="mch_hospital")
        with pytest.raises(access.AbsentError):
            api.shown(Reach(hospital), number)
        assert api.listed(Reach(hospital))[0] == ()
        Inspection.objects.filter(pk=number).update(state="ordered")
        assert api.shown(Reach(hospital), number).row.place == "演示中学"


class TestTheVisit:
    def test_only_its_inspectors_work_on_it(self, people: Any, make_person: Any) -> None:
        third = make_person("education", Role.LIAISON, "third-one")
        number = planned(people)
        assert {s.name for s in api.steps(Reach(third), number)} == {"cancel", "join", "reassign"}
        with pytest.raises(access.NotAllowedError, match="由安排到这次检查的人员办理"):
            api.move(Reach(third), number, "visit", version=1)
        named = [people[0].username, third.username]
        api.reassign(Reach(people[0]), number, version=1, inspectors=named, reason="原来的人员出差")
        api.move(Reach(third), number, "visit", version=2)
        assert state(number) == "visiting"

    def test_what_is_filled_in_is_kept_and_an_older_page_loses(self, people: Any) -> None:
        number = visited(people)
        api.fill_in(Reach(people[0]), number, version=2, answers={"present": "演示·副校长", "in_date": "不知道"})
        _, answers, seen = api.filling(Reach(people[1]), number)
        assert answers["in_date"] == "不知道"
        assert seen == 3
        with pytest.raises(access.ConflictError, match="检查中"):
            api.fill_in(Reach(people[1]), number, version=2, answers={})

    def test_a_record_that_is_not_whole_is_not_taken(self, people: Any) -> None:
        number = visited(people)
        filled = api.conclude(Reach(people[0]), number, version=2, answers=good_answers() | {"hygiene": "not"})
        assert filled is not None
        assert [f.field for f in filled.faults] == ["hygiene_said"]
        given = {"answers": good_answers() | {"hygiene": "not"}}
        with pytest.raises(access.NotAllowedError, match="还有 1 处没有填好"):
            access.perform(people[0], Inspection.objects.get(pk=number), "conclude", access.Seen("", 2), given)

    def test_another_inspector_confirms(self, people: Any) -> None:
        number = concluded(people)
        with pytest.raises(access.NotAllowedError, match="由另一名检查人员"):
            api.move(Reach(people[0]), number, "confirm", version=3)
        api.move(Reach(people[1]), number, "confirm", version=3)
        assert state(number) == "found"

    def test_a_visit_without_findings_is_closed_and_is_a_fact(self, people: Any) -> None:
        number = confirmed(people)
        with pytest.raises(access.NotAllowedError, match="没有要整改的问题"):
            api.move(Reach(people[0]), number, "order", version=4)
        api.move(Reach(people[0]), number, "close", version=4)
        (row,) = rows("inspections")
        assert (row["result"], row["failed"], row["items"]) == ("conform", 0, 10 + 7 + 4)
        assert row["closed_on"] == timezone.localdate()
        assert row["place"] == "演示中学"
        assert {r["outcome"] for r in rows("inspection_items")} == {"conform", "recorded"}

    def test_one_that_could_not_be_held_is_a_fact_without_items(self, people: Any) -> None:
        number = visited(people)
        api.move(Reach(people[0]), number, "fail", version=2, said={"reason": "学校停课，不具备条件"})
        (row,) = rows("inspections")
        assert (row["result"], row["items"]) == ("no_condition", 0)
        assert rows("inspection_items") == []


class TestFindings:
    def test_each_becomes_a_task_with_the_time_of_its_severity(self, people: Any) -> None:
        number = confirmed(people, **BAD)
        assert Inspection.objects.get(pk=number).result == "fails"
        with pytest.raises(access.NotAllowedError, match="还有 3 个问题要整改"):
            api.move(Reach(people[0]), number, "close", version=4)
        assert not Task.objects.exists()
        api.move(Reach(people[0]), number, "order", version=4)
        made = {t.deadline: t for t in Task.objects.order_by("pk")}
        assert set(made) == {"inspection.major", "inspection.ordinary"}
        assert Task.objects.count() == 3
        days = {name: (timezone.localdate(t.due_at) - timezone.localdate()).days for name, t in made.items()}
        assert 7 <= days["inspection.major"] <= 7 + 10, "seven days, and on to a working day"
        assert 30 <= days["inspection.ordinary"] <= 30 + 10
        major = made["inspection.major"]
        assert major.title.startswith("整改：演示中学，现场悬挂的食品经营许可证")
        assert (major.unit_id, major.role, major.text) == ("education", "school", "许可证过期")
        assert major.level > made["inspection.ordinary"].level

    def test_an_immediate_danger_is_asked_for_when_the_record_is_handed_in(self, people: Any) -> None:
        extra = {
            "in_date": "2", "in_date_said": "两箱过期牛奶", "in_date_done": "当场下架封存", "in_date_photo": f"{'b' * 64}.png",
            "in_date_photo_at": "2026-11-20 09:30", "in_date_photo_where": "演示库房",
        }  # fmt: skip
        number = concluded(people, **extra)
        task = Task.objects.get()
        assert task.deadline == "inspection.at_once"
        assert timedelta(hours=23) < task.due_at - timezone.now() <= timedelta(hours=24)
        assert "过期、变质" in task.title
        assert "应不高于 0 件" in task.title
        api.move(Reach(people[1]), number, "return", version=3, said={"reason": "件数和照片不符"})
        task.refresh_from_db()
        assert task.state == "withdrawn"
        assert not InspectionFinding.objects.exists()
        assert api.filling(Reach(people[0]), number)[1]["in_date_said"] == "两箱过期牛奶"

    def test_the_re_check_settles_what_is_right_and_orders_the_rest_anew(self, people: Any) -> None:
        number = confirmed(people, **BAD)
        api.move(Reach(people[0]), number, "order", version=4)
        found = list(InspectionFinding.objects.order_by("pk"))
        right = [f.pk for f in found if f.severity == "major"]
        me = Reach(people[1])
        api.again_or_done(me, number, version=5, right=right, opinion="许可证已经换发")
        assert state(number) == "ordered"
        assert sorted(Task.objects.values_list("state", flat=True)) == [
            "closed",
            "open",
            "open",
            "withdrawn",
            "withdrawn",
        ]
        row = rows("inspections")[0]
        assert (row["failed"], row["rectified"], row["closed_on"]) == (3, 1, None)
        api.again_or_done(me, number, version=6, right=[f.pk for f in found], opinion="其余问题也已整改")
        assert state(number) == "closed"
        assert Task.objects.filter(state__in=("open", "answered")).count() == 0
        (row,) = rows("inspections")
        assert (row["rectified"], row["closed_on"]) == (3, timezone.localdate())
        done = {r["item"]: r["rectified_on"] for r in rows("inspection_items") if r["outcome"] == "not"}
        assert set(done.values()) == {timezone.localdate()}

    def test_without_a_time_of_the_county_the_inspector_names_the_day(
        self, people: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from qingmiao.site.apps.inspections import rectifying

        monkeypatch.setattr(rectifying, "deadline_of", lambda finding: None)
        number = confirmed(people, hygiene="not", hygiene_said="水箱没有加盖")
        assert api.unset_times(Reach(people[0]), number) == ("一般",)
        with pytest.raises(access.NotAllowedError, match="本县没有设置一般问题的整改时限"):
            api.move(Reach(people[0]), number, "order", version=4)
        with pytest.raises(access.NotAllowedError, match="整改期限要在今天以后"):
            api.move(Reach(people[0]), number, "order", version=4, due=timezone.localdate())
        named = timezone.localdate() + timedelta(days=12)
        api.move(Reach(people[0]), number, "order", version=4, due=named)
        assert timezone.localdate(Task.objects.get().due_at) == named


class TestPages:
    def test_a_visit_is_planned_filled_in_with_a_photograph_and_printed(self, people: Any, browser_of: Any) -> None:
        one, two = (browser_of(p) for p in people)
        assert "学校集体用餐检查单" in one.get("/inspections/new").content.decode()
        day = (timezone.localdate() + timedelta(days=1)).isoformat()
        given = {
            "checklist": CHECKLIST, "place": "演示小学", "place_kind": "primary_school", "area": "141029100",
            "responsible": "education", "on": day, "inspectors": [people[0].username],
        }  # fmt: skip
        refused = one.post("/inspections/new", given)
        assert refused.status_code == 400
        assert "检查人员不得少于 2 人" in refused.content.decode()
        made = one.post("/inspections/new", given | {"inspectors": [p.username for p in people]})
        number = Inspection.objects.get().pk
        assert made.url == f"/inspections/{number}"
        assert one.post(made.url, {"do": "visit", "version": 1}).status_code == 302
        answers = posted(good_answers()) | {"hygiene": "not", "separate": "not", "separate_said": "刀具混用"}
        answers |= {"separate_photo_at": "2026-11-20 09:30", "separate_photo_where": "演示厨房"}
        sent = answers | {"do": "conclude", "version": 2, "separate_photo": SimpleUploadedFile("图.png", PNG)}
        page = one.post(f"{made.url}/fill", sent)
        assert page.status_code == 400
        assert "请填写「防鼠防蝇、垃圾处置、二次供水水箱加盖加锁：发现的问题」" in page.content.decode()
        sent = answers | {"hygiene_said": "水箱没有加盖", "do": "conclude", "version": 2}
        assert (
            one.post(f"{made.url}/fill", sent | {"separate_photo": SimpleUploadedFile("图.png", PNG)}).status_code
            == 302
        )
        assert two.post(made.url, {"do": "confirm", "version": 3}).status_code == 302
        seen = two.get(made.url).content.decode()
        assert "下达整改通知" in seen
        assert "水箱没有加盖" in seen
        key = f"{hashlib.sha256(PNG).hexdigest()}.png"
        assert b"".join(two.get(f"{made.url}/photos/{key}").streaming_content) == PNG
        assert two.get(f"{made.url}/photos/{'0' * 64}.png").status_code == 404
        printed = two.get(f"{made.url}/print").content.decode()
        assert all(x in printed for x in ("检查记录", "演示-01", "受检单位（签名或盖章）", "不低于 125 g", "125.2 g"))
        assert two.post(made.url, {"do": "order", "version": 4}).status_code == 302
        ids = list(InspectionFinding.objects.values_list("pk", flat=True).order_by("pk"))
        ended = {"do": "recheck", "version": 5, "right": ids, "opinion": "现场复查，已经整改"}
        assert two.post(made.url, ended).status_code == 302
        assert "已办结" in two.get("/inspections/?state=closed&year=" + day[:4]).content.decode()
        assert "没有检查" in two.get("/inspections/?state=planned").content.decode()

    def test_saving_keeps_what_was_typed_and_a_row_may_be_added(self, people: Any, browser_of: Any) -> None:
        number, one = visited(people), browser_of(people[0])
        kept = one.post(f"/inspections/{number}/fill", {"present": "演示·园长", "do": "fill", "version": 2})
        assert kept.url == f"/inspections/{number}/fill"
        assert 'value="演示·园长"' in one.get(kept.url).content.decode()
        more = one.post(kept.url, posted(good_answers()) | {"_more": "dish", "version": 3})
        assert 'name="dish.2.sample_weight"' in more.content.decode()
        assert version(number) == 3
