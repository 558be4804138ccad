"""Days of help in a real browser with a test clock: a call to 12345, legal aid, a guidance order, a fact-orphan up to
the first payment and the stop at eighteen, the yearly round of checks, June's benefits for 214 children.

`python tools/days_docs.py` writes what was counted to docs/reference/days-of-casework.md; here it is compared.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from website.browser.case_walking import Day, accessible, finished, goes, lines, shot, written
from website.browser.test_days import Walk
from website.filed import HOME
from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=True)
WHOLE = (
    ("12345来电：登记、转110、派单、退单、指定、延期、帮扶、重办、办结", "hotline_child", "archived"),
    ("法律援助：请求、申请、补充材料、给予援助、指派、会见、结案", "legal_aid", "closed"),
    ("家庭教育指导：登记、劝诫、方案、学习、不履行、再次训诫、评估、完成", "family_edu_order", "done"),
    ("家庭教育指导令：公安机关责令、转妇联、学习、完成", "family_edu_order.order", ""),
)  # fmt: skip
SCHOOL = "school.days"
ORPHAN = "事实无人抚养儿童：申请、查验、确认、开始发放，到第一次发放和满18周岁停发"
ROUND = "入职查询：授权、申请、答复、录用，报人数，次年再查"
JUNE = "民政6月发放214名孤儿的基本生活费：看6项变化、复核、送银行、登记2笔退回"


@pytest.fixture
def day(window: Callable[..., Any], make_person: Any, browser_of: Any, monkeypatch: Any) -> Day:
    """Everybody with a browser of their own; a school with a list of its staff."""
    from qingmiao.site.apps.directory.models import Organisation

    home = Organisation.objects.get(pk=f"township.{HOME}").area
    Organisation.objects.create(
        id=SCHOOL, label="演示小学", short="演示小学", kind="school", area=home, path=f"/{SCHOOL}/"
    )
    return Day(window, make_person, browser_of, monkeypatch, school=SCHOOL)


def test_calls_legal_aid_and_guidance_take_as_many_clicks_as_written_down(day: Day) -> None:
    from qingmiao.site.apps.cases.models import KeptCase

    walks = []
    for name, script, end in WHOLE:
        walk, case = Walk(script.partition(".")[0], None), ""
        for line in lines(script):
            case = goes(day, walk, line, case, 1440)
        shot(walk.page, script)
        stage = KeptCase.objects.get(pk=int(case.rpartition("/")[2])).stage
        assert stage == end or not end, (script, stage)
        assert not accessible(walk.page, script)
        walks.append(finished(walk, name))
    assert max(w.clicks for w in walks) < 140
    written(walks)


def makes(day: Day, walk: Walk, benefit: str, month: str) -> str:
    """A run of a month: made by the clerk, its address."""
    walk.page = page = day.page("child_protection_officer", 1440)
    page.goto("/benefits/")
    walk.clicks += 2
    page.locator("#benefit").select_option(value=f"{benefit}@civil_affairs")
    page.locator("#month").fill(month)
    page.get_by_role("button", name="生成").click()
    page.wait_for_url("**/benefits/*")
    return str(page.url)


def pays(day: Day, walk: Walk, run: str, bounced: int, folder: Path) -> None:
    """Released by another person, fetched, handed to the bank, the bank's answer booked."""
    from qingmiao.site.apps.benefits.models import BenefitPayment

    walk.page = day.page("child_protection_officer", 1440, "two")
    walk.page.goto(run)
    walk.click("button", "复核放行")
    walk.page = page = day.page("child_protection_officer", 1440)
    page.goto(run)
    walk.clicks += 1
    with page.expect_download() as fetched:
        page.get_by_role("link", name="银行代发文件").click()
    assert Path(fetched.value.path()).stat().st_size > 3000
    walk.click("button", "登记已送银行")
    out, number = io.StringIO(newline=""), int(run.rstrip("/").rpartition("/")[2])
    rows = [
        [p.reference, f"{p.fen / 100:.2f}", *(("失败", "账户已注销") if n < bounced else ("成功", ""))]
        for n, p in enumerate(BenefitPayment.objects.filter(run=number).order_by("pk"))
    ]  # fmt: skip
    csv.writer(out).writerows([["流水号", "金额", "处理结果", "失败原因"], *rows])
    answer = folder / "回盘.csv"
    answer.write_bytes(out.getvalue().encode("utf-8-sig"))
    walk.clicks += 1
    page.locator("#file").set_input_files(answer)
    walk.click("button", "登记回盘")


