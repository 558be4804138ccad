"""Days with lists and requests: a school's sight screening, a hospital's month, what a guardian asks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import yaml
from django.utils import timezone

from website.filed import CASES, a_child
from website.growing import ago
from website.test_birth_lists import births
from website.test_child_lists import book

PUPILS, UNSURE, LOW = 30, 14, 5
"""Rows of the school's list; those whose birth date was mistyped; those who see badly. A school of 1,200 uploads the
same way and settles as many unsure rows: what takes a click is a row that somebody must look at."""
GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def a_school(by: Any) -> tuple[Any, bytes]:
    """Pupils of a school with their school doctor, and the list of their sight three months ago."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.records import lists
    from qingmiao.site.apps.records.models import Child

    unit = Organisation.objects.get(pk="education")  # stands for the schools that are no units of their own
    doctor = api.make_person(
        audit.SYSTEM, username="school-doctor", name="演示校医", unit=unit, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    api.guided(doctor)
    api.grant(audit.SYSTEM, doctor, "school_doctor", on=date(2024, 1, 1), area=unit.area_id)
    headings = [c.heading for c in lists.layouts()["sight_screening"].columns]
    said, rows = yaml.safe_load((CASES / "vision_record.yaml").read_text("utf-8"))["answers"], []
    for n in range(PUPILS):
        birth, name = date(ago(0).year - 10, 1 + n % 9, 1 + n % 28), f"演{GIVEN[n]}{GIVEN[(n + 11) % PUPILS]}"
        child = a_child(by, name, sex="F", birth=birth, reason="同校的另一名学生")
        class_ = f"{1 + n % 3}班"
        Child.objects.filter(pk=child).update(school_unit=unit, school_class=class_, grade="P4")
        shown = birth + timedelta(days=9) if n < UNSURE else birth
        low = {"acuity_right": "4.6", "sphere_right": "-1.5"} if n % 7 == 0 else {}
        answers = said | low | {"checked_on": ago(90).isoformat()}
        columns = lists.layouts()["sight_screening"].columns
        one = {c.heading: answers.get(c.field or "") for c in columns} | {
            "年级编号": "14", "班级名称": class_, "姓名": name, "性别": "2", "出生日期": shown.isoformat(),
            "检查情况": "已查", "戴镜类型": "不戴镜",
        }  # fmt: skip
        rows.append([one[h] for h in headings])
    return doctor, book(headings, *rows)


def upload(walk: Any, layout: str, name: str, data: bytes, **asked: str) -> None:
    """Choose the layout, the file, what is asked once, and send it to be checked."""
    page = walk.page
    walk.fill(layout=layout)
    walk.click("button", "选择")
    walk.clicks += 1
    page.set_input_files("#file", {"name": name, "mimeType": XLSX, "buffer": data})
    walk.fill(**{f"asked.{field}": value for field, value in asked.items()})
    walk.click("button", "上传并核对")


def screens(doctor: Any, data: bytes, walk: Any) -> Any:
    """The list is uploaded, its unsure rows settled, imported; slips are printed by class."""
    page = walk.page
    page.goto("/records/work")
    walk.click("link", "导入名单")
    upload(walk, "sight_screening", "视力筛查.xlsx", data, doctor="演示校医")
    rows = page.locator("section.card").filter(has=page.locator('input[name^="row."]'))
    assert rows.count() == UNSURE, page.locator("main").inner_text()[:900]
    for row in rows.all():
        walk.clicks += 1  # on the child of that name
        name = row.locator("tbody tr").first.locator("td").nth(1).inner_text()
        assert row.get_by_role("link", name=name).count() == 1, row.inner_text()
        row.locator("tr").filter(has=page.get_by_role("link", name=name)).locator("input").check()
    walk.click("button", "保存核对结果")
    assert page.get_by_role("button", name="全部导入").count(), page.locator("main").inner_text()[:2500]
    walk.click("button", "全部导入")
    assert page.get_by_text(f"健康记录 {PUPILS}").first.is_visible(), page.locator("main").inner_text()[:900]
    walk.click("link", "按班级打印转诊单")
    assert page.locator("article.slip").count() == LOW
    assert page.locator("section.slip-class").count() == 3
    assert page.pdf(prefer_css_page_size=True)
    return walk.done()


def asks_who_was_seen(walk: Any) -> Any:
    """Three months later: which of those who were sent on have been seen at a hospital."""
    page = walk.page
    page.goto("/records/work?list=found")
    assert page.locator("tbody tr").count() == LOW - 2
    walk.click("link", "项一年内已随访")
    assert page.locator("tbody tr").count() == 2
    assert page.get_by_text(ago(10).isoformat()).first.is_visible()
    return walk.done()


def sees_two(oculist: Any) -> None:
    """Two of those with low acuity are checked at a hospital."""
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import api
    from qingmiao.site.apps.records.event_models import RecordFollowUp

    answers = yaml.safe_load((CASES / "vision_record.yaml").read_text("utf-8"))["answers"]
    for n, found in enumerate(RecordFollowUp.objects.filter(name="recheck").order_by("pk")[:2]):
        said = answers | {"where": "2", "checked_on": ago(10).isoformat(), "acuity_right": "4.6"}
        made, filled = api.write(
            Reach(oculist), found.record.child_id, "vision_record", operation=f"operation-seen-{n}", answers=said,
            explanations={q.key: "已核对原始记录" for q in ()},
        )  # fmt: skip
        assert made, (filled.faults, filled.queries)


def reports_the_month(walk: Any, dead: str, birth: date) -> Any:
    """Last month's births and deaths of a hospital."""
    from qingmiao.site.apps.records import lists

    page, day = walk.page, timezone.localdate().isoformat()
    named = [
        {"姓名": f"演示宝{n}", "母亲姓名": f"演示母{n}", "母亲电话": "13800000000", "出生医学证明编号": f"T14000001{n}"}
        for n in range(3)
    ]  # fmt: skip
    page.goto("/records/lists")
    upload(walk, "birth_list", "出生.xlsx", births(*named))
    walk.click("button", "全部导入")
    walk.click("link", "导入名单")
    case = yaml.safe_load((CASES / "child_death.yaml").read_text("utf-8"))["answers"]
    columns = lists.layouts()["death_list"].columns
    one = {c.heading: case.get(c.field or "") for c in columns}
    one |= {"姓名": dead, "性别": "1", "出生日期": birth.isoformat(), "死亡日期": day}
    data = book([c.heading for c in columns], [one[c.heading] for c in columns])
    upload(walk, "death_list", "死亡.xlsx", data, reporter="演示人员", unit="演示医院", reported_on=day)
    for field in page.locator('input[name^="said."]').all():
        walk.typed += 1
        field.fill("已核对病历原件")
    if page.get_by_role("button", name="保存核对结果").count():
        walk.click("button", "保存核对结果")
    walk.click("button", "全部导入")
    assert page.get_by_text("健康记录 1").first.is_visible(), page.locator("main").inner_text()[:900]
    return walk.done()


def answers_a_guardian(walk: Any, child: int) -> Any:
    """A mother asks for a copy of her child's file: received, identified, granted, handed over."""
    page = walk.page
    page.goto(f"/records/{child}")
    walk.click("link", "申请和同意")
    walk.fill(kind="copy", applicant="演示母", relation="mother", asked="请给我一份孩子的档案")
    walk.click("button", "受理")
    for label, said, button in (
        ("核对了哪些证件和监护关系材料", "居民身份证、户口簿", "核实申请人"), ("原因", "申请人是监护人", "同意办理"),
    ):  # fmt: skip
        _step(walk, button, label, said)
    walk.clicks += 1
    with page.expect_download() as fetched:
        page.get_by_role("link", name="生成给申请人的副本（PDF）").click()
    assert fetched.value.path().read_bytes().startswith(b"%PDF")
    page.reload()
    _step(walk, "办结", "办理结果", "已经当面交给申请人")
    assert page.get_by_text("已办结").first.is_visible()
    return walk.done()


def _step(walk: Any, button: str, label: str, said: str) -> None:
    """Take a step of a request: its one field is filled in."""
    form = walk.page.locator("form").filter(has=walk.page.get_by_role("button", name=button, exact=True))
    walk.typed += 1
    form.get_by_label(label).fill(said)
    walk.clicks += 1
    form.get_by_role("button", name=button, exact=True).click()
    walk.page.wait_for_load_state()


def prepares_the_year(walk: Any) -> Any:
    """The table of indicators is narrowed to one; its number of the year is followed to the records and each child."""
    page = walk.page
    page.goto("/indicators/")
    year = page.locator("#f-year")
    newest = year.locator("option").evaluate_all("all => all.map(o => o.textContent.trim()).sort().pop()")
    if year.input_value() != newest:
        walk.clicks += 1
        with page.expect_navigation():
            year.select_option(newest)
    walk.fill(q="贫血")
    walk.click("button", "筛选")
    number = page.locator("tbody tr").filter(has_text="贫血").locator("td").nth(2).locator("button.value")
    walk.clicks += 1
    number.click()
    records = page.locator("#drawer .origins a")
    records.first.wait_for()
    children = set()
    for address in [link.get_attribute("href") for link in records.all()]:
        page.goto(address)
        children.add(page.locator(".crumbs a").last.inner_text())
    assert len(children) == 2, "each child of the number is found"
    walk.clicks += 1  # on the record; the others are one click each as well
    last = page.locator(".crumbs a").last.inner_text()
    walk.click("link", last)
    assert page.locator("h1").inner_text() == last
    return walk.done()
