"""An answer to a deputy quotes numbers that are looked up: none by hand, none that the run does not know."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api, quoting
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.directory.permissions import Reach
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ANSWERS = {
    "from": "congress", "number": "第12号", "question": "婴儿死亡率为什么没有达标。", "received": "2023-05-12",
    "outcome": "planned",
}  # fmt: skip


def answered(who: Any, text: str) -> Activity:
    return api.record(
        who, kind="congress_question", year=2023, on_date=date(2023, 6, 20), unit=who.organisation,
        title="关于第12号建议的答复", text=text, answers=ANSWERS,
    )  # fmt: skip


def test_a_quoted_number_is_looked_up_kept_and_leads_to_its_source(make_person: Any, browser_of: Any) -> None:
    """By its name and by its id, of the county and of a township; the year and the number of the question may stand."""
    run, who = a_run(), make_person("health", Role.LIAISON)
    made = answered(
        who, "2023年第12号建议收悉。全县{婴儿死亡率@2023}，西交口乡{health.imr@2023@西交口乡}，下一步逐项落实。"
    )
    shown = api.shown(Reach(who), "congress_question", made.pk)
    assert shown is not None
    numbers = [p.number for p in shown.told if p.number is not None]
    assert [(n.value, n.unit, n.area_name, n.run) for n in numbers] == [
        ("5.4", "‰", "乡宁县", run.pk), ("5.0", "‰", "西交口乡", run.pk),
    ]  # fmt: skip
    page = browser_of(who).get(f"/duties/congress_question/{made.pk}").content.decode()
    assert "全县<a" in page
    assert "/indicators/health.imr?year=2023" in page
    assert ">5.4‰</a>" in page
    assert "{婴儿死亡率" not in page.split("data-text")[1].split("</section>")[0]


def test_what_was_corrected_since_is_said(make_person: Any, browser_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer keeps what it said; beside it stands what the newest run has."""
    a_run()
    who = make_person("health", Role.LIAISON)
    made = answered(who, "全县婴儿死亡率{health.imr@2023}，下一步逐项落实。")
    text = quoting.LoadedRun.text
    monkeypatch.setattr(
        quoting.LoadedRun, "text", lambda self, *asked: "5.6" if asked[0] == "health.imr" else text(self, *asked)
    )
    page = browser_of(who).get(f"/duties/congress_question/{made.pk}").content.decode()
    assert ">5.4‰</a>" in page
    assert "此后更正为 5.6‰" in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("全县{婴儿死亡律@2023}已经下降，下一步逐项落实。", "没有这个指标"),
        ("全县{health.imr@1999}已经下降，下一步逐项落实。", "1999 年没有这个数"),
        ("全县{health.imr@2023@没有的乡}已经下降，下一步逐项落实。", "没有这个地区"),
        ("全县婴儿死亡率5.4‰，下一步逐项落实。", "5.4 是手写的数字"),
        ("全县{婴儿死亡率}已经下降，下一步逐项落实。", "花括号不是引用"),
        ("２０２３年救助１２人，下一步逐项落实。", "手写的数字"),
    ],
)
def test_what_cannot_be_looked_up_is_refused_in_words(make_person: Any, text: str, told: str) -> None:
    """An unknown name, a year without a value, an unknown place, a number by hand (also full width), a bare brace."""
    a_run()
    with pytest.raises(UserError, match=told):
        answered(make_person("health", Role.LIAISON), text)
    assert not Activity.objects.exists()


def test_a_number_with_its_source_stands(make_person: Any) -> None:
    """What comes from elsewhere is said with where it comes from."""
    a_run()
    made = answered(make_person("health", Role.LIAISON), "全年安排资金120万元（来源：县财政局2023年预算）")
    assert made.text.endswith("）")


def test_rewriting_looks_the_numbers_up_again(make_person: Any) -> None:
    """A number that is no longer quoted is not kept; a new one is."""
    a_run()
    who = make_person("health", Role.LIAISON)
    made = answered(who, "全县{health.imr@2023}，下一步逐项落实。")
    api.rewrite(who, made, version=1, title="答复", text="上年全县{health.imr@2022}，下一步逐项落实。")
    kept = Activity.objects.get(pk=made.pk).figures
    assert kept is not None
    assert [(n["year"], n["value"]) for n in kept["quoted"]] == [(2022, "5.5")]
    assert len(kept["rows"]) > 0
