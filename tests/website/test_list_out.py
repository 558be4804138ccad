"""Lists written in the layouts of uploads: the same file again changes nothing; every export is written down."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
import yaml
from django.utils import timezone
from openpyxl import load_workbook

from qingmiao.kernel.errors import UserError
from website.filed import CASES, a_child, a_number, held_anywhere
from website.role_ids import Role
from website.test_child_lists import asked, births, book, pupil, reach, row, school  # noqa: F401

pytestmark = pytest.mark.django_db
SHEETS = sorted(p.stem for p in (Path(CASES).parents[1] / "sheets").glob("*.yaml"))
LONG_AGO = date(2000, 1, 1)


def person_who_records(school, layout):  # noqa: F811
    """Somebody of the school's unit with a role that records the kind of the layout."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.models import Person
    from qingmiao.site.apps.records import kinds, lists

    _, person, unit = school
    rules = kinds.rules()
    wanted = kinds.kinds()[lists.layouts()[layout].record].recorded_by
    roles = [r for r in wanted if r in rules and rules[r].identity == "masked"]
    if "school_doctor" not in roles:
        person = api.make_person(
            audit.SYSTEM, username="recorder", name="演示登记人", unit=unit, password="made-up river 4711", demo=True,
            must_change=False,
        )  # fmt: skip
        held_anywhere()
        api.grant(audit.SYSTEM, person, roles[0], on=date(2024, 1, 1), area=unit.area_id)
    return Person.objects.get(pk=person.pk)


def recorded(school, layout):  # noqa: F811
    """A child with a record of the layout's kind, as the pack's case has it; who recorded it."""
    from qingmiao.site.apps.records import entering, lists
    from qingmiao.site.apps.records.models import Child

    keeper, _, unit = school
    kind = lists.layouts()[layout].record
    case = yaml.safe_load((CASES / f"{kind}.yaml").read_text("utf-8"))
    who = case["person"]
    sex = who.get("sex") or case["answers"]["sex"]
    child = a_child(keeper, "演示甲", sex=sex, birth=who["birth_date"], number=a_number(who["birth_date"], sex))
    Child.objects.filter(pk=child).update(school_unit=unit, school_class="3班", grade=who.get("grade", ""), unit=unit)
    by = person_who_records(school, layout)
    answers = {k: str(v) for k, v in case["answers"].items()}
    day = timezone.localdate()
    if case["filled_on"] > day:
        pytest.fail("the case is of a day to come")
    entry = entering.entry(reach(by), child, kind)
    queries = entering.judge(entry, Child.objects.get(pk=child), answers).queries
    made, filled = entering.write(
        reach(by),
        child,
        kind,
        operation="演示",
        answers=answers,
        explanations={q.key: "已核对原始记录" for q in queries},
    )
    assert made, filled.faults
    return by, child


@pytest.mark.parametrize("layout", SHEETS)
def test_an_export_is_the_sheet_that_was_uploaded_and_uploaded_again_changes_nothing(school, layout):  # noqa: F811
    from qingmiao.site.apps.records import list_out, lists
    from qingmiao.site.apps.records.event_models import HealthRecord
    from qingmiao.site.apps.records.list_models import ChildList

    by, _ = recorded(school, layout)
    of = list_out.OutAsked(layout, LONG_AGO, timezone.localdate())
    (one,) = list_out.occasions(reach(by), of)
    name, data = list_out.export(reach(by), of, one.key, purpose="上报县级系统")
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    headings, cells, *more = sheet.iter_rows(values_only=True)
    assert headings == tuple(c.heading for c in lists.layouts()[layout].columns)
    assert "演示甲" in cells
    assert not more
    assert name.endswith(".xlsx")
    said = {f: str(v) for f, v in zip(lists.layouts()[layout].asked, [how for _, how in one.said], strict=True)}
    made = lists.receive(reach(by), layout, name=name, data=data, asked=said, headings=None)
    kept = ChildList.objects.get(pk=made)
    assert (kept.faults, kept.queries) == ([], {})
    lists.write(reach(by), made, version=kept.version)
    assert set(kept.rows.values_list("standing", flat=True)) == {"again"}
    assert HealthRecord.objects.count() == 1


def test_an_export_needs_a_purpose_and_stands_in_the_ledger_and_beside_each_child(school, browser_of):  # noqa: F811
    from django.urls import reverse

    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.records import list_out

    by, child = recorded(school, "sight_screening")
    of = list_out.OutAsked("sight_screening", LONG_AGO, timezone.localdate())
    (one,) = list_out.occasions(reach(by), of)
    with pytest.raises(UserError, match="用途"):
        list_out.export(reach(by), of, one.key, purpose=" ")
    assert not list(audit.trail(action="records.export"))
    client, address = browser_of(by), reverse("records.out")
    body = {"layout": of.layout, "first": "2000-01-01", "key": one.key, "purpose": "报县疾控中心"}
    assert "演示人员" in client.get(address, body).content.decode()
    answer = client.post(address, body)
    told = load_workbook(io.BytesIO(answer.content)).worksheets[1]
    assert dict(told.iter_rows(values_only=True))["用途"] == "报县疾控中心"
    (line,) = audit.trail(action="records.export")
    assert (line.detail["rows"], line.detail["purpose"]) == (1, "报县疾控中心")
    assert "records.child.export" in {e.action for e in audit.of_object("child", child)}
    assert client.post(address, body | {"purpose": ""}).status_code == 400
    assert client.get(address, {"first": "去年"}).status_code == 400


def test_who_sees_no_numbers_exports_none_and_who_records_no_such_kind_nothing(school):  # noqa: F811
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.access import AbsentError
    from qingmiao.site.apps.records import list_out, lists

    keeper, doctor, unit = school
    b = births()
    number = a_number(b[0], "M")
    pupil(school, "演示甲", b[0], number=number)
    data = book(HEAD, row("演示甲", b[0]))
    made = lists.receive(reach(doctor), "fitness_upload", name="x", data=data, asked=asked(), headings=None)
    lists.write(reach(doctor), made, version=1)
    clerk = api.make_person(
        audit.SYSTEM, username="clerk", name="演示教务", unit=unit, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    api.grant(audit.SYSTEM, clerk, Role.SCHOOL, on=date(2024, 1, 1), area=unit.area_id)
    of = list_out.OutAsked("fitness_upload", LONG_AGO, timezone.localdate())

    def cells(by):
        (one,) = list_out.occasions(reach(by), of)
        return load_workbook(io.BytesIO(list_out.export(reach(by), of, one.key, purpose="核对上报数据")[1])).worksheets[
            0
        ]

    texts = {str(c) for line in cells(clerk).iter_rows(values_only=True) for c in line}
    assert "演示甲" in texts
    assert number not in texts
    assert number in {str(c) for line in cells(doctor).iter_rows(values_only=True) for c in line}
    with pytest.raises(AbsentError):
        list_out.occasions(reach(keeper), of)


HEAD = ["年级编号", "班级名称", "学籍号", "姓名", "性别", "出生日期", "身高", "体重", "肺活量", "1000米跑", "800米跑"]
