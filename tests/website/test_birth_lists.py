"""A hospital's month: births make files, twins apart and mothers linked; deaths close them; both are taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from django.utils import timezone

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
