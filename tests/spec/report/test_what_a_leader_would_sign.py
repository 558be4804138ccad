"""What issue B.6 asks of a report: the digits rule, the plan's words, milestone and final, sums and means, charts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from report_plans import COLUMNS, YEAR, plan, report, target, values

from qingmiao.content.pack import Pack
from qingmiao.report.charts import scale_of, segments, spec_of, told_lines
from qingmiao.report.model import (
    ChartPoint,
    Charts,
    Document,
    DotChart,
    Figure,
    Paragraph,
    SeriesChart,
    Table,
    TargetLine,
    plain,
)

COUNTY = "990101"
SOURCE = {"document": "演示规划（虚构）第3页", "evidence": "seen"}


def series(pack: Pack, rows: dict[str, dict[int, float | None]], area: str = COUNTY) -> pa.Table:
    """A measure result of plain values (no counts behind them)."""
    made = [
        {
            "indicator": f"i.{t}", "area": area, "year": year, "sex": None, "numerator": None, "denominator": None,
            "value": value, "obs_status": "A" if value is not None else "M", "origin": "series",
            "definition_version": 1, "reason": "",
        }
        for t, given in rows.items()
        for year, value in given.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=pa.schema(list(COLUMNS.items())))


def one(values_of: dict[int, float | None], kind: str = "at_least", **more: Any) -> Document:
    """The report of a plan with one target named 入园率."""
    pack = plan({"健康": [target("T1", "入园率", kind, **more)]})
    return report(pack, series(pack, {"T1": values_of}))


def row_of(document: Document, label: str = "入园率") -> tuple[str, ...]:
    table = next(b for b in document.blocks if isinstance(b, Table) and "目标完成情况" in plain(b.caption))
    return next(cells for r in table.rows if (cells := tuple(plain(c) for c in r))[0] == label)


def said_of(document: Document, label: str = "入园率") -> str:
    found = (plain(b.parts) for b in document.blocks if isinstance(b, Paragraph))
    return next(text for text in found if text.startswith(f"{label}："))


def chart_of(document: Document) -> SeriesChart:
    charts = [c for b in document.blocks if isinstance(b, Charts) for c in b.charts]
    return next(c for c in charts if isinstance(c, SeriesChart))


@pytest.mark.parametrize(
    ("bar", "more", "value", "published"),
    [
        (90, {}, 90.25, "90.3"),  # the indicator's one decimal; a tie goes up
        (90.55, {}, 90.545, "90.55"),  # the bar is written with two: two
        (90.55, {"decimals": 0}, 90.5, "91"),  # the plan asks for none of this target: none
        (90.5, {}, 90.44999, "90.4"),
    ],
)
def test_the_digits_are_those_of_the_rule_that_the_report_tells(
    bar: float, more: dict[str, Any], value: float, published: str
) -> None:
    made = one({YEAR: value}, value=bar, **more)
    assert row_of(made)[4] == published
    rule = next(plain(b.parts) for b in made.blocks if isinstance(b, Paragraph) and "公布值取" in plain(b.parts))
    for clause in (
        "取指标公布的小数位数",
        "目标值写得更细的，取目标值的位数",
        "规划对某个目标另定位数的，从其规定",
        "四舍五入（恰为一半的进一）",
    ):
        assert clause in rule


def test_a_keep_that_failed_in_a_year_and_years_without_data_are_told() -> None:
    made = one({2021: 95, 2022: 89, 2024: 95}, value=90, qualifiers=["keep"])
    assert "规划期内 2022 年未达到，没有一直保持" in said_of(made)
    assert "规划期内 2023 年没有确定的数据" in said_of(made)
    assert row_of(made)[6].startswith("达标")


def test_what_was_met_before_the_plan_is_told() -> None:
    assert "规划前已达标" in said_of(one({2020: 93, YEAR: 95}, value=90))
    assert "规划前已达标" not in said_of(one({2020: 83, YEAR: 95}, value=90))


def test_the_width_of_about_and_where_it_comes_from_are_told() -> None:
    about = {"qualifiers": ["about"], "tolerance": {"kind": "absolute", "value": 1.5, "source": SOURCE}}
    assert "规划写「左右」，允许偏差 1.5%（演示规划（虚构）第3页）" in said_of(one({YEAR: 89}, value=90, **about))


def test_milestone_and_final_target_are_both_named_with_their_years() -> None:
    made = one({YEAR: 85}, value=95, milestones=[{"year": 2024, "value": 90}])
    assert row_of(made)[5] == "≥90（2024年）、≥95（2025年）"
    assert "2024年不低于90%、2025年不低于95%" in said_of(made)
    after = one({2024: 85, 2025: 96}, value=95, milestones=[{"year": 2023, "value": 90}])
    assert row_of(after)[5] == "≥95"  # the milestone is past: one bar is left


@pytest.mark.parametrize(
    ("bar", "value", "close"),
    [
        (20.865, 20.87, True),  # published at two decimals the bar itself is 20.87
        (20.9, 20.87, True),  # 20.9 published, equal to the bar
        (20.8, 20.87, False),  # 20.9 against 20.8: a whole unit
        (20.0, 21.0, False),
    ],
)
def test_close_cases_are_those_that_the_sentence_says(bar: float, value: float, close: bool) -> None:
    decimals = {"decimals": 2} if bar == 20.865 else {}
    made = one({YEAR: value}, value=bar, **decimals)
    assert row_of(made)[6] == ("达标（临界）" if close else "达标")
    text = "".join(plain(b.parts) for b in made.blocks if isinstance(b, Paragraph))
    assert ("有1项属临界情形" in text) == close


def test_several_years_sum_and_mean_are_kept_apart() -> None:
    count = {"unit": "人", "noise": "poisson", "better": "lower", "nature": "count", "decimals": 0}
    pack = plan({"安全": [target("T1", "溺水死亡", "falling", unit="人", indicator=count)]})
    made = report(pack, series(pack, {"T1": {2020: 4, 2021: 3, 2022: 2, 2023: 2, 2024: 1}}))
    assert "2022—2024年合计5人，年均1.7人" in said_of(made, "溺水死亡")
    whats = {e.what.split("：")[1]: e.text for e in made.entries if e.what.startswith("溺水死亡：2022")}
    assert whats == {"2022—2024年合计": "5人", "2022—2024年年均": "1.7人"}
    rate = {"unit": "‰", "noise": "poisson", "better": "lower"}
    pack = plan({"健康": [target("T2", "婴儿死亡率", "at_most", value=5, unit="‰", indicator=rate)]})
    rows = [(COUNTY, y, n, 1000.0) for y, n in ((2022, 3.0), (2023, 4.0), (2024, 2.0))]
    said = said_of(report(pack, values(pack, {"T2": rows})), "婴儿死亡率")
    assert "2022—2024年合并计算为3.0‰" in said
    assert "合计" not in said


def test_every_bar_stands_at_its_year_in_the_chart() -> None:
    steps = [{"year": 2022, "value": 80}, {"year": 2023, "value": 85}]
    made = chart_of(one({y: 80.0 + y - 2020 for y in range(2020, 2025)}, value=95, milestones=steps))
    lines = [(t.label, t.year, t.since, t.number) for t in made.target]
    assert lines == [("目标值", 2022, None, 80.0), ("目标值", 2023, 2022, 85.0), ("目标值", 2025, 2023, 95.0)]
    assert told_lines(made.target) == "目标值 2022年80、2023年85、2025年95"


def test_a_base_is_never_called_a_target() -> None:
    made = one({2020: 80.0, 2022: 82.0, 2023: 83.0, YEAR: 85.0}, "rising")
    chart = chart_of(made)
    assert [(t.label, t.year) for t in chart.target] == [("基期值", 2020)]
    assert told_lines(chart.target) == "2020年基期值 80.0"
    assert not any("目标值" in e.what for e in made.entries)


def test_no_line_runs_through_a_missing_year() -> None:
    chart = chart_of(one({2018: 80.0, 2019: 81.0, 2022: 82.0, 2023: 83.0, 2024: None}, value=90))
    assert [(r["at"], r["run"]) for r in segments(chart.points)] == [
        (2018, 0),
        (2019, 0),
        (2022, 1),
        (2023, 1),
    ]
    lines = [layer for layer in spec_of(chart)["layer"] if layer["mark"]["type"] == "line"]
    assert lines
    assert all(layer["encoding"]["detail"]["field"] == "run" for layer in lines if "run" in layer["data"]["values"][0])


@pytest.mark.parametrize(
    ("numbers", "unit", "zero", "low", "high"),
    [
        ((0.1, 0.8, 2.0), "‰", False, 0.0, None),  # never below nothing
        ((98.7, 99.6, 100.0), "%", False, None, 100.0),  # never above the whole
        ((99.0, 104.0), "%", False, None, None),  # a gross rate may be above it
        ((-2.0, 1.0), "%", False, None, None),  # a difference may be below nothing
        ((40.0, 50.0), "%", True, 0.0, None),
    ],
)
def test_an_axis_holds_its_numbers_and_stays_in_what_can_be(
    numbers: tuple[float, ...], unit: str, zero: bool, low: float | None, high: float | None
) -> None:
    points = tuple(ChartPoint(2020 + i, Figure("", 1), n) for i, n in enumerate(numbers))
    first, last = scale_of(points, (), unit=unit, zero=zero)["domain"]
    assert first <= min(numbers)
    assert last >= max(numbers)
    assert low is None or first == low
    assert high is None or last == high
    assert min(numbers) < 0 or first >= 0


def test_the_two_numbers_above_a_dot_chart_are_written_away_from_each_other() -> None:
    figure = Figure("90.0", 1)
    chart = DotChart(
        (), "%", "甲", (ChartPoint("甲镇", figure, 90.0), ChartPoint("乙镇", figure, 91.0)),
        county=TargetLine(figure, "示例县", 90.4), target=(TargetLine(figure, "目标值", 90.5),),
    )  # fmt: skip
    marks = [layer["mark"] for layer in spec_of(chart)["layer"] if layer["mark"]["type"] == "text"]
    assert [m["align"] for m in marks] == ["right", "left"]


def test_only_a_lack_of_data_is_called_so() -> None:
    """Two years of data are too few; a target year beyond every tried horizon is not, and neither is a superior's
    target."""
    assert row_of(one({2023: 80.0, YEAR: 81.0}, value=90))[8] == "数据不足"
    known = {y: 70.0 + y - 2014 for y in range(2014, YEAR + 1)}
    assert row_of(one(known, value=90, year=2035))[8] == "不适用"
    assert row_of(one(known, value=90))[8] not in ("数据不足", "不适用")


def test_the_newest_number_is_never_written_into_the_axis() -> None:
    falling = chart_of(one({2021: 9.0, 2022: 7.0, 2023: 4.0, YEAR: 1.0}, "at_most", value=8))
    above = [layer["mark"] for layer in spec_of(falling)["layer"] if layer["mark"].get("fontSize") == 12]
    assert above
    assert all(m["baseline"] == "bottom" for m in above)
    high = chart_of(one({2021: 9.0, 2022: 8.9, 2023: 8.5, YEAR: 8.0}, "at_most", value=3))
    below = [layer["mark"] for layer in spec_of(high)["layer"] if layer["mark"].get("fontSize") == 12]
    assert all(m["baseline"] == "top" for m in below)


def test_words_of_the_pack_that_end_in_a_stop_bring_no_second_one() -> None:
    made = one({YEAR: 95}, value=90, indicator={"formula": "入园幼儿数÷适龄幼儿数，每个乡镇都达到。"})
    cells = [plain(c) for b in made.blocks if isinstance(b, Table) for row in b.rows for c in row]
    assert "入园幼儿数÷适龄幼儿数，每个乡镇都达到。日历年度" in cells
