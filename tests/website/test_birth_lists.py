"""A hospital's month: births make files, twins apart and mothers linked; deaths close them; both are taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from django.utils import timezone

from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.records import given
from website.filed import CASES, HOME, a_child, a_number, doctor
from website.test_child_lists import book, reach

pytestmark = pytest.mark.django_db


@pytest.fixture
def midwife(make_person):
    """Somebody who attends births at a hospital."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api

    unit = doctor(make_person).organisation
    person = api.make_person(
        audit.SYSTEM, username="midwife", name="演示助产士", unit=unit, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    for role in ("midwife", "child_health_doctor"):
        api.grant(audit.SYSTEM, person, role, on=date(2024, 1, 1), area=unit.area_id)
    return person


def born():
    return timezone.localdate() - timedelta(days=20)


def births(*rows):
    """A list of births: each row is a child as the case of the pack has it, with what is given changed."""
    from qingmiao.site.apps.records import lists

    layout = lists.layouts()["birth_list"]
    case = yaml.safe_load((CASES / "birth_certificate.yaml").read_text("utf-8"))["answers"]
    day = born().isoformat()
    case |= {"born_on": day, "discharged_on": day, "issued_on": day}
    said = []
    for row in rows:
        one = {c.heading: case.get(c.field or "") for c in layout.columns} | {"性别": "1", "现住址乡镇": HOME} | row
        said.append([one[c.heading] for c in layout.columns])
    return book([c.heading for c in layout.columns], *said)


def upload(person, layout, data, asked=None):
    from qingmiao.site.apps.records import lists

    return lists.receive(reach(person), layout, name="名单.xlsx", data=data, asked=asked or {}, headings=None)


def standing(number):
    from qingmiao.site.apps.records.list_models import ChildList

    kept = ChildList.objects.get(pk=number)
    return [m for _, m in kept.faults], list(kept.rows.order_by("place").values_list("standing", flat=True))


MOTHER = {"母亲姓名": "演示秀英", "母亲电话": "13800000000"}


def test_births_make_files_twins_are_apart_and_the_mother_is_linked(midwife):
    from qingmiao.site.apps.records import lists
    from qingmiao.site.apps.records.event_models import HealthRecord
    from qingmiao.site.apps.records.models import Child, Relation

    mother = {**MOTHER, "母亲证件号码": a_number(date(1998, 3, 4), "F")}
    twins = {**mother, "姓名": "", "单胎或多胎": "2"}
    named = {"姓名": "演示安安", "性别": "2", "母亲姓名": "演示翠", "出生医学证明编号": "T140000003"}
    data = births(
        {**twins, "胎次": "1", "出生医学证明编号": "T140000001"}, {**twins, "胎次": "2", "出生医学证明编号": "T140000002"},
        named,
    )  # fmt: skip
    made = upload(midwife, "birth_list", data)
    assert standing(made) == ([], ["new", "new", "new"])
    assert not Child.objects.exists()
    lists.write(reach(midwife), made, version=1)
    names = list(Child.objects.order_by("pk").values_list("name", "sex", "area"))
    assert names == [("演示秀英之子", "M", HOME), ("演示秀英之子", "M", HOME), ("演示安安", "F", HOME)]
    assert HealthRecord.objects.filter(kind="birth_certificate").values("child").distinct().count() == 3
    first, second = Child.objects.filter(name="演示秀英之子")
    shared = {r.relative_id for r in Relation.objects.filter(child__in=[first, second], kind="mother", guardian=True)}
    assert len(shared) == 1, "twins have one mother"
    again = upload(midwife, "birth_list", births(named, {**twins, "胎次": "1", "出生医学证明编号": "T140000001"}))
    lists.write(reach(midwife), again, version=1)
    assert standing(again) == ([], ["again", "again"])
    assert Child.objects.count() == 3


def test_a_child_that_the_delivery_registered_is_found_by_its_mother(midwife):
    from qingmiao.site.apps.records.models import Child, Relative
    from website.filed import mother

    number = a_number(date(1998, 3, 4), "F")
    there = a_child(midwife, "演示秀英之子", sex="M", birth=born(), relatives=(mother("演示秀英", number=number),))
    row = {"姓名": "演示平平", "母亲姓名": "演示秀英", "母亲证件号码": number, "出生医学证明编号": "T140000004"}
    made = upload(midwife, "birth_list", births(row))
    assert standing(made) == ([], ["sure"])
    assert Child.objects.get().pk == there
    both = births(row, {**row, "出生医学证明编号": "T140000005"})
    assert standing(upload(midwife, "birth_list", both)) == ([], ["unsure", "unsure"])
    assert Relative.objects.count() == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{**MOTHER, "现住址乡镇": ""}], "请选择乡镇"),
        ([{**MOTHER, "现住址乡镇": "没有的乡"}], "请选择乡镇"),
        ([{"姓名": ""}], "请填写姓名"),
        ([{**MOTHER, "姓名": ""}, {**MOTHER, "姓名": ""}], "分不清是双胞胎"),
        ([{"姓名": n, "出生医学证明编号": "T140000009"} for n in ("演示甲", "演示乙")], "号码相同"),
        ([{"姓名": "演示甲", "身份证号": "110101199001011234"}], "校验"),
    ],
)
def test_a_row_that_makes_no_file_is_a_fault_in_its_cell(midwife, rows, told):
    faults, _ = standing(upload(midwife, "birth_list", births(*rows)))
    assert any(told in fault for fault in faults), faults


