"""docs/how-to/make-a-pack.md is true: its files make a whole pack with the verdicts it tells, its snippets are
valid."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from qingmiao.assess import assess_pack
from qingmiao.collect.folder import collect
from qingmiao.content.check import check_path
from qingmiao.content.heads import HEAD_KEYS
from qingmiao.content.indicators import Indicator
from qingmiao.content.kinds import KINDS
from qingmiao.content.links import SharedLink
from qingmiao.content.plain_series import PlainSeries
from qingmiao.content.plan import Qualifier, Target, TargetKind
from qingmiao.content.policy import Policy
from qingmiao.content.target_sheet import COLUMNS
from qingmiao.kernel.errors import UserError
from qingmiao.measure.group_values import area_values
from qingmiao.measure.run import measure

DOCS = Path(__file__).resolve().parents[2] / "docs" / "how-to"
TEXT = (DOCS / "make-a-pack.md").read_text("utf-8")
MODELS: dict[str, type[BaseModel]] = {"Target": Target, "Indicator": Indicator, "Link": SharedLink}
FILES = re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", TEXT, flags=re.M | re.S)
SNIPPETS = re.findall(r"^```yaml model=(\w+)\n(.*?)^```$", TEXT, flags=re.M | re.S)
PROMISED = re.findall(r"^\| (T\d+) \| (\S+) \| (\w+) \|", TEXT, flags=re.M)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shifan")
    for name, text in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_the_files_make_a_whole_pack(folder: Path) -> None:
    pack, faults = check_path(folder)
    assert [str(f) for f in faults] == []
    assert pack is not None
    assert len(FILES) >= 20


def test_the_verdicts_are_the_ones_told(folder: Path) -> None:
    pack, _ = check_path(folder)
    assert pack is not None
    values = measure(pack, collect(pack, folder / "data").tables).values
    result = assess_pack(pack, values, year=2024)
    told = {(t, i): verdict for t, i, verdict in PROMISED}
    assert {t for t, _ in told} == set(pack.targets)
    for (target, indicator), verdict in told.items():
        row = result.row(indicator, target, "980101")
        assert row is not None, target
        assert row.attainment is not None
        assert row.attainment.verdict.value == verdict, row.attainment.reason
    myopia = result.row("health.primary_myopia", "T02", "980101")
    assert myopia is not None
    assert myopia.value == 1 / 5 * 100


@pytest.mark.parametrize(("model", "text"), SNIPPETS, ids=[f"{m} {i}" for i, (m, _) in enumerate(SNIPPETS)])
def test_each_snippet_is_valid(model: str, text: str) -> None:
    MODELS[model].model_validate(yaml.safe_load(text))


def test_every_kind_of_target_is_shown() -> None:
    shown = {yaml.safe_load(t)["kind"] for model, t in SNIPPETS if model == "Target"}
    assert shown == {k.value for k in TargetKind}


def test_every_word_folder_and_threshold_is_named() -> None:
    names = [q.value for q in Qualifier] + [*KINDS] + [*HEAD_KEYS] + [*Policy.model_fields]
    optional = {"every_area_missing_is_unknown"}
    assert [n for n in names if n not in optional and f"`{n}" not in TEXT] == []


def test_every_key_of_targets_and_indicators_is_named() -> None:
    keys = {f.alias or n for m in (Target, Indicator) for n, f in m.model_fields.items()} - {"definitions"}
    assert sorted(k for k in keys if not re.search(rf"\b{k}\b", TEXT)) == []


PARTS: list[tuple[str, str, str]] = re.findall(r"^\| `(.+?)` \| (收|不收)：(.+?) \|$", TEXT, flags=re.M)
GROUPED = {"F", "女"}


def _told(folder: Path, tmp_path: Path, row: str) -> str:
    """What reading the example county's data says when this row is added to its series.csv."""
    data = tmp_path / "data"
    shutil.copytree(folder / "data", data)
    path = data / "series.csv"
    text = path.read_text("utf-8")
    if row.rpartition(",")[2] in GROUPED:
        header, *rows = text.splitlines()
        text = "\n".join([header + ",sex", *(r + "," for r in rows)]) + "\n"
        front, _, group = row.rpartition(",")
        row = f"{front},,,,,{group}"
    path.write_text(text + row + "\n", "utf-8")
    pack, _ = check_path(folder)
    assert pack is not None
    try:
        collect(pack, data)
    except UserError as e:
        return str(e)
    return ""


