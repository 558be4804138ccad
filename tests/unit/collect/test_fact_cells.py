"""Cells of fact tables: what is read, what is refused with its row and the nearest right value."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingmiao.collect import Collected, DataError, collect, write_snapshot
from qingmiao.content import Pack, load_pack

HEADER = "child_id,area_code,sex,dose,due_date,given_date\n"
GOOD = "A1,990001101,M,MMR1,2024-03-01,2024-03-05\n"
ON = date(2025, 6, 1)

FACT = """
id: visits
label: {zh: 访视}
grain: event
key: [visit_id]
area: place
date: day
version: recorded_at
columns:
  visit_id: {type: text, label: {zh: 访视号}}
  place: {type: area, label: {zh: 地区}}
  day: {type: date, label: {zh: 日期}}
  weight: {type: number, label: {zh: 体重}}
  grade: {type: integer, label: {zh: 年级}}
  ill: {type: boolean, label: {zh: 患病}}
  note: {type: text, label: {zh: 备注}}
  recorded_at: {type: date, label: {zh: 登记日期}}
"""
VISIT = "visit_id,place,day,weight,grade,ill,note,recorded_at\n"


@pytest.fixture
def visits(root: Path) -> Pack:
    (root / "facts/visits.yaml").write_text(FACT, "utf-8")
    return load_pack(root)


def read(pack: Pack, data: Path, *rows: str, header: str = HEADER) -> Collected:
    name = "visits" if header == VISIT else "vaccinations"
    (data / f"facts/{name}.csv").write_text(header + "".join(rows), "utf-8")
    return collect(pack, data, on=ON)


def refused(pack: Pack, data: Path, *rows: str, header: str = HEADER) -> list[str]:
    with pytest.raises(DataError) as error:
        read(pack, data, *rows, header=header)
    return [str(f) for f in error.value.faults]


def visit(**cells: str) -> str:
    given = {
        "visit_id": "V1", "place": "990001101", "day": "2024-05-01", "weight": "9.5", "grade": "1", "ill": "",
        "note": "", "recorded_at": "2024-05-02",
    }  # fmt: skip
    return ",".join({**given, **cells}.values()) + "\n"


def kept(pack: Pack, data: Path, column: str, cell: str) -> object:
    rows = read(pack, data, visit(**{column: cell}), header=VISIT).tables["visits"]
    return rows[column].to_pylist()[0]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-09-10", date(2024, 9, 10)),
        ("2024/9/1", date(2024, 9, 1)),
        ("2024年9月10日", date(2024, 9, 10)),
        ("２０２４－０９－１０", date(2024, 9, 10)),
        ("20240910", date(2024, 9, 10)),
        ("45545", date(2024, 9, 10)),
        ("2024-09-10 23:59:59", date(2024, 9, 10)),
        ("2024-09-10T15:59:59Z", date(2024, 9, 10)),
        ("2024-09-10T16:00:00Z", date(2024, 9, 11)),
        ("2024-09-10T20:00:00+08:00", date(2024, 9, 10)),
        ("1990-05-31T15:00:00Z", date(1990, 6, 1)),
    ],
)
def test_days_are_chinas(visits: Pack, data: Path, cell: str, day: date) -> None:
    assert kept(visits, data, "day", cell) == day


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("24-7-1", "年份只有两位（建议：是不是 2024-07-01）"),
        ("0024-10-08", "年份不在 1900–2100 年之间（建议：年份写四位，如 2024）"),
        ("2204-10-08", "年份不在 1900–2100 年之间"),
        ("1924-10-08", "比规划早 40 年以上"),
        ("2024-02-30", "没有「2024-02-30」这一天（建议：是不是 2024-02-29）"),
        ("9/10/2024", "是不是 2024-09-10 或 2024-10-09"),
        ("2024-9", "只有年月"),
        ("2025-06-02", "晚于采集日 2025-06-01"),
        ("NaT", "没有数据就留空"),
    ],
)
def test_days_that_cannot_be_are_faults(visits: Pack, data: Path, cell: str, told: str) -> None:
    (fault,) = refused(visits, data, visit(), visit(visit_id="V2", day=cell), header=VISIT)
    assert fault.startswith("facts/visits.csv:3 [列 day] 日期")
    assert told in fault


def test_a_day_that_something_is_due_may_lie_ahead(pack: Pack, data: Path) -> None:
    assert read(pack, data, GOOD.replace("2024-03-01,2024-03-05", "2026-03-01,")).tables["vaccinations"].num_rows
    (fault,) = refused(pack, data, GOOD.replace("2024-03-05", "2026-03-01"))
    assert "接种日期「2026-03-01」晚于采集日" in fault
    (fault,) = refused(pack, data, GOOD.replace("2024-03-01,2024-03-05", "2046-03-01,"))
    assert "应种日期「2046-03-01」晚于采集日" in fault


def test_many_days_in_the_future_are_one_fault(visits: Pack, data: Path) -> None:
    rows = [visit(visit_id=f"V{d}", day=f"2026-01-{d:02}") for d in range(1, 31)]
    (fault,) = refused(visits, data, *rows, header=VISIT)
    assert "日期：有 30 个不同的值（2026-01-01 到 2026-01-30）晚于采集日 2025-06-01（共 30 行" in fault


@pytest.mark.parametrize(
    ("cell", "number"),
    [("１２．５", 12.5), ("+4.7", 4.7), ("1.2E-05", 1.2e-05), ('"1,234.5"', 1234.5), ("3", 3.0)],
)
def test_numbers_as_people_write_them(visits: Pack, data: Path, cell: str, number: float) -> None:
    assert kept(visits, data, "weight", cell) == number


@pytest.mark.parametrize(
    ("cell", "told"),
    [(c, "不是数") for c in ("inf", "-inf", "Infinity", "nan", "NaN", "ｉｎｆ", "NA", "—", "0x10", "1_000", "三")]
    + [
        ("1e400", "大得不是数"),
        ("1e-400", "小得存不下"),
        ("1e16", "超出了能用的数"),
        ("9" * 60, "太长（60 字）"),
        ("9.5kg", "是不是 9.5"),
        ("45%", "是不是 45"),
        (">50", "是不是 50"),
    ],
)
def test_what_is_no_number_is_a_fault(visits: Pack, data: Path, cell: str, told: str) -> None:
    (fault,) = refused(visits, data, visit(weight=cell), header=VISIT)
    assert fault.startswith("facts/visits.csv:2 [列 weight] 体重")
    assert told in fault


def test_whole_numbers_and_truths(visits: Pack, data: Path) -> None:
    assert kept(visits, data, "grade", "3.0") == 3
    assert "「3.5」不是整数" in refused(visits, data, visit(grade="3.5"), header=VISIT)[0]
    assert [kept(visits, data, "ill", c) for c in ("是", "Ｙ", "0.0", "否")] == [True, True, False, False]
    assert "「2」不是真假" in refused(visits, data, visit(ill="2"), header=VISIT)[0]


def test_long_texts_are_refused(visits: Pack, data: Path) -> None:
    assert "最多 2000 字" in refused(visits, data, visit(note="长" * 2001), header=VISIT)[0]
    assert kept(visits, data, "note", "长" * 2000) == "长" * 2000
    assert "科学计数法" in refused(visits, data, visit(note="1.42625E+17"), header=VISIT)[0]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1.42625E+17", "科学计数法"),
        ("1e17", "科学计数法"),
        ("１.４E+１７", "科学计数法"),
        ("123.0", "是不是 123"),
        ("142625199001010000", "第 15 位以后全是 0"),
        ("A\u200b1", "看不见的字符"),
        ("V" * 121, "太长（121 字）"),
        ("合计", "是合计行"),
        ("小 计", "是合计行"),
        ("全县总计：", "是合计行"),
        ("注：本表不含外地儿童", "是表下的注或落款"),
        ("填表人：某某", "是表下的注或落款"),
    ],
)
def test_what_is_no_identity_is_a_fault(visits: Pack, data: Path, cell: str, told: str) -> None:
    (fault,) = refused(visits, data, visit(), visit(visit_id=cell), header=VISIT)
    assert fault.startswith("facts/visits.csv:3 ")
    assert told in fault


def test_identities_in_another_dress_are_put_right_and_told(visits: Pack, data: Path) -> None:
    odd = ["Ｖ２", " V3\t", "14262519900101001x", "'007"]
    got = read(visits, data, visit(), *(visit(visit_id=o) for o in odd), header=VISIT)
    assert sorted(got.tables["visits"]["visit_id"].to_pylist()) == [
        "007",
        "14262519900101001X",
        "V1",
        "V2",
        "V3",
    ]
    (finding,) = got.findings
    assert (finding.code, finding.rows) == ("id_rewritten", (3, 4, 5, 6))


def test_digits_lost_in_a_double_are_seen(visits: Pack, data: Path) -> None:
    true = [142625199001010011 + 1013 * i for i in range(8)]
    lost = [str(int(float(n))) for n in true]
    assert lost != [str(n) for n in true]
    assert read(visits, data, *(visit(visit_id=str(n)) for n in true), header=VISIT).tables["visits"].num_rows == 8
    (fault,) = refused(visits, data, *(visit(visit_id=n) for n in lost), header=VISIT)
    assert "8 个 18 位编号里有 8 个正好是浮点数能存下的数" in fault


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A2,990001101,男,MMR1,2024-03-01,\n", "性别「男」不在代码表 sex 里（建议：应写代码 M（男））"),
        ("A2,990001101,女性,MMR1,2024-03-01,\n", "应写代码 F（女）"),
        ("A2,990001101,f,MMR1,2024-03-01,\n", "应写代码 F（女）"),
        ("A2,990001101,X,MMR1,2024-03-01,\n", "可用：M（男）、F（女）"),
        ("A2,甲镇,F,MMR1,2024-03-01,\n", "应写代码 990001101（甲镇）"),
        ("A2,990001101.0,F,MMR1,2024-03-01,\n", "应写 990001101"),
        ("A2,990001110,F,MMR1,2024-03-01,\n", "是不是 990001101（甲镇）"),
        ("A2,9.90001E+08,F,MMR1,2024-03-01,\n", "没有这个行政区划代码"),
    ],
)
def test_the_right_code_is_named(pack: Pack, data: Path, row: str, told: str) -> None:
    (fault,) = refused(pack, data, GOOD, row)
    assert fault.startswith("facts/vaccinations.csv:3 ")
    assert told in fault


def test_codes_in_full_width_are_read(pack: Pack, data: Path) -> None:
    row = read(pack, data, "A2,９９０００１１０１,Ｆ,MMR1,2024-03-01,\n").tables["vaccinations"].to_pylist()[0]
    assert (row["area_code"], row["sex"]) == ("990001101", "F")


def test_one_mistake_is_one_message(pack: Pack, data: Path) -> None:
    rows = [f"B{i},990001101,男,MMR1,2024-03-01,\n" for i in range(5000)]
    (fault,) = refused(pack, data, *rows)
    assert "「男」不在代码表 sex 里（共 5000 行，还有第 3、4、5、6、7 行等）" in fault
    rows = [f"B{i},990001101,M{i},MMR1,2024-03-01,\n" for i in range(50)]
    found = refused(pack, data, *rows)
    assert len(found) == 21
    assert "同类错误共 50 种、50 行，以上列出 20 种" in found[0]


def columns(**given: object) -> pa.Table:
    plain: dict[str, object] = {
        "visit_id": ["V1", "V2"], "place": ["990001101"] * 2, "day": pa.array([date(2024, 5, 1)] * 2),
        "recorded_at": pa.array([date(2024, 5, 2)] * 2),
    }  # fmt: skip
    return pa.table({**plain, **given})


def parquet(pack: Pack, data: Path, table: pa.Table) -> list[str] | pa.Table:
    pq.write_table(table, data / "facts/visits.parquet")
    try:
        return collect(pack, data, on=ON).tables["visits"]
    except DataError as error:
        return [str(f) for f in error.faults]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_timestamps_of_any_unit_and_zone_are_chinas_days(visits: Pack, data: Path, unit: str, zone: str) -> None:
    moments = [datetime(2024, 4, 30, 16, tzinfo=UTC), datetime(2024, 5, 1, 15, 59, 59, tzinfo=UTC)]
    got = parquet(visits, data, columns(day=pa.array(moments, pa.timestamp(unit, zone))))
    assert got["day"].to_pylist() == [date(2024, 5, 1)] * 2


def test_timestamps_without_a_zone_are_chinas(visits: Pack, data: Path) -> None:
    moments = [datetime(2024, 5, 1), datetime(2024, 5, 1, 23, 59)]
    got = parquet(visits, data, columns(day=pa.array(moments, pa.timestamp("us"))))
    assert got["day"].to_pylist() == [date(2024, 5, 1)] * 2
    wrong = columns(day=pa.array([2**60, 2**60 + 1]).cast(pa.timestamp("us")))
    assert "检查时间的单位" in parquet(visits, data, wrong)[0]


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ([1.42625199001010011e17, 1.42625199001010027e17], "后面的数字已经丢了"),
        ([1.5, 2.0], "带小数"),
        ([float("inf"), 2.0], "编号"),
        ([float("nan"), 2.0], "必填，但是空的"),
        ([[1], [2]], "类型是 list"),
        ([date(2024, 1, 1), date(2024, 1, 2)], "类型是 date32"),
        ([b"\xff", b"V"], "类型是 binary"),
    ],
)
def test_parquet_identities_that_lost_digits_are_refused(
    visits: Pack, data: Path, ids: list[object], told: str
) -> None:
    found = parquet(visits, data, columns(visit_id=pa.array(ids)))
    assert isinstance(found, list)
    assert "[列 visit_id]" in found[0]
    assert told in found[0]


def test_parquet_identities_that_are_whole_are_read(visits: Pack, data: Path) -> None:
    whole = parquet(visits, data, columns(visit_id=[142625199001010011, 142625199001010028]))
    assert whole["visit_id"].to_pylist() == ["142625199001010011", "142625199001010028"]
    pq.write_table(columns(visit_id=[7.0, 8.0]), data / "facts/visits.parquet")
    got = collect(visits, data)
    assert got.tables["visits"]["visit_id"].to_pylist() == ["7", "8"]
    assert [(f.code, f.rows) for f in got.findings] == [("id_rewritten", (2, 3))]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf"), 1e300])
def test_parquet_numbers_are_finite(visits: Pack, data: Path, bad: float) -> None:
    found = parquet(visits, data, columns(weight=[4.7, bad], grade=[1, 2]))
    assert isinstance(found, list)
    assert found[0].startswith("facts/visits.parquet:3 [列 weight] 体重「")
    found = parquet(visits, data, columns(grade=[4.0, bad]))
    assert isinstance(found, list)
    assert found[0].startswith("facts/visits.parquet:3 [列 grade] 年级「")


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_single_precision_is_the_decimal_that_people_see(visits: Pack, data: Path, kind: type) -> None:
    got = parquet(visits, data, columns(weight=pa.array(np.array([4.7, 10.1], dtype=kind))))
    assert got["weight"].to_pylist() == [4.7, 10.1]


CHILD = """
import sys
from datetime import date
from pathlib import Path
from qingmiao.collect import collect, write_snapshot
from qingmiao.content import load_pack
root, out = Path(sys.argv[1]), Path(sys.argv[2])
tables = collect(load_pack(root), root / "data", on=date(2025, 6, 1)).tables
print(write_snapshot(out, tables).id, tables["visits"]["day"].to_pylist(), tables["visits"]["weight"].to_pylist())
"""


def test_the_machines_zone_changes_nothing(visits: Pack, root: Path, data: Path, tmp_path: Path) -> None:
    moments = [datetime(2024, 4, 30, 16, tzinfo=UTC), datetime(2024, 4, 30, 15, 59, tzinfo=UTC)]
    rows = columns(day=pa.array(moments, pa.timestamp("us", "UTC")), weight=[1.0, 2.0])
    pq.write_table(rows, data / "facts/visits.parquet")
    texts = (
        VISIT
        + visit(visit_id="V3", recorded_at="2024-05-02T03:00:00Z")
        + visit(visit_id="V3", recorded_at="2024-05-02 11:30", weight="8")
    )
    (data / "facts/visits.csv").write_text(texts, "utf-8")
    seen = {
        subprocess.run(
            [sys.executable, "-c", CHILD, str(root), str(tmp_path / zone.replace("/", "-"))],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Shanghai", "America/New_York")
    }
    (one,) = seen
    assert "[datetime.date(2024, 5, 1), datetime.date(2024, 4, 30), datetime.date(2024, 5, 1)] [1.0, 2.0, 8.0]" in one


def test_a_snapshots_number_is_made_of_its_contents(visits: Pack, data: Path, tmp_path: Path) -> None:
    first = write_snapshot(tmp_path / "1", read(visits, data, visit(), header=VISIT).tables)
    (data / "facts/visits.csv").unlink()
    (data / "facts/visits").mkdir()
    (data / "facts/visits/x.csv").write_text(VISIT + "\n" + visit(), "utf-8")
    again = write_snapshot(tmp_path / "2", collect(visits, data).tables)
    assert first.id == again.id
    assert first.digests != again.digests
    (data / "facts/visits/x.csv").write_text(VISIT + visit(weight="9.6"), "utf-8")
    assert write_snapshot(tmp_path / "3", collect(visits, data).tables).id != first.id
