"""A clerk runs the month's benefits: who changed is told, another person releases, the file goes to the bank, what came
back is booked and paid again; nobody else sees any of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.benefits import api
from qingmiao.site.apps.benefits.models import BenefitClaim, BenefitPayment, BenefitRun
from qingmiao.site.apps.cases import api as cases
from qingmiao.site.apps.directory.permissions import Reach
from website.cased import op, people, taken
from website.filed import HOME
from website.role_ids import Role

pytestmark = pytest.mark.django_db
Browsing = Callable[..., Any]
UNIT, ORPHANS = "civil_affairs", "orphan_allowance"
DECIDED = {
    "decision_number": "演示1号", "decision_result": "yes", "decision_reasons": "符合", "decision_basis": "国办发〔2010〕54号",
    "decision_by": "演示局长", "remedy_told": True,
}  # fmt: skip


@pytest.fixture
def may(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock that cases and runs read."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: timezone.make_aware(moment))

    return set_to


def opened(who: Any, programme: str, answers: dict[str, Any], step: str = "") -> int:
    made = cases.open_case(Reach(who), programme, answers, step=step, operation=op())
    assert made.done, made
    return made.number


def an_orphan(seen: dict[str, Any], name: str, **more: Any) -> int:
    """An orphan who is paid from May 2024 on."""
    number = opened(
        seen["supervisor"], "orphan",
        {"child_name": name, "child_sex": "F", "child_birth_date": "2014-05-01", "child_place": HOME,
         "applicant": "演示姑母", "applicant_relation": "relative", "father_situation": "Q1", "mother_situation": "Q1",
         "proof_number": "演示"},
    )  # fmt: skip
    taken(seen["supervisor"], number, "township_check", {"township_finding": "属实"})
    taken(seen["office"], number, "county_decide", DECIDED)
    taken(seen["office"], number, "approved", {"placement": "relative", "carer": "演示姑母"})
    account = {"account_holder": f"{name}户", "account_number": f"0100{number:04d}", "account_bank": "演示银行"} | more
    taken(seen["office"], number, "paying", {"account_checked": True, "first_month": "2024-05-01"} | account)
    return number


def a_standard(seen: dict[str, Any], **more: Any) -> None:
    number = opened(
        seen["office"], "child_benefit_pay",
        {"standard_year": 2024, "standard_class": "orphan", "amount_institution": 1500, "amount_scattered": 1000.5,
         "living_level": 900} | {k: v for k, v in more.items() if k == "standard_class"},
        step="standard_draft",
    )  # fmt: skip
    done = taken(seen["office"], number, "set", {"standard_from": more.get("standard_from", "2024-01-01"),
                                           "standard_number": "演示2号"})  # fmt: skip
    assert done.waits_for
    chief = Reach(seen["leader"])
    assert cases.confirm_step(chief, number, seen=cases.case(chief, number).version).done


def answered(run: int, bounced: set[int]) -> bytes:
    out = io.StringIO()
    rows = [
        [p.reference, f"{p.fen / 100:.2f}", *(("失败", "账号错误") if p.case_id in bounced else ("成功", ""))]
        for p in BenefitPayment.objects.filter(run=run).order_by("pk")
    ]  # fmt: skip
    csv.writer(out).writerows([["流水号", "金额", "处理结果", "失败原因"], *rows])
    return out.getvalue().encode("utf-8-sig")


def test_a_month_from_the_list_to_the_bank_and_back(
    make_person: Browsing, browser_of: Browsing, may: Callable[[datetime], None]
) -> None:
    may(datetime(2024, 4, 10, 9))
    seen = people(make_person, "office", "office2", "supervisor", "liaison")
    seen["leader"] = make_person(UNIT, Role.LEADER, "chief")
    a_standard(seen)
    first, second = an_orphan(seen, "演示甲"), an_orphan(seen, "演示乙")
    without = an_orphan(seen, "演示丙", account_number="")
    may(datetime(2024, 6, 3, 9))
    browser, other = browser_of(seen["office"]), browser_of(seen["office2"])
    made = browser.post(reverse("benefits.list"), {"benefit": f"{ORPHANS}@{UNIT}", "month": "2024-05", "do": "make"})
    assert made.status_code == 302, made.content.decode()[:3000]
    page = browser.get(made["Location"]).content.decode()
    run = BenefitRun.objects.get()
    assert (run.children, run.fen) == (2, 200100)
    assert page.count("演示丙") == 2, "new, and held"
    assert "没有领取账户或户名" in page
    assert f"…{first:04d}" in page
    assert f"0100{first:04d}" not in page, "accounts by their last digits"
    again = browser.post(reverse("benefits.list"), {"benefit": f"{ORPHANS}@{UNIT}", "month": "2024-06", "do": "make"})
    assert again.status_code == 409, "one run at a time"
    there = reverse("benefits.one", args=(run.pk,))
    assert 'value="release"' not in page, "not offered to who made it"
    assert 'value="release"' in other.get(there).content.decode()
    without_purpose = browser.get(there, {"export": "xlsx"})
    assert without_purpose["Content-Type"].startswith("text/html"), "names are taken out for a purpose"
    own = browser.post(there, {"do": "release", "version": run.version})
    assert "由另一人复核放行" in own.content.decode()
    assert browser.get(reverse("benefits.file", args=(run.pk, "bank"))).status_code == 404, "not released yet"
    assert other.post(there, {"do": "release", "version": run.version}).status_code == 302
    file = browser.get(reverse("benefits.file", args=(run.pk, "bank")))
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).worksheets[0]
    assert [[c.value for c in row][2:6] for row in sheet.iter_rows(min_row=2)] == [
        ["演示甲户", f"0100{first:04d}", "演示银行", "1000.50"], ["演示乙户", f"0100{second:04d}", "演示银行", "1000.50"],
    ]  # fmt: skip
    run.refresh_from_db()
    assert browser.post(there, {"do": "hand_over", "version": run.version}).status_code == 302
    run.refresh_from_db()
    wrong = SimpleUploadedFile("回盘.csv", answered(run.pk, set())[:40])
    refused = browser.post(there, {"do": "book", "layout": "bank", "version": run.version, "file": wrong})
    assert refused.status_code == 400
    assert not BenefitPayment.objects.exclude(state="open").exists()
    answer = SimpleUploadedFile("回盘.csv", answered(run.pk, {second}))
    booked = browser.post(there, {"do": "book", "layout": "bank", "version": run.version, "file": answer})
    assert booked.status_code == 302, booked.content.decode()[:3000]
    assert "账号错误" in browser.get(there).content.decode()

    # the second month: the one that came back, the account that was missing, a stop that was late
    taken(seen["office"], without, "changed", {"change_seen": "补账户", "changes_from": "2024-05-01",
                                               "account_number": "0100999"})  # fmt: skip
    taken(seen["office"], first, "stopped", {"stop_reason": "adopted", "last_month": "2024-04-01"})
    june = api.make(Reach(seen["office"]), ORPHANS, UNIT, date(2024, 6, 1))
    lines = {(p.case_id, p.month.month): p.kind for p in BenefitPayment.objects.filter(run=june)}
    assert lines == {(second, 5): "again", (second, 6): "current", (without, 5): "arrears", (without, 6): "current"}
    claim = BenefitClaim.objects.get(run=june)
    assert (claim.case_id, claim.month, claim.fen) == (first, date(2024, 5, 1), 100050)


def test_a_list_that_changed_is_not_released_and_a_dropped_run_leaves_nothing(
    make_person: Browsing, may: Callable[[datetime], None]
) -> None:
    may(datetime(2024, 4, 10, 9))
    seen = people(make_person, "office", "office2", "supervisor")
    seen["leader"] = make_person(UNIT, Role.LEADER, "chief")
    a_standard(seen)
    number = an_orphan(seen, "演示甲")
    may(datetime(2024, 5, 3, 9))
    clerk, other = Reach(seen["office"]), Reach(seen["office2"])
    run = api.make(clerk, ORPHANS, UNIT, date(2024, 5, 9))
    taken(seen["office"], number, "changed", {"change_seen": "改账户", "changes_from": "2024-05-01",
                                              "account_number": "0100777"})  # fmt: skip
    with pytest.raises(api.NotAllowedError, match="请作废后重新生成"):
        api.move(other, run, "release", version=1)
    api.move(clerk, run, "drop", version=1, reason="账户改了，重新生成")
    assert not BenefitPayment.objects.exists()
    again = api.make(clerk, ORPHANS, UNIT, date(2024, 5, 9))
    api.move(other, again, "release", version=1)
    with pytest.raises(api.NotAllowedError, match="还没有到"):
        api.make(clerk, ORPHANS, UNIT, date(2024, 6, 1))
    with pytest.raises(api.NotAllowedError, match="没有要发的"):
        api.make(clerk, ORPHANS, UNIT, date(2024, 5, 1))


def test_nobody_else_sees_a_run(make_person: Browsing, browser_of: Browsing, may: Callable[[datetime], None]) -> None:
    may(datetime(2024, 4, 10, 9))
    seen = people(make_person, "office", "office2", "supervisor", "liaison", "police")
    seen["leader"] = make_person(UNIT, Role.LEADER, "chief")
    a_standard(seen)
    an_orphan(seen, "演示甲")
    may(datetime(2024, 5, 3, 9))
    run = api.make(Reach(seen["office"]), ORPHANS, UNIT, date(2024, 5, 9))
    for name in ("supervisor", "liaison", "police", "leader"):
        browser = browser_of(seen[name])
        assert browser.get(reverse("benefits.list")).status_code == 404
        assert browser.get(reverse("benefits.one", args=(run,))).status_code == 404
        body = {"benefit": f"{ORPHANS}@{UNIT}", "month": "2024-05", "do": "make"}
        assert browser.post(reverse("benefits.list"), body).status_code == 404
    assert "演示甲" in browser_of(seen["office2"]).get(reverse("benefits.one", args=(run,))).content.decode()