@pytest.mark.parametrize(("row", "verdict", "part"), PARTS)
def test_each_row_of_series_csv_is_taken_or_refused_as_told(
    folder: Path, tmp_path: Path, row: str, verdict: str, part: str
) -> None:
    told = _told(folder, tmp_path, row)
    assert bool(told) is (verdict == "不收"), told
    if told:
        assert "1 处错误" in told
        assert part in told


def test_the_rows_tried_are_those_of_the_page() -> None:
    assert len(PARTS) >= 12
    assert {p[1] for p in PARTS} == {"收", "不收"}


def test_a_zero_report_is_a_zero_and_silence_is_none(folder: Path, tmp_path: Path) -> None:
    """The page's 零报告: one row with the date and nothing else, not counted by a condition."""
    root = tmp_path / "pack"
    shutil.copytree(folder, root)
    (root / "facts/deaths.yaml").write_text(
        "id: deaths\nlabel: {zh: 死亡}\ngrain: event\nkey: [case_id]\narea: area_code\ndate: death_date\ncolumns:\n"
        "  case_id: {type: text, label: {zh: 编号}, required: true}\n"
        "  area_code: {type: area, label: {zh: 地区}, required: true}\n"
        "  death_date: {type: date, label: {zh: 日期}, required: true}\n  cause: {type: text, label: {zh: 原因}}\n",
        "utf-8",
    )
    (root / "indicators/deaths.yaml").write_text(
        "id: deaths\nlabel: {zh: 溺水死亡}\nnature: count\nunit: 人\nbetter: lower\nperiod: calendar_year\n"
        "levels: [county]\nlead: office\n"
        'from: deaths\nnumerator: {count: "*", where: "cause is not null"}\nsource: {document: 虚构, evidence: local}\n',
        "utf-8",
    )
    rows = (
        "case_id,area_code,death_date,cause\n1,980101101,2022-07-01,溺水\n"
        "zero-2023,980101101,2023-12-31,\n2,980101101,2025-07-01,溺水\n"
    )
    (root / "data/facts/deaths.csv").write_text(rows, "utf-8")
    pack, faults = check_path(root)
    assert faults == []
    assert pack is not None
    values = area_values(measure(pack, collect(pack, root / "data").tables).values, "980101")
    known = {year: value for (indicator, year, _), value in values.items() if indicator == "deaths"}
    assert known == {2022: 1, 2023: 0, 2025: 1}


def test_every_key_of_an_inline_series_and_every_column_of_the_sheet_is_named() -> None:
    assert [k for k in PlainSeries.model_fields if f"`{k}`" not in TEXT] == []
    assert [c for c in COLUMNS if c not in TEXT] == []


@pytest.mark.parametrize(("file", "old", "new", "part"), [
    ("indicators/preschool.yaml", "better: higher", "better: lower", "方向"),
    ("plan/fields/1-health.yaml", "value: 5\n",
        "value: 5\n        qualifiers: [about]\n"
        "        tolerance: {kind: relative, value: 5, source: {document: 本地}}\n",
        "允许偏差"),
    ("plan/fields/1-health.yaml", "value: 90, unit", "value: 120, unit", "不会高于"),
    ("plan/fields/1-health.yaml", "value: 5\n", "value: -5\n", "不会低于"),
    ("plan/fields/2-education.yaml", "{year: 2023, value: 88}", "{year: 2023, value: 88}, {year: 2025, value: 89}",
        "两个不同的目标值"),
    ("references/preschool.yaml", 'unit: "%"', "unit: ‰", "单位"),
    ("areas/areas.yaml", 'level: township, parent: "980101", attributes: {residence: town}',
        "level: township, attributes: {residence: town}", "没有上级"),
])  # fmt: skip
def test_what_the_page_says_is_refused_is_refused(
    folder: Path, tmp_path: Path, file: str, old: str, new: str, part: str
) -> None:
    root = tmp_path / "pack"
    shutil.copytree(folder, root)
    text = (root / file).read_text("utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new), "utf-8")
    faults = check_path(root)[1]
    assert faults
    assert all(part in f.message for f in faults), [str(f) for f in faults]