def test_deaths_close_files_and_taking_the_list_back_opens_them(midwife):
    from qingmiao.site.apps.records import lists
    from qingmiao.site.apps.records.event_models import HealthRecord
    from qingmiao.site.apps.records.models import Child

    day = timezone.localdate().isoformat()
    child = a_child(midwife, "演示甲", sex="M", birth=born())
    case = yaml.safe_load((CASES / "child_death.yaml").read_text("utf-8"))["answers"]
    layout = lists.layouts()["death_list"]
    one = {c.heading: case.get(c.field or "") for c in layout.columns}
    one |= {"姓名": "演示甲", "性别": "1", "出生日期": born().isoformat(), "死亡日期": day}
    data = book([c.heading for c in layout.columns], [one[c.heading] for c in layout.columns])
    asked = {"reporter": "演示人员", "unit": "演示医院", "reported_on": day}
    made = upload(midwife, "death_list", data, asked)
    assert standing(made) == ([], ["sure"])
    queries = lists.ChildList.objects.get(pk=made).queries
    lists.settle(
        reach(midwife), made, version=1, chosen={}, leave_absent=False, said=dict.fromkeys(queries, "已核对病历原件")
    )
    lists.write(reach(midwife), made, version=2)
    assert Child.objects.get(pk=child).state == "died"
    assert str(Child.objects.get(pk=child).left_date) == day
    lists.undo(reach(midwife), made, version=3, reason="报错了人，不是这名儿童")
    assert Child.objects.get(pk=child).state == "here"
    assert HealthRecord.objects.get().state == "withdrawn"


def a_case_of(child, by):
    """A case about a child, as its row alone."""
    from qingmiao.site.apps.cases.models import KeptCase

    now = timezone.now()
    return KeptCase.objects.create(
        programme="newborn_screening", owner=child.unit, child=child, area=child.area, township=child.area[:9],
        secrecy="敏感", opened_at=now, moved_at=now, made_by=by,
    )  # fmt: skip


def opening_of(case, child):
    """That a record of the child opened it."""
    from qingmiao.site.apps.cases.models import CaseOpening

    return CaseOpening.objects.create(
        programme=case.programme, origin="record", number=child.records.get().pk, kind="birth_certificate",
        file=f"c{child.pk}", case=case, at=timezone.now(),
    )  # fmt: skip


def test_a_list_of_births_taken_back_takes_its_files_back_but_not_one_that_is_used(midwife, browser_of):
    from django.urls import reverse

    from qingmiao.site.apps.audit.models import Event
    from qingmiao.site.apps.records import api, exposure, lists
    from qingmiao.site.apps.records.event_models import HealthRecord, OpenDue
    from qingmiao.site.apps.records.models import Child, ChildVersion

    rows = [
        {"姓名": "演示安安", "母亲姓名": "演示翠", "母亲证件号码": a_number(date(1998, 3, 4), "F"),
         "出生医学证明编号": "T140000013"},
        {"姓名": "演示平平", "母亲姓名": "演示兰", "出生医学证明编号": "T140000014"},
    ]  # fmt: skip
    made = upload(midwife, "birth_list", births(*rows))
    lists.write(reach(midwife), made, version=1)
    unused, used = Child.objects.order_by("pk")
    home = given.stay(kind="registration", area=HOME, village="", address="", from_date=born().isoformat())
    api.move(reach(midwife), used.pk, "reside", version=1, said={"stays": (home,)})
    lists.undo(reach(midwife), made, version=2, reason="传错了月份的名单")
    assert set(HealthRecord.objects.values_list("state", flat=True)) == {"withdrawn"}
    states = dict(Child.objects.values_list("pk", "state"))
    assert states == {unused.pk: "void", used.pk: "here"}
    assert ChildVersion.objects.filter(child=unused).count() == 1, "it stays to be read"
    told = Event.objects.get(action="records.child.void").detail
    assert "传错了月份的名单" in str(told)
    undone = Event.objects.get(action="records.lists.undo").detail
    assert (undone["records"], undone["files"], undone["files_kept"]) == (2, 1, 1)
    assert not OpenDue.objects.filter(child=unused).exists()
    of, child = exposure.sights(reach(midwife)), Child.objects.get(pk=unused.pk)
    assert (of.sees(child), of.opens(child)) == (False, False)
    browser = browser_of(midwife)
    assert browser.get(reverse("records.one", args=(unused.pk,))).status_code == 404
    assert "演示安安" not in browser.get(reverse("records.list")).content.decode()
    page = browser.get(reverse("records.listed", args=(made,))).content.decode()
    assert "份由这份名单建立的档案里又有别的登记" in page
    again = upload(midwife, "birth_list", births(rows[0]))
    assert standing(again) == ([], ["new"]), "its numbers are free again"
    lists.write(reach(midwife), again, version=1)
    assert Child.objects.filter(name="演示安安", state="here").count() == 1
    with pytest.raises(AbsentError):
        api.move(reach(midwife), used.pk, "void", version=2, said={"reason": "建错了，撤销这份档案"})


def test_a_file_that_a_case_or_another_record_uses_is_not_taken_back(midwife):
    from qingmiao.site.apps.records import filing, hearing, lists
    from qingmiao.site.apps.records.models import Child

    made = upload(
        midwife, "birth_list", births({"姓名": "演示安安", "母亲姓名": "演示翠", "出生医学证明编号": "T140000015"})
    )
    lists.write(reach(midwife), made, version=1)
    child = Child.objects.get()
    assert filing.used_since(child), "its birth is recorded"
    child.records.update(state="withdrawn")
    assert not filing.used_since(child)
    held = a_case_of(child, midwife)
    assert (hearing.held(child.pk), filing.used_since(child)) == (True, True)
    opening_of(held, child)
    assert not filing.used_since(child), "a case that its own record opened and nobody has touched"
    type(held).objects.filter(pk=held.pk).update(version=2)
    assert filing.used_since(child)
