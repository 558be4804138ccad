"""Two bad townships once hid each other; a bound in series.csv once could not be said. From the files to the
warning."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from qingmiao.assess import Assessment, assess_pack
from qingmiao.assess.warnings import FoundWarning
from qingmiao.collect import collect
from qingmiao.content import load_pack
from qingmiao.content.new_pack import new_pack
from qingmiao.content.policy import WarningKind
from qingmiao.measure.run import measure
from qingmiao.monitor import monitor

DATA = Path(__file__).parent / "data" / "08_two_bad_townships"
YEAR = 2024


@pytest.fixture(scope="module")
def pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh pack with ten townships."""
    root = tmp_path_factory.mktemp("new") / "pack"
    new_pack(root)
    shutil.copy(DATA / "areas.yaml", root / "areas" / "areas.yaml")
    return root


def _rows(given: dict[str, int]) -> Iterator[list[str]]:
    """The case's rows; in the townships of `given` so many children have a dose, the rest have none."""
    with (DATA / "data" / "facts" / "vaccinations.csv").open(encoding="utf-8") as file:
        lines = list(csv.reader(file))
    yield lines[0]
    area, day, due = (lines[0].index(n) for n in ("area_code", "given_date", "due_date"))
    seen: dict[str, int] = {}
    for line in lines[1:]:
        if line[area] in given:
            seen[line[area]] = seen.get(line[area], 0) + 1
            line[day] = line[due] if seen[line[area]] <= given[line[area]] else ""
        yield line


def _assessed(pack_folder: Path, data: Path) -> Assessment:
    pack = load_pack(pack_folder)
    measured = measure(pack, collect(pack, data).tables)
    return assess_pack(pack, measured.values, year=YEAR)


def _out(pack_folder: Path, tmp_path: Path, given: dict[str, int]) -> list[FoundWarning]:
    (tmp_path / "facts").mkdir()
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(_rows(given))
    (tmp_path / "facts" / "vaccinations.csv").write_text(text.getvalue(), "utf-8")
    made = _assessed(pack_folder, tmp_path)
    return [w for w in made.warnings if w.kind is WarningKind.AREAS]


def test_08_two_bad_townships_are_both_named(pack_folder: Path) -> None:
    made = _assessed(pack_folder, DATA / "data")
    found = [w for w in made.warnings if w.kind is WarningKind.AREAS]
    assert {a for w in found for a in w.areas} == {"990001108", "990001109"}
    assert "界限按其余 8 地的" in found[0].reason


@pytest.mark.parametrize(
    "given",
    [
        {"990001109": 0, "990001108": 57},
        {"990001109": 0, "990001108": 0, "990001107": 0},
        {"990001109": 0, "990001108": 12, "990001107": 24},
        {"990001109": 30, "990001108": 30, "990001100": 30},
    ],
)
def test_08_one_or_three_bad_ones_are_named_as_well(pack_folder: Path, tmp_path: Path, given: dict[str, int]) -> None:
    found = _out(pack_folder, tmp_path, given)
    assert {a for w in found for a in w.areas} == {a for a, n in given.items() if n < 50}


def test_08_healthy_townships_are_not_named(pack_folder: Path, tmp_path: Path) -> None:
    assert _out(pack_folder, tmp_path, {"990001109": 57, "990001108": 56}) == []


BOUNDS = """indicator,area,year,value,numerator,denominator,source,note,residence
myopia,990201,2023,40.1,,,教育局,,
myopia,990201,2024,<37.51,,,教育局,,
vacc,990201101,2024,>=95,,,疾控,,
vacc,990201201,2024,>94,,,疾控,,
school,990201,2024,>96,,,妇联,,urban
school,990201,2024,<80,,,妇联,,rural
pupils,990201,2024,5210,,,教育局,,
"""


def test_bounds_go_from_series_csv_to_the_report_as_they_are_written(tmp_path: Path) -> None:
    county = Path(__file__).parent / "data" / "county"
    shutil.copytree(county / "control", tmp_path / "data")
    (tmp_path / "data" / "series.csv").write_text(BOUNDS, "utf-8")
    run = monitor(
        load_pack(county / "pack"),
        tmp_path / "data",
        tmp_path / "out",
        year=YEAR,
        on=date(2025, 6, 1),
        formats=("html",),
    )
    verdicts = {t: v.label for t, v in run.assessment.targets.items()}
    assert (verdicts["T1"], verdicts["T2"], verdicts["T4"]) == ("已达标", "无法判定", "未达标")
    with (tmp_path / "out" / "assessment.csv").open(encoding="utf-8-sig") as file:
        rows = {(r["indicator"], r["area"]): r for r in csv.DictReader(file)}
    assert (rows["myopia", "990201"]["value"], rows["myopia", "990201"]["bound"]) == ("<37.51", "<37.51")
    assert rows["vacc", "990201201"]["value"] == ">94"
    assert "界限定不了是否达到 ≥ 95%" in rows["vacc", "990201201"]["reason"]
    with (tmp_path / "out" / "values.csv").open(encoding="utf-8-sig") as file:
        values = {(r["indicator"], r["area"], r["year"]): r["value"] for r in csv.DictReader(file)}
    assert values["myopia", "990201", "2024"] == "<37.51"
    assert values["myopia", "990201", "2023"] == "40.1"
    page = next((tmp_path / "out").glob("**/*.html")).read_text("utf-8")
    assert "&lt;37.51" in page
