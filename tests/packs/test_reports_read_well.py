"""No report, chart, reason or warning of any plan at hand holds a doubled stop, a code for a word, or a number no one
writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from test_make_a_pack_doc import FILES
from test_shapes import REPORTS, SHAPES

from qingmiao.collect.folder import collect
from qingmiao.content import load_pack
from qingmiao.content.new_pack import new_pack
from qingmiao.report.model import Document, Table, header, plain
from reader import LATER, codes_of, faults, told_of_collected

ROOT = Path(__file__).resolve().parents[2]
HEADER = "indicator,area,year,value,numerator,denominator,source,note\n"


def started(folder: Path) -> Path:
    new_pack(folder)
    return folder / "data"


def nothing_yet(folder: Path) -> Path:
    new_pack(folder)
    data = folder.with_name("nothing")
    data.mkdir()
    (data / "series.csv").write_text(HEADER, "utf-8")
    return data


def from_the_page(folder: Path) -> Path:
    for name, text in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "data"


MADE: dict[str, Callable[[Path], Path]] = {
    "new-pack": started,
    "nothing-yet": nothing_yet,
    "make-a-pack": from_the_page,
}
PLANS: list[tuple[str, int]] = [
    *REPORTS,
    ("outline-2020", 2020),
    ("outline-2020", 2015),
    ("outline-2030", 2023),
    *((name, 2024) for name in MADE),
]


@pytest.fixture(scope="module", params=PLANS, ids=[f"{n}-{y}" for n, y in PLANS])
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, list[str]]:
    name, year = request.param
    if name in MADE:
        folder = tmp_path_factory.mktemp(name) / "county"
        data = MADE[name](folder)
    elif name.startswith("outline"):
        folder, data = ROOT / "content" / name, ROOT / "examples" / "national" / name.removeprefix("outline-")
    else:
        folder, data = SHAPES / name, SHAPES / name / "data"
    pack = load_pack(folder)
    return told_of_collected(pack, collect(pack, data, on=LATER), year)


def test_nothing_is_to_stumble_over(read: tuple[Document, list[str]]) -> None:
    assert not read[1], "\n".join(read[1][:20])


def test_each_row_of_the_table_by_field_adds_up(read: tuple[Document, list[str]]) -> None:
    """Every target stands in exactly one column; the last row is the sum of the fields."""
    table = next(b for b in read[0].blocks if isinstance(b, Table))
    heads = [header(table, i) for i in range(len(table.columns))]
    assert heads[:7] == ["领域", "目标数", "达标", "未达标", "无法判定", "待下达", "由上级负责"]
    rows = [[plain(cell) for cell in row] for row in table.rows]
    for row in rows:
        whole, *parts = (int(cell) for cell in row[1:7])
        assert sum(parts) == whole, row
    for column in range(1, 7):
        assert sum(int(r[column]) for r in rows[:-1]) == int(rows[-1][column])


def test_a_rate_is_told_only_where_half_of_the_own_targets_are_judged(
    read: tuple[Document, list[str]],
) -> None:
    table = next(b for b in read[0].blocks if isinstance(b, Table))
    for row in table.rows:
        whole, met, not_met, _, _, superior = (int(plain(cell)) for cell in row[1:7])
        judged = met + not_met
        enough = judged > 0 and 2 * judged >= whole - superior
        rate = plain(row[7])
        assert (rate != "—") == enough, row
        if enough:
            assert abs(float(rate) - 100 * met / judged) <= 0.05 + 1e-9


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("达到。。日历年度", "doubled punctuation"),
        ("值为 None", "a word of Python"),
        ("1.5e-05", "scientific notation"),
        ("6.666667%", "too many decimals"),
        ("离散度检验 p = 0.000，", "a chance of nothing"),
        ("城镇（）", "stop in brackets' place"),
        ("urban：90", "code urban"),
        ("990101 的数据", "code 990101"),
    ],
)
def test_what_would_be_stumbled_over_is_found(text: str, what: str) -> None:
    pack = load_pack(SHAPES / "groups")
    assert {"urban", "990101"} <= codes_of(pack)
    assert any(re.match(re.escape(what), f) for f in faults(iter([("here", text)]), pack))
    assert not faults(iter([("here", "城镇为 90.5%，见附录A（证据等级 B）。文件 facts/urban.csv")]), pack)
