"""“Every” over a named group of areas, over areas of one kind, and over institutions (每所卫生院)."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from area_world import COUNTY, FILES, World, doses, town

from qingmiao.assess import Verdict, assess_pack
from qingmiao.content.check import check_path
from qingmiao.measure.run import measure
from qingmiao.report.build import build_report
from qingmiao.report.model import Table, plain

A, B, C, D = "990101101", "990101102", "990101103", "990101104"
AREAS = COUNTY + "".join(
    town(code, name, f", attributes: {{residence: {kind}}}")
    for code, name, kind in ((A, "甲镇", "urban"), (B, "乙乡", "rural"), (C, "丙乡", "rural"))
)
RIVER = (
    f'- {{id: river, label: {{zh: 沿河各地}}, members: ["{A}", {{area: "{B}", valid: {{to: 2022-12-31}}}}, "{C}"]}}\n'
)


def plan(asked: str) -> str:
    return FILES["plan/fields.yaml"].replace("level: township", asked)


def by_unit(extra: str = "") -> str:
    """The indicators with one published by institution."""
    return FILES["indicators.yaml"].replace("implements: [each]\n  ", "") + (
        '- {id: open, label: {zh: 开诊天数}, implements: [each], unit: "%", decimals: 1, better: higher, period: '
        "calendar_year, "
        f"levels: [county], by: [clinic], lead: bureau, from: series, source: {{document: 虚构, evidence: local}}{extra}"
        f"}}\n"
    )


UNITS = FILES["organisations.yaml"] + "".join(
    f'- {{id: {id_}, label: {{zh: {name}}}, kind: institution, type: 卫生院, area: "{A}"{more}}}\n'
    for id_, name, more in (("h1", "甲卫生院", ""), ("h2", "乙卫生院", ", valid: {to: 2023-06-30}"),
        ("h3", "丙卫生院", ", valid: {from: 2024-03-01}"))
)  # fmt: skip
EACH = "each: {by: clinic, type: 卫生院, noun: 卫生院}"


def institutions(*rows: str, asked: str = EACH, **files: str) -> World:
    series = "indicator,area,year,value,clinic\n" + "".join(
        f"open,990101,{year},{value},{unit}\n" for unit, year, value in (r.split() for r in rows)
    )
    made = {
        "plan/fields.yaml": plan(asked),
        "organisations.yaml": UNITS,
        "indicators.yaml": by_unit(),
        "data/series.csv": series,
    }
    return World(AREAS, files={**made, **files})  # fmt: skip


def test_every_area_of_a_group_means_its_members_of_that_year(tmp_path: Path) -> None:
    files = {"plan/fields.yaml": plan("group: river"), "area_groups.yaml": RIVER}
    rows = [*doses("a", A, 2022, 10, 10), *doses("b", B, 2022, 1, 10), *doses("c", C, 2022, 10, 10),
            *doses("d", A, 2023, 10, 10), *doses("e", B, 2023, 1, 10), *doses("f", C, 2023, 10, 10)]  # fmt: skip
    world = World(AREAS, doses=rows, files=files)
    before = world.assessed(tmp_path / "a", 2022).targets["each"]
    assert before.verdict is Verdict.NOT_MET
    assert before.reason.startswith("沿河各地：3 个乡镇中 1 个未达到：乙乡")
    after = world.assessed(tmp_path / "b", 2023).targets["each"]
    assert (after.verdict, after.reason) == (Verdict.MET, "沿河各地：2 个乡镇都达到，最差的是甲镇 100.0%")


def test_a_member_without_data_is_named(tmp_path: Path) -> None:
    files = {"plan/fields.yaml": plan("group: river"), "area_groups.yaml": RIVER}
    found = World(AREAS, doses=doses("a", A, 2023, 10, 10), files=files).assessed(tmp_path, 2023).targets["each"]
    assert found.verdict is Verdict.UNDETERMINED
    assert "丙乡" in found.reason
    assert "乙乡" not in found.reason


def test_only_areas_with_an_attribute(tmp_path: Path) -> None:
    codes = "id: residence\nlabel: {zh: 城乡}\nitems: [{code: urban, label: {zh: 城镇}}, {code: rural, label: {zh: 农村}}]\n"
    files = {
        "plan/fields.yaml": plan("level: township, among: {residence: rural}"),
        "codes/residence.yaml": codes,
    }
    rows = [*doses("a", A, 2023, 1, 10), *doses("b", B, 2023, 10, 10), *doses("c", C, 2023, 10, 10)]
    found = World(AREAS, doses=rows, files=files).assessed(tmp_path, 2023).targets["each"]
    assert found.verdict is Verdict.MET
    assert found.reason.startswith("2 个农村乡镇都达到")


@pytest.mark.parametrize(
    ("year", "rows", "verdict", "said"),
    [
        (2022, ["h1 2022 96", "h2 2022 97"], Verdict.MET, "2 所卫生院都达到，最差的是甲卫生院 96.0%"),
        (2022, ["h1 2022 96", "h2 2022 90"], Verdict.NOT_MET, "2 所卫生院中 1 所未达到：乙卫生院（90.0%）"),
        (2022, ["h1 2022 96"], Verdict.UNDETERMINED, "乙卫生院"),
        (2023, ["h1 2023 96"], Verdict.MET, "唯一的卫生院达到"),  # 乙卫生院 closed in June, 丙卫生院 opens in 2024
        (2024, ["h1 2024 96", "h2 2024 1", "h3 2024 95"], Verdict.MET, "2 所卫生院都达到，最差的是丙卫生院 95.0%"),
    ],
)  # fmt: skip
def test_every_institution_that_exists_at_the_years_end(
    tmp_path: Path, year: int, rows: list[str], verdict: Verdict, said: str
) -> None:
    found = institutions(*rows).assessed(tmp_path, year)
    assert found.targets["each"].verdict is verdict
    assert said in found.targets["each"].reason
    row = found.row("open", "each", "990101")
    assert row is not None
    assert row.attainment is not None
    assert row.attainment.bar_text.startswith("每所卫生院")


def test_institutions_of_a_code_list_and_of_a_register(tmp_path: Path) -> None:
    listed = "id: clinic\nlabel: {zh: 卫生院}\nitems: [{code: h1, label: {zh: 子院}}, {code: h9, label: {zh: 丑院}}]\n"
    asked = "each: {by: clinic, noun: 卫生院}"
    found = institutions("h1 2023 96", asked=asked, **{"codes/clinic.yaml": listed}).assessed(tmp_path / "a", 2023)
    assert found.targets["each"].verdict is Verdict.UNDETERMINED
    assert "丑院" in found.targets["each"].reason
    register = institutions("h1 2023 96", "石桥卫生院 2023 90", "旧院 2022 1", asked=asked)
    found = register.assessed(tmp_path / "b", 2023)
    assert found.targets["each"].verdict is Verdict.NOT_MET
    assert found.targets["each"].reason == "2 所卫生院中 1 所未达到：石桥卫生院（90.0%）"


def test_a_share_of_the_institutions(tmp_path: Path) -> None:
    found = institutions("h1 2022 96", "h2 2022 90", asked=EACH + ', of_areas: "50%"').assessed(tmp_path, 2022)
    assert found.targets["each"].verdict is Verdict.MET
    assert "2 所卫生院中 1 所达到，占 50.0%" in found.targets["each"].reason


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("group: rivers", "没有地区组「rivers」"),
        ("level: township, among: {residence: town}", "没有一个地区的 residence 是「town」"),
        ("each: {by: clinic, type: 医院, noun: 医院}", "没有 type 是「医院」的单位"),
        ("each: {by: hospital, type: 卫生院, noun: 卫生院}", "没有分组「hospital」"),
        ("level: township, group: river", "中的一个"),
        ("each: {by: clinic, noun: 卫生院}, among: {residence: rural}", "不用 strata、among"),
    ],
)
def test_what_cannot_be_named_is_refused(tmp_path: Path, asked: str, said: str) -> None:
    root = institutions("h1 2023 96", asked=asked, **{"area_groups.yaml": RIVER}).write(tmp_path)
    found = [f for f in check_path(root)[1] if f.file.endswith("fields.yaml")]
    assert any(said in f.message for f in found), found


def test_a_group_whose_level_the_indicator_does_not_count_is_refused(tmp_path: Path) -> None:
    files = {"area_groups.yaml": RIVER}
    root = institutions("h1 2023 96", asked="group: river", **files).write(tmp_path)
    assert "乡镇一级" in str([f.message for f in check_path(root)[1]])


@pytest.mark.parametrize(
    ("asked", "said"),
    [(EACH, "各卫生院≥95"), ("group: river", "沿河各地各乡镇≥95"), ("level: township", "各地≥95")],
)
def test_the_report_says_who_is_meant(tmp_path: Path, asked: str, said: str) -> None:
    files = {"plan/fields.yaml": plan(asked), "area_groups.yaml": RIVER}
    world = World(AREAS, doses=doses("a", A, 2023, 9, 10), files=files)
    if asked == EACH:
        world = institutions("h1 2023 96")
    pack, collected = world.collected(tmp_path)
    values = measure(pack, collected.tables).values
    document = build_report(
        pack, values, assess_pack(pack, values, year=2023), year=2023, demo=True, snapshot_id="0123456789abcdef",
        run_id="every", generated_on=date(2024, 3, 1),
    )  # fmt: skip
    cells = [plain(cell) for b in document.blocks if isinstance(b, Table) for row in b.rows for cell in row]
    assert any(said in cell for cell in cells), cells


def test_a_member_of_a_group_that_was_abolished_no_longer_counts(tmp_path: Path) -> None:
    areas = AREAS.replace("name: 丙乡,", "name: 丙乡, changes: [{date: 2023-03-01, kind: abolished}],")
    files = {"plan/fields.yaml": plan("group: river"), "area_groups.yaml": RIVER}
    found = World(areas, doses=doses("a", A, 2023, 10, 10), files=files).assessed(tmp_path, 2023)
    assert found.targets["each"].verdict is Verdict.MET
