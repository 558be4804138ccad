"""The final evaluation in March, walked in a browser: the round, self-evaluations on the same form with the figures
there, two members who differ and settle, the outside evaluator's package, sample, opinion, a report of two people."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone

from qingmiao.kernel.drawing import read_record, verify
from qingmiao.site.apps.acting import packages
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.publishing import api as publishing
from qingmiao.site.apps.publishing.models import Edition
from website.measured import a_run
from website.role_ids import Role
from website.test_evaluation import ANSWERS, scored
from website.test_outside_evaluator import roll

pytestmark = pytest.mark.django_db(transaction=True)
UNITS = ("health", "education", "civil_affairs")
SAID = "按任务分工逐项落实，材料见附件。"


class Desk:
    """One person's browser; forms are filled by the names of their fields."""

    def __init__(self, who: Any, window: Callable[..., Any]) -> None:
        self.page = window(who).new_page()

    def add(self, kind: str, year: int, title: str, text: str, **fields: str | list[str]) -> Desk:
        """Record a document of a kind on its page; its page is open then."""
        self.page.goto(f"/duties/{kind}/?year={year}")
        self.page.locator("main details.card summary", has_text="新增").click()
        given = {"title": title, "text": text, **fields}
        for name, value in given.items():
            self.give(name, value)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="保存").click()
        assert self.page.locator("h1").inner_text() == title, self.page.locator("main").inner_text()[:600]
        return self

    def give(self, name: str, value: str | list[str]) -> None:
        """A field its value, whatever its input is."""
        inputs = self.page.locator(f'main details.card form [name="{name}"]:not([type=hidden])')
        kind = inputs.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            inputs.first.select_option(value)
        elif kind in ("radio", "checkbox"):
            for one in [value] if isinstance(value, str) else value:
                self.page.locator(f'main details.card form [name="{name}"][value="{one}"]').first.check()
        else:
            assert isinstance(value, str)
            inputs.first.fill(value)

    def step(self, label: str, **said: str) -> Desk:
        """A step by its button, with what it asks for."""
        button = self.page.get_by_role("button", name=label, exact=True)
        form = self.page.locator("main form", has=button)
        for name, text in said.items():
            form.locator(f'[name="{name}"]').fill(text)
        with self.page.expect_navigation():
            button.click()
        return self

    def go(self, address: str) -> Desk:
        """Open an address."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        return self

    def taken(self) -> bytes:
        """The one file that the page of a document gives out."""
        with self.page.expect_download() as found:
            self.page.get_by_role("link", name="下载").click()
        return Path(found.value.path()).read_bytes()

    @property
    def state(self) -> str:
        """What the page says of where the document stands."""
        return str(self.page.locator("main .state").first.inner_text())


def test_the_final_evaluation_in_march(
    make_person: Callable[..., Any], window: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three units of the 28 stand for all: what is done by one is done by each on the same form."""
    a_run()
    monkeypatch.setattr(
        packages.monitoring, "rows_of_year", lambda run, name, year: roll() if name == "children" else pa.table({})
    )
    year = timezone.localdate().year
    office, second = (make_person("committee_office", Role.COMMITTEE_OFFICE, f"office-{n}") for n in (1, 2))
    desk, other = Desk(office, window), Desk(second, window)

    # The office opens the round: whoever wrote it cannot approve it.
    desk.add(
        "evaluation_round", year, "规划实施情况终期评估", "自评、评分、第三方评估、报告四步进行。", stage="final",
        from_year=str(year - 5), to_year=str(year - 1), self_due=f"{year}-04-10", report_due=f"{year}-05-31",
        methods=["data", "third_party"], sample="抽三个乡镇。",
    )  # fmt: skip
    address = desk.page.url
    button = desk.page.get_by_role("button", name="批准并部署")
    desk.page.locator("main form", has=button).locator('[name="opinion"]').fill("领导小组会议同意")
    button.click()
    assert desk.page.get_by_role("alert").inner_text().count("应由另一个人办理") == 1
    assert other.go(address).step("批准并部署", opinion="领导小组会议同意").state == "评估中"

    # Departments write their self-evaluations: the figures are there before anything is typed.
    for unit in UNITS:
        writer = Desk(make_person(unit, Role.LIAISON), window)
        writer.go(f"/duties/evaluation/?year={year}")
        assert writer.page.locator("[data-goal-figures]").count() == 1, unit
        texts = dict.fromkeys(("done", "effect", "problem", "next", "shown_by"), SAID)
        writer.add("evaluation", year, "终期自我评估", "承担的目标逐项对照，结论见数字。", stage="final", **texts)
        signer = Desk(make_person(unit, Role.LEADER), window).go(writer.page.url)
        assert signer.step("签报").state == "已签报"
        assert desk.go(writer.page.url).step("审阅", opinion="材料齐全，同意。").state == "已审阅"
        signer.page.context.close()
        writer.page.context.close()

    # Two members score apart (what is typed of a score: test_evaluation), see each other's only then, and differ.
    people = [make_person(unit, Role.EVALUATION_MEMBER) for unit in ("committee_office", "statistics")]
    members = [Desk(who, window) for who in people]
    first = scored(people[0], ANSWERS | {"targets": "90"}, year=year)
    assert members[1].page.goto(f"/duties/evaluation_score/{first.pk}").status == 404
    second_score = scored(people[1], ANSWERS | {"targets": "70"}, year=year)
    for member, made in zip(members, (first, second_score), strict=True):
        member.go(f"/duties/evaluation_score/{made.pk}")
    members[0].page.reload()
    assert members[0].page.locator("[data-apart]").count() == 1
    assert "90" in members[0].page.locator("[data-apart]").inner_text()
    assert "70" in members[0].page.locator("[data-apart]").inner_text()
    desk.go(members[0].page.url)
    desk.step("商定", opinion="第一项按核对后的数字", score="88")
    assert desk.state == "已商定"
    assert desk.go(members[1].page.url).state == "已商定"

    # The outside evaluator: package of two people, a sample drawn from a seed, the opinion.
    outside = Desk(make_person("third_party", Role.THIRD_PARTY_EVALUATOR), window)
    desk.add(
        "evaluation_package", year, "终期评估数据包", "按委托协议用于终期评估，不得辨认任何人。", unit="third_party",
        data_year="2023", until=(timezone.localdate() + timedelta(days=60)).isoformat(), agreement="演示协议", deletes="是",
    )  # fmt: skip
    package = Activity.objects.get(kind="evaluation_package")
    other.go(desk.page.url).step("批准并交付", opinion="协议齐全，同意交付")
    outside.go("/").page.wait_for_url("**/duties/commissioned*")
    outside.page.get_by_role("link", name="终期评估数据包").click()
    outside.page.wait_for_url(f"**/duties/evaluation_package/{package.pk}*")
    with zipfile.ZipFile(BytesIO(outside.taken())) as whole:
        assert "manifest.json" in whole.namelist()
        assert "演示-" not in "".join(whole.read(n).decode("utf-8-sig") for n in whole.namelist())
    outside.add(
        "evaluation_sample", year, "登记抽查", "核对参保登记是否完整。", package=str(package.pk), table="children", wanted="6",
        seed="当场定下的种子",
    )  # fmt: skip
    assert outside.step("抽样").state == "已抽样"
    record = read_record(outside.taken().decode())
    assert (len(record.drawn), verify(record)) == (6, ())
    texts = dict.fromkeys(("methods", "data_quality", "problem", "advice", "limits"), SAID)
    outside.add(
        "evaluation_opinion",
        year,
        "终期评估意见",
        "总体落实较好，与自评一致。",
        stage="final",
        agrees="agrees",
        **texts,
    )
    outside.step("提交")
    desk.go(outside.page.url).step("收下", opinion="写进评估报告第六部分")
    assert desk.state == "已采用"
    assert outside.page.goto("/plan/").status == 404
    assert outside.page.goto("/today/").status == 404

    # The report: made, handed in by one and approved by another, every number resolved, the page of signatures.
    desk.go("/reports/")
    desk.page.locator('main select[name="layout"]').select_option(label="评估报告")
    desk.page.locator('main form select[name="year"]').last.select_option("2023")
    with desk.page.expect_navigation():
        desk.page.locator("main form", has=desk.page.locator('select[name="layout"]')).get_by_role(
            "button"
        ).last.click()
    edition = Edition.objects.get(layout="evaluation")
    publishing.make(edition.pk)  # the worker's part
    desk.go(f"/reports/{edition.pk}").step("送审")
    publishing.prepare(edition.pk)
    other.go(f"/reports/{edition.pk}").step("批准发布")
    edition.refresh_from_db()
    assert edition.state == "released"
    assert edition.approved_by_id == second.pk != edition.submitted_by_id
    text = publishing.file(edition, "html")
    assert text is not None
    told = Path(text).read_text("utf-8")
    assert "县长审签意见" in told
    assert "县长签名" in told
    assert publishing.document(edition).entries
