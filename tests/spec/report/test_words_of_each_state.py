"""Each state of the three answers has its word, its sign and its sentence, and no other's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from report_plans import YEAR, plan, target, values

from qingmiao.figures.findings import FindingNumber, Findings, TargetAnswers
from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE, Mark
from qingmiao.report.build import build_report
from qingmiao.report.model import Paragraph, Table, plain

NUMBERS = {
    "progress": FindingNumber(71.2, 1, "已完成变化的比例", "%"),
    "time_share": FindingNumber(80.0, 0, "已用时间的比例", "%"),
    "probability": FindingNumber(0.62, 2, "2025年达标的概率"),
}


def told(**answers: object) -> tuple[tuple[str, ...], str, str]:
    """The row of the target's table, the sentences on it, and the overview."""
    pack = plan({"健康": [target("T1", "入园率", "at_least", value=92)]})
    table = values(pack, {"T1": [("990101", YEAR - 1, 900, 1000), ("990101", YEAR, 905, 1000)]})
    numbers = dict(NUMBERS)
    if answers.get("likelihood") not in ("likely", "uncertain", "unlikely"):
        del numbers["probability"]
    base = {
        "target": "T1",
        "indicator": "i.T1",
        "area": "990101",
        "year": YEAR,
        "likelihood_year": 2025,
        "grade": "B",
    }
    finding = TargetAnswers(**{**base, "numbers": numbers, **answers})  # type: ignore[arg-type]
    made = build_report(
        pack, table, Findings((finding,)), year=YEAR, demo=False, snapshot_id="s", run_id="r",
        generated_on=date(2025, 3, 1)
    )  # fmt: skip
    tables = [b for b in made.blocks if isinstance(b, Table) and "目标完成情况" in plain(b.caption)]
    paragraphs = [plain(b.parts) for b in made.blocks if isinstance(b, Paragraph)]
    sentence = next(p for p in paragraphs if p.startswith("入园率："))
    return tuple(plain(c) for c in tables[0].rows[0]), sentence, "\n".join(paragraphs[:4])


@pytest.mark.parametrize(
    ("state", "word", "sentence"),
    [
        ("met", "达标", "90.5%"),
        ("not_met", "未达标", "90.5%"),
        ("undetermined", "无法判定", "无法判定：缺数"),
        ("pending", "待下达", "待下达后判定"),
        ("by_superior", "由上级负责", "由上级负责，不作判定"),
    ],
)
def test_attainment(state: str, word: str, sentence: str) -> None:
    row, said, overview = told(attainment=state, attainment_reason="缺数")
    assert row[6] == word
    assert sentence in said
    met, not_met, *rest = (int(state == s) for s in ATTAINMENT)
    assert (
        f"判定达标{met}项、未达标{not_met}项，无法判定{rest[0]}项，待上级下达指标{rest[1]}项，由上级负责{rest[2]}项"
        in overview
    )
    if state in ("met", "not_met"):
        assert ("达标率为100.0%" in overview) is (state == "met")
        assert ("达标率为0.0%" in overview) is (state == "not_met")
    else:
        assert "不计算达标率" in overview


def test_a_boundary_case_is_flagged_beside_the_verdict_with_its_reason() -> None:
    row, said, overview = told(attainment="met", boundary=True, boundary_reason="发布值恰等于限值")
    assert row[6] == "达标（临界）"
    assert "本例属临界情形：发布值恰等于限值。" in said
    assert "可以判定的目标中有1项属临界情形" in overview


@pytest.mark.parametrize(
    ("state", "word", "sentence"),
    [
        ("met", "已完成", ""),
        ("on_track", "进度正常", "所需变化已完成71.2%，进度正常"),
        ("behind", "进度滞后", "所需变化只完成71.2%，进度滞后"),
        ("far_behind", "明显滞后", "所需变化只完成71.2%，明显滞后"),
        ("away", "背离目标", "数值朝相反方向变化"),
        ("undetermined", "不作判断", ""),
    ],
)
def test_pace(state: str, word: str, sentence: str) -> None:
    row, said, _ = told(attainment="not_met", pace=state)
    assert row[7] == word
    if sentence:
        assert "从2020年算起，时间已用80%，" + sentence in said
    else:
        assert "时间已用" not in said


@pytest.mark.parametrize(
    ("state", "word", "sentence"),
    [
        ("likely", "预计可达标 0.62", "到2025年达标的概率为0.62（证据等级B），预计可达标。"),
        ("uncertain", "不确定 0.62", "到2025年达标的概率为0.62（证据等级B），尚不确定。"),
        ("unlikely", "预计难达标 0.62", "到2025年达标的概率为0.62（证据等级B），预计难达标。"),
        ("none", "数据不足", "不给出达标概率：可比的数据只有几年。"),
        ("not_applicable", "不适用", "可能性不适用：可比的数据只有几年。"),
    ],
)
def test_likelihood(state: str, word: str, sentence: str) -> None:
    row, said, _ = told(attainment="not_met", likelihood=state, likelihood_reason="可比的数据只有几年")
    assert row[8] == word
    assert sentence in said


@pytest.mark.parametrize("marks", [ATTAINMENT, PACE, LIKELIHOOD])
def test_no_two_states_share_a_sign_or_a_word(marks: Mapping[str, Mark]) -> None:
    assert len({m.sign for m in marks.values()}) == len(marks)
    assert len({m.label for m in marks.values()}) == len(marks)


def test_the_three_answers_are_never_one() -> None:
    row, _, _ = told(attainment="not_met", pace="met", likelihood="likely")
    assert (row[6], row[7], row[8]) == ("未达标", "已完成", "预计可达标 0.62")
