"""Plans of other shapes: no data at all, four fields, a city, a nation without areas below, a year outside the plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_plans import FONTS, plan, report, target, values

from qingmiao.report.model import Document, Heading, Paragraph, Table, plain
from qingmiao.report.write import write_report


def headings(document: Document, level: int = 1) -> list[str]:
    return [plain(b.parts) for b in document.blocks if isinstance(b, Heading) and b.level == level]


def words(document: Document) -> str:
    return "\n".join(plain(b.parts) for b in document.blocks if isinstance(b, Paragraph))


def table(document: Document, caption: str) -> Table:
    return next(b for b in document.blocks if isinstance(b, Table) and caption in plain(b.caption))


def test_without_any_value_every_target_is_undetermined_and_no_rate_is_given(tmp_path: Path) -> None:
    pack = plan({"健康": [target("T1", "甲", "at_least", value=90), target("T2", "乙", "at_most", value=5)]})
    made = report(pack, values(pack, {}))
    text = words(made)
    assert "无法判定2项" in text
    assert "本年度没有可以判定的目标，不计算达标率。" in text
    assert "没有任何指标数值：数据还没有报来，或者数据文件只有表头" in text
    assert "还没有数据，不能判断是否需要预警" in text
    assert "还没有数据可供核查" in text
    assert "没有发现" not in text
    assert [plain(c) for c in table(made, "健康：目标完成情况").rows[0]][3:5] == ["—", "—"]
    assert {plain(r[1]) for r in table(made, "未能判定的目标").rows} == {"无法判定"}
    assert len(write_report(made, tmp_path, fonts=FONTS)) == 3


FOUR = {f"领域{n}": [target(f"T{i}", f"目标{n}", "at_least", value=90)] for i, n in enumerate("甲乙丙丁", start=1)}


def test_four_fields_give_four_sections_in_the_plans_order() -> None:
    pack = plan(FOUR)
    made = report(pack, values(pack, {f"T{i}": [("990101", 2024, 88 + i, 100)] for i in (1, 2, 3, 4)}))
    found = headings(made, 2)
    assert [h for h in found if h.startswith("领域")] == ["领域甲", "领域乙", "领域丙", "领域丁"]
    rows = [[plain(c) for c in r] for r in table(made, "各领域目标判定结果").rows]
    assert [r[0] for r in rows] == ["领域甲", "领域乙", "领域丙", "领域丁", "合计"]
    assert [r[2] for r in rows] == [
        "0",
        "1",
        "1",
        "1",
        str(0 + 1 + 1 + 1),
    ]  # 89 misses 90; 90, 91, 92 keep to it
    assert rows[-1][-1] == "75.0"  # 3 / 4


def test_a_city_compares_its_counties_and_never_speaks_of_townships_or_the_county() -> None:
    pack = plan(
        {"健康": [target("T1", "接种率", "every_area", value=90, level="county", bound="at_least")]},
        area=("9901", "示例市", "city"),
        below=("county", ("东县", "西县", "南区")),
    )
    rows = {"T1": [("9901", 2024, 2790, 3000), ("990101", 2024, 960, 1000), ("990102", 2024, 800, 1000),
        ("990103", 2024, 950, 1000)]}  # fmt: skip
    made = report(pack, values(pack, rows))
    assert "县（市、区）比较" in headings(made)
    text = (
        words(made) + "".join(headings(made)) + "".join(plain(b.caption) for b in made.blocks if isinstance(b, Table))
    )
    assert "西县（80.0%" in text
    for wrong in ("乡镇", "全县", "本县"):
        assert wrong not in text


def test_a_nation_without_areas_below_has_no_chapter_that_compares() -> None:
    pack = plan(
        {"健康": [target("T1", "甲", "at_least", value=90)]},
        area=("CN", "全国", "nation"),
        below=("province", ()),
    )
    made = report(pack, values(pack, {"T1": [("CN", 2024, 95, 100)]}))
    assert [h for h in headings(made) if "比较" in h] == []
    assert "本县" not in words(made)


@pytest.mark.parametrize(
    ("year", "said"),
    [(2019, "2019年早于规划期（2021—2025年）"), (2027, "2027年晚于规划期（2021—2025年）"), (2023, "")],
)
def test_a_year_outside_the_plan_is_said(year: int, said: str) -> None:
    pack = plan({"健康": [target("T1", "甲", "at_least", value=90)]})
    made = report(pack, values(pack, {"T1": [("990101", year, 95, 100)]}), year=year)
    assert said in words(made)
    assert ("规划期（" in words(made)) is bool(said)


def test_units_stand_behind_numbers_without_their_one() -> None:
    rare = {"unit": "1/10万", "noise": "poisson", "better": "lower", "decimals": 2}
    pack = plan({"安全": [target("T1", "伤害死亡率", "at_most", value=9.5, unit="1/10万", indicator=rare)]})
    made = report(pack, values(pack, {"T1": [("990101", 2024, 4, 40000)]}))  # 4 / 40000 × 100000 = 10
    assert "10.00/10万" in words(made)
    assert "10.00/10万" in {e.text for e in made.entries}
    assert "9.5/10万" in {e.text for e in made.entries}
    assert [e.text for e in made.entries if "1/10万" in e.text.removeprefix("10.00")] == []
