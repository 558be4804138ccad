"""A new code or name changes nothing: one area, one series, whatever code the rows of each year stand under."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parent))
from area_world import COUNTY, FILES, World, doses, town

OLD = ("990101201", "990101202", "990101203")
NEW = ("990101101", "990101102", "990101103")
NAMES = ("甲乡", "乙乡", "丙乡")


def plain(codes: tuple[str, ...]) -> str:
    return COUNTY + "".join(town(c, n) for c, n in zip(codes, NAMES, strict=True))


def recoded(codes: tuple[str, ...], day: str, kind: str = "recoded") -> str:
    return COUNTY + "".join(
        town(new, name, f', changes: [{{date: {day}, kind: {kind}, from: ["{old}"]}}]')
        for old, new, name in zip(OLD, codes, NAMES, strict=True)
    )


def without_code(table: pa.Table, codes: tuple[str, ...]) -> list[tuple[object, ...]]:
    """The rows of a values table with each town by its place in the list."""
    place = {c: str(i) for i, c in enumerate(codes)}
    return sorted(
        (tuple(place.get(str(v), v) if n == "area" else v for n, v in row.items()) for row in table.to_pylist()),
        key=str,
    )


Rows = tuple[list[str], list[str], list[str]]


def rows(codes_of: dict[int, tuple[str, ...]], counts: list[tuple[int, int, int, int]]) -> Rows:
    """Doses, returns and series of drawn counts: (year, town, given, total), each under the code of its year."""
    made, returns, series = [], [], []
    for n, (year, place, some, total) in enumerate(counts):
        code = codes_of[year][place]
        made += doses(f"{n}-", code, year, min(some, total), total)
        returns += [f"R1,{year},{code},01,1,{total}", f"R1,{year},{code},02,1,{min(some, total)}"]
        series += [f"beds,{code},{year},{total},,"]
        if total:
            series.append(f"rate,{code},{year},,{min(some, total)},{total}")
    return made, returns, series


COUNTS = st.lists(
    st.tuples(st.integers(2020, 2024), st.integers(0, 2), st.integers(0, 5), st.integers(1, 5)),
    min_size=1,
    max_size=8,
    unique_by=lambda x: x[:2],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=COUNTS, changed=st.integers(2020, 2024), kind=st.sampled_from(["recoded", "renamed"]))
def test_recoding_an_area_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, counts: list[tuple[int, int, int, int]], changed: int, kind: str
) -> None:
    root = tmp_path_factory.mktemp("world")
    always = dict.fromkeys(range(2020, 2025), OLD)
    # Rows of the year of the change itself still stand under the old code, with the change in July.
    by_year = {y: OLD if y <= changed else NEW for y in range(2020, 2025)}
    a, b, c = rows(always, counts)
    before = World(plain(OLD), a, b, c).table(root / "plain")
    a, b, c = rows(by_year, counts)
    after = World(recoded(NEW, f"{changed}-07-01", kind), a, b, c).table(root / "recoded")
    assert without_code(before, OLD) == without_code(after, NEW)


COUNTY_CHANGE = ', changes: [{date: 2023-03-01, kind: recoded, from: ["990121"], below: true}]}'


def test_a_county_that_becomes_a_district_takes_its_townships_with_it(tmp_path: Path) -> None:
    counts = [(2022, 0, 1, 2), (2022, 1, 2, 3), (2023, 0, 3, 4), (2024, 1, 4, 5)]
    county = COUNTY.replace("}", COUNTY_CHANGE)
    towns = "".join(town(c, n) for c, n in zip(NEW, NAMES, strict=True))
    old = tuple("990121" + c[6:] for c in NEW)
    a, b, c = rows({2022: old, 2023: NEW, 2024: NEW}, counts)
    c = [*c, "beds,990121,2021,77,,", "beds,990121000000,2022,78,,"]
    got = World(county + towns, a, b, c).table(tmp_path / "new")
    a, b, c = rows(dict.fromkeys((2022, 2023, 2024), NEW), counts)
    c = [*c, "beds,990101,2021,77,,", "beds,990101,2022,78,,"]
    assert got.equals(World(COUNTY + towns, a, b, c).table(tmp_path / "plain"))


def test_the_plan_may_not_be_bound_to_the_old_code(tmp_path: Path) -> None:
    from qingmiao.content.check import check_path

    files = {"plan/plan.yaml": FILES["plan/plan.yaml"].replace("990101", "990121")}
    county = COUNTY.replace("}", COUNTY_CHANGE)
    root = World(county + town(NEW[0], "甲乡"), files=files).write(tmp_path)
    found = [f for f in check_path(root)[1] if "plan.yaml" in f.file]
    assert [f.code for f in found] == ["dangling_id"]
    assert "990101" in found[0].hint


def test_an_old_code_long_after_is_refused_with_the_new_one(tmp_path: Path) -> None:
    world = World(recoded(NEW, "2021-07-01"), doses=[f"x,{OLD[0]},2023-01-01,是"])
    assert "该地 2021-07-01 起改为 990101101（甲乡）" in world.said(tmp_path)


def test_every_township_names_the_recoded_one_once(tmp_path: Path) -> None:
    a, _, _ = rows({2020: OLD}, [(2020, 0, 1, 1), (2020, 1, 1, 1), (2020, 2, 1, 1)])
    world = World(recoded(NEW, "2023-07-01"), a)
    assert "3 个乡镇都达到" in world.assessed(tmp_path, 2020).targets["each"].reason