def test_a_fact_orphan_is_paid_first_and_stopped_at_eighteen(day: Day, tmp_path: Path) -> None:
    from website.test_benefit_runs_on_site import a_standard

    walk, case = Walk("defacto_unattended", None), ""
    day.at(datetime(2026, 1, 5, 9))
    officer = "child_protection_officer"
    a_standard(
        {"office": day.person(officer), "leader": day.person("leader")}, standard_class="unattended",
        standard_from="2026-01-01",
    )  # fmt: skip
    for line in lines("defacto_unattended"):
        case = goes(day, walk, line, case, 1440)
    day.at(datetime(2026, 4, 7, 9))
    run = makes(day, walk, "unattended_allowance", "2026-04")
    assert walk.page.get_by_text("新增").count(), walk.page.get_by_role("main").inner_text()
    pays(day, walk, run, 0, tmp_path)
    assert "已入账" in walk.page.get_by_role("main").inner_html()
    day.at(datetime(2033, 5, 6, 9))
    run = makes(day, walk, "unattended_allowance", "2033-05")
    main = walk.page.get_by_role("main")
    assert "满18周岁" in main.inner_text(), "the last month is told beforehand"
    assert "补发" in main.inner_text(), "what was not paid meanwhile"
    shot(walk.page, "benefits-eighteen")
    pays(day, walk, run, 0, tmp_path)
    walk.page.goto(case)
    walk.click("link", "停止发放")
    walk.fill(exit_reason="adult", last_month="2033-05-01")
    walk.click("button", "停止发放")
    day.at(datetime(2033, 6, 3, 9))
    page = day.page(officer, 1440)
    page.goto("/benefits/")
    page.locator("#benefit").select_option(value="unattended_allowance@civil_affairs")
    page.locator("#month").fill("2033-06")
    walk.click("button", "生成")
    assert "没有要发的" in page.get_by_role("main").inner_text(), "nothing after eighteen"
    written([finished(walk, ORPHAN)])


def test_a_school_checks_its_staff_once_a_year(day: Day) -> None:
    walk, case, wrong = Walk("employment_check", None), "", []
    page = day.page("school", 1440)
    for line in lines("employment_check"):
        moment = datetime.fromisoformat(line["at"])
        if line["do"] == "asked" and moment.year == 2027:
            day.at(datetime(2026, 4, 1, 9))
            walk.page = page = day.page("school", 1440)
            page.goto("/cases/")
            walk.click("link", "每年查询")
            shot(page, "round")
            wrong += accessible(page, "cases.round")
            walk.click("link", "演示小学")
            walk.fill(staff="2", source="2026年4月花名册")
            walk.click("button", "报人数")
            assert "演示卯" in page.get_by_role("main").inner_text()
            shot(page, "round-unit")
            wrong += accessible(page, "cases.round_unit")
            day.at(datetime(2027, 2, 20, 9))
            page = day.page("school", 1440)
            page.reload()
            assert page.get_by_text("即将到期").count(), "a month before the year is over"
        case = goes(day, walk, line, case, 1440)
    day.at(datetime(2027, 3, 6, 9))
    walk.page = page = day.page("school", 1440)
    page.goto(f"/cases/rounds/employment_check/{SCHOOL}")
    assert "名单上还没有" in page.get_by_role("main").inner_text(), "who was dismissed is on no list"
    assert not wrong, "\n".join(wrong)
    written([finished(walk, ROUND)])


def test_june_is_paid_for_214_children(day: Day, pack: Any, tmp_path: Path, make_person: Any) -> None:
    from qingmiao.site.apps.directory.models import Organisation, Person
    from qingmiao.site.demo import benefits

    day.at(datetime(2026, 6, 3, 10))
    day.person("child_protection_officer", "two")
    for unit in Organisation.objects.filter(kind="township").order_by("pk").values_list("pk", flat=True):
        make_person(unit, Role.SUPERVISOR, f"june-{unit.rpartition('.')[2]}")
    Person.objects.update(is_demo=True)
    assert benefits.stage(pack) > 200
    walk = Walk("benefits", None)
    run = makes(day, walk, "orphan_allowance", "2026-06")
    page = walk.page
    main = page.get_by_role("main")
    assert "214" in main.inner_text()
    assert (
        main.locator("section", has=page.get_by_role("heading", name="与上月不同的")).locator("tbody tr").count() == 6
    )
    shot(page, "benefits-june")
    assert not accessible(page, "benefits.one")
    pays(day, walk, run, 2, tmp_path)
    back = walk.page.locator("section", has=walk.page.get_by_role("heading", name="退回的"))
    assert back.locator("tbody tr").count() == 2
    shot(walk.page, "benefits-booked")
    assert not accessible(walk.page, "benefits.one")
    written([finished(walk, JUNE)])
