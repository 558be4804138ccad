"""Lists of children on the site: matched, settled, imported whole or not at all, known again, taken back."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from qingmiao.kernel.errors import UserError
from website.filed import a_child, a_number, doctor

pytestmark = pytest.mark.django_db
HEADINGS = [
    "年级编号",
    "班级名称",
    "学籍号",
    "姓名",
    "性别",
    "出生日期",
    "身高",
    "体重",
    "肺活量",
    "1000米跑",
    "800米跑",
]
ASKED = {"tester": "演示教师"}


def book(*rows):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def asked():
    today = timezone.localdate().isoformat()
    return {"tested_on": today, "body_on": today, **ASKED}


@pytest.fixture
def school(make_person):
    """A school doctor of a school of the county, and a keeper of files."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.models import Organisation

    keeper = doctor(make_person)
    unit = Organisation.objects.get(pk="education")  # stands for the schools that are no units of their own
    person = api.make_person(
        audit.SYSTEM, username="school-doctor", name="演示校医", unit=unit, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    api.grant(audit.SYSTEM, person, "school_doctor", on=date(2024, 1, 1), area=unit.area_id)
    return keeper, person, unit


def reach(person):
    from qingmiao.site.apps.directory.permissions import Reach

    return Reach(person)


def pupil(school, name, birth, *, sex="M", number="", grade="J1", class_="1班"):
    from qingmiao.site.apps.records.models import Child

    keeper, _, unit = school
    made = a_child(keeper, name, sex=sex, birth=birth, number=number, reason="同名不同人，父母不同")
    Child.objects.filter(pk=made).update(school_unit=unit, school_class=class_, grade=grade)
    return made


def row(name, birth, *, sex="1", number="", grade=21, height=150, run="3'45\"", girl=None):
    return [grade, "1班", number, name, sex, birth.isoformat(), height, 41, 2000, run, girl]


def facts_of():
    from qingmiao.site import pack
    from qingmiao.site.apps.facts import api as facts

    return facts.current(pack.pack(), "fitness_tests").to_pylist()


def births():
    return [date(timezone.localdate().year - 12, 3, n) for n in range(1, 9)]


def test_a_list_is_imported_whole_known_again_and_taken_back(school):
    from qingmiao.site.apps.records import lists
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
    from qingmiao.site.apps.records.list_models import ChildList

    _, person, _ = school
    b = births()
    number = a_number(b[0], "M")
    first = pupil(school, "演示甲", b[0], number=number)
    second = pupil(school, "演示乙", b[1], sex="F")
    data = book(HEADINGS, row("演示甲", b[0], number="G" + number), row("演示乙", b[1], sex="2", run=None, girl="3:50"))
    can = reach(person)
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    kept = ChildList.objects.get(pk=made)
    assert (kept.faults, kept.fault_count) == ([], 0), kept.faults
    assert number.encode() not in bytes(kept.file_sealed)
    assert sorted(kept.rows.values_list("child", "standing")) == sorted([(first, "sure"), (second, "sure")])
    assert not HealthRecord.objects.exists()
    lists.write(can, made, version=kept.version)
    one = HealthRecord.objects.get(child=first)
    said = RecordVersion.objects.get(record=one)
    assert (one.kind, one.unit, said.answers["run_1000m"]) == ("fitness_test", person.organisation, "225")
    assert sorted(r["run_1000m"] or r["run_800m"] for r in facts_of()) == [225, 230]
    assert {r["grade"] for r in facts_of()} == {"J1"}

    assert lists.receive(can, "fitness_upload", name="又一次.xlsx", data=data, asked=asked(), headings=None) == made
    more = book(HEADINGS, row("演示乙", b[1], sex="2", run=None, girl="3:50"), row("演示甲", b[0], number=number))
    again = lists.receive(can, "fitness_upload", name="换了次序.xlsx", data=more, asked=asked(), headings=None)
    assert again != made
    lists.write(can, again, version=1)
    assert HealthRecord.objects.count() == 2
    assert set(ChildList.objects.get(pk=again).rows.values_list("standing", flat=True)) == {"again"}

    with pytest.raises(UserError):
        lists.undo(can, made, version=2, reason="")
    lists.undo(can, made, version=2, reason="传错了学校的表")
    assert set(HealthRecord.objects.values_list("state", "version")) == {("withdrawn", 2)}
    assert RecordVersion.objects.filter(withdrawn=True, reason="传错了学校的表").count() == 2
    assert facts_of() == []
    third = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    lists.write(can, third, version=1)
    assert HealthRecord.objects.exclude(state="withdrawn").count() == 2


def test_after_a_list_what_is_due_is_what_counting_everybody_finds(school):
    from qingmiao.site.apps.records import due_counting
    from qingmiao.site.apps.records.event_models import OpenDue

    def kept():
        return sorted(OpenDue.objects.order_by("pk").values_list("child", "schedule", "item", "overdue", "last_date"))

    from qingmiao.site.apps.records import lists

    _, person, _ = school
    for name in ("演示甲", "演示乙", "演示丙"):
        pupil(school, name, births()[0])
    due_counting.count_all()
    before, can = kept(), reach(person)
    data = book(HEADINGS, *(row(name, births()[0]) for name in ("演示甲", "演示乙")))
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    lists.write(can, made, version=1)
    after = kept()
    assert len({d[:3] for d in before} - {d[:3] for d in after}) == 2, "the test of two pupils is done"
    assert set(after) < set(before)
    due_counting.count_all()
    assert kept() == after


def test_a_record_of_a_list_that_changes_counts_once_and_the_others_stay(school):
    """The list is one source of facts; who is corrected or withdrawn leaves it, also over the turn of a year."""
    from qingmiao.site import pack
    from qingmiao.site.apps.facts import api as facts
    from qingmiao.site.apps.facts.models import Publication
    from qingmiao.site.apps.records import entering, lists, versions
    from qingmiao.site.apps.records.event_models import HealthRecord

    _, person, _ = school
    b, can = births(), reach(person)
    names = ("演示甲", "演示乙", "演示丙", "演示丁")
    children = {name: pupil(school, name, b[n]) for n, name in enumerate(names)}
    data = book(HEADINGS, *(row(name, b[n], height=150 + n) for n, name in enumerate(names)))
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    lists.write(can, made, version=1)
    assert Publication.objects.values_list("source", "rows").get() == (f"list:{made}-0", 4)
    records = {name: HealthRecord.objects.get(child=children[name]) for name in names}
    assert {r["_file"] for r in facts_of()} == {f"record:{r.pk}@1" for r in records.values()}

    one = records["演示甲"]
    said = {**versions.newest(one).answers, "height": "170"}
    last_year = timezone.localdate().replace(month=1, day=1) - timedelta(days=20)
    said |= {"tested_on": last_year.isoformat(), "body_on": last_year.isoformat()}
    assert entering.correct(can, one.pk, version=1, answers=said, reason="身高和日期抄错了")[0]
    entering.withdraw(can, records["演示乙"].pk, version=1, reason="不是这名学生")
    assert {r["height_cm"]: r["_file"] for r in facts_of()} == {
        152.0: f"record:{records['演示丙'].pk}@1", 153.0: f"record:{records['演示丁'].pk}@1"
    }  # fmt: skip
    before = facts.not_counting(pack.pack(), "fitness_tests", last_year.year).to_pylist()  # departments say that year
    assert [(r["height_cm"], r["_file"]) for r in before] == [(170.0, f"record:{one.pk}@2")]
    lists.undo(can, made, version=2, reason="传错了学校的表")
    assert facts_of() == []
    assert set(HealthRecord.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_one_bad_cell_and_nothing_is_imported_and_the_copy_marks_it(school):
    from qingmiao.site.apps.records import list_showing, lists
    from qingmiao.site.apps.records.event_models import HealthRecord

    b, (_, person, _) = births(), school
    for name, birth in (("演示甲", b[0]), ("演示乙", b[1]), ("演示丙", b[2])):
        pupil(school, name, birth)
    can = reach(person)
    data = book(
        HEADINGS, row("演示甲", b[0]), row("演示乙", b[1], height=15), row("演示丙", b[2], grade=22, run="3'75\"")
    )
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    shown = list_showing.page(can, made)
    assert [cell for cell, _ in shown.faults] == ["G3", "J4"]
    with pytest.raises(UserError, match="什么都没有导入"):
        lists.write(can, made, version=1)
    assert not HealthRecord.objects.exists()
    copy = load_workbook(io.BytesIO(list_showing.repaired(can, made)))
    assert copy["名单"]["G3"].comment is not None
    assert copy["核对结果"]["A2"].value == "G3"
    copy["名单"]["G3"], copy["名单"]["J4"], copy["名单"]["A4"] = "151", "3'45\"", "21"
    out = io.BytesIO()
    copy.save(out)
    mended = lists.receive(can, "fitness_upload", name="改.xlsx", data=out.getvalue(), asked=asked(), headings=None)
    lists.write(can, mended, version=1)
    assert HealthRecord.objects.count() == 3


def test_a_grade_that_the_file_does_not_have_is_a_fault_because_scores_follow_it(school):
    from qingmiao.site.apps.records import list_showing, lists

    b, (_, person, _) = births(), school
    pupil(school, "演示甲", b[0], grade="J2")
    can = reach(person)
    data = book(HEADINGS, row("演示甲", b[0]))
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    assert [f for f in list_showing.page(can, made).faults if "年级和儿童档案里的不同" in f[1]]


def test_the_unsure_are_settled_by_a_person_and_who_is_out_of_reach_is_not_there(school):
    from qingmiao.site.apps.records import list_showing, lists
    from qingmiao.site.apps.records.event_models import HealthRecord

    keeper, person, _ = school
    b = births()
    twin = [pupil(school, "演示同", b[0]), pupil(school, "演示同", b[0])]
    elsewhere = a_child(keeper, "演示外", sex="M", birth=b[2])
    can = reach(person)
    data = book(HEADINGS, row("演示同", b[0]), row("演示外", b[2]))
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    shown = list_showing.page(can, made)
    (unsure,) = shown.unsure
    assert {c.child.id for c in unsure.candidates} == set(twin)
    assert shown.absent == ((3, "演示外"),)
    with pytest.raises(UserError, match="没有对上"):
        lists.write(can, made, version=1)
    with pytest.raises(UserError, match="不能对应"):
        lists.settle(can, made, version=1, chosen={2: elsewhere}, leave_absent=False, said={})
    lists.settle(can, made, version=1, chosen={2: twin[1]}, leave_absent=True, said={})
    lists.write(can, made, version=2)
    assert list(HealthRecord.objects.order_by("pk").values_list("child", flat=True)) == [twin[1]]


def test_a_mistyped_birth_date_of_a_classmate_is_settled_by_a_person(school):
    """What another row says of a child says nothing of this one."""
    from qingmiao.site.apps.records import list_showing, lists

    _, person, _ = school
    b, can = births(), reach(person)
    right, _ = pupil(school, "演示甲", b[0]), pupil(school, "王乙丙", b[5])
    data = book(HEADINGS, row("演示甲", b[5]), row("王乙丙", b[5]))
    made = lists.receive(can, "fitness_upload", name="体测.xlsx", data=data, asked=asked(), headings=None)
    (unsure,) = list_showing.page(can, made).unsure
    assert [(c.child.id, c.reasons) for c in unsure.candidates] == [(right, ("同班同名，出生日期不同",))]


def test_a_second_test_of_the_day_is_asked_back_and_explained_once(school):
    from qingmiao.site.apps.records import list_showing, lists
    from qingmiao.site.apps.records.event_models import HealthRecord

    b, (_, person, _) = births(), school
    pupil(school, "演示甲", b[0])
    can = reach(person)
    one = book(HEADINGS, row("演示甲", b[0]))
    lists.write(
        can, lists.receive(can, "fitness_upload", name="1.xlsx", data=one, asked=asked(), headings=None), version=1
    )
    two = book(HEADINGS, row("演示甲", b[0], height=151))
    made = lists.receive(can, "fitness_upload", name="2.xlsx", data=two, asked=asked(), headings=None)
    assert [q[0] for q in list_showing.page(can, made).queries] == ["same_day"]
    with pytest.raises(UserError, match="核对说明"):
        lists.write(can, made, version=1)
    lists.settle(can, made, version=1, chosen={}, leave_absent=False, said={"same_day": "上午测错，下午重测"})
    lists.write(can, made, version=2)
    assert HealthRecord.objects.count() == 2


def test_who_records_no_such_kind_and_another_unit_have_no_list(school):
    from qingmiao.site.apps.directory.access import AbsentError
    from qingmiao.site.apps.records import list_showing, lists

    keeper, person, _ = school
    with pytest.raises(AbsentError):
        lists.receive(reach(keeper), "fitness_upload", name="x", data=book(HEADINGS), asked=asked(), headings=None)
    made = lists.receive(
        reach(person), "fitness_upload", name="x", data=book(HEADINGS, row("演示甲", births()[0])), asked=asked(),
        headings=None,
    )  # fmt: skip
    with pytest.raises(AbsentError):
        list_showing.page(reach(keeper), made)


def test_a_day_in_the_future_is_refused_as_on_the_form(school):
    from qingmiao.site.apps.records import list_showing, lists

    b, (_, person, _) = births(), school
    pupil(school, "演示甲", b[0])
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    said = {**asked(), "tested_on": tomorrow}
    made = lists.receive(
        reach(person), "fitness_upload", name="x", data=book(HEADINGS, row("演示甲", b[0])), asked=said, headings=None
    )
    assert any("之后" in m for _, m in list_showing.page(reach(person), made).faults)


def test_a_school_doctor_uploads_maps_settles_and_imports_on_the_pages(school, browser_of):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from qingmiao.site.apps.records.event_models import HealthRecord
    from qingmiao.site.apps.records.list_models import ChildList

    _, person, _ = school
    b = births()
    twin = [pupil(school, "演示同", b[0]), pupil(school, "演示同", b[0])]
    client = browser_of(person)
    assert reverse("records.lists") in client.get(reverse("records.list")).content.decode()
    own = [h.replace("身高", "个头") for h in HEADINGS]
    file = SimpleUploadedFile("体测.xlsx", book(own, row("演示同", b[0])))
    body = {"layout": "fitness_upload", "file": file, **{f"asked.{k}": v for k, v in asked().items()}}
    answer = client.post(reverse("records.lists"), body)
    made = ChildList.objects.get()
    one = reverse("records.listed", args=(made.pk,))
    assert answer.headers["Location"] == one
    shown = client.get(one).content.decode()
    assert "缺少“身高”一列" in shown
    assert "个头" in shown
    body = {"do": "map", "version": "1", "theirs": ["个头"], "ours": ["身高"]}
    one = client.post(one, body).headers["Location"]
    assert f'value="{twin[1]}"' in client.get(one).content.decode()
    client.post(one, {"do": "settle", "version": "1", "row.2": str(twin[1])})
    assert "全部导入" in client.get(one).content.decode()
    client.post(one, {"do": "import", "version": "2"})
    assert HealthRecord.objects.get().child_id == twin[1]
    assert client.post(one, {"do": "undo", "version": "3", "reason": ""}).status_code == 400
    client.post(one, {"do": "undo", "version": "3", "reason": "传错了学校的表"})
    assert HealthRecord.objects.get().state == "withdrawn"
    assert "已撤销" in client.get(one).content.decode()
