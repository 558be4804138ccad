"""Files as people really have them: Excel's encodings, headings, codes and blanks; every Parquet type; disks that fill
up."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from qingmiao.cli.score import score
from qingmiao.standards import csv_files, fitness, vision
from qingmiao.standards.growth import score_child

HEAD = "id,sex,age_days,weight_kg\n"
SIX_KILOS = score_child("who2006", sex="m", age_days=100, weight_kg=6)["zwei"]


def run(*words: object) -> Result:
    return CliRunner().invoke(score, [str(word) for word in words])


def scored(folder: Path, content: bytes | pa.Table, *, out: str = "out.parquet") -> dict[str, list[Any]]:
    source = folder / ("in.csv" if isinstance(content, bytes) else "in.parquet")
    if isinstance(content, bytes):
        source.write_bytes(content)
    else:
        pq.write_table(content, source)
    result = run("growth", source, folder / out)
    assert result.exit_code == 0, result.output
    found: dict[str, list[Any]] = pq.read_table(folder / out).to_pydict()
    return found


@pytest.mark.parametrize("block", [1 << 20, 64])
def test_gbk_is_read_as_such_wherever_its_first_letter_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block)
    text = HEAD + "x,m,100,6\n" * 50 + "张三丰,男,100,6\n李四,女,100,6\n"
    for encoding in ("gbk", "utf-8", "utf-8-sig"):
        found = scored(tmp_path, text.encode(encoding))
        assert found["id"] == [*["x"] * 50, "张三丰", "李四"]
        assert found["zwei"][50] == SIX_KILOS


@pytest.mark.parametrize("block", [1 << 20, 64])
def test_line_breaks_inside_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block)
    rows = [f"第一行\n第 {i} 行" for i in range(40)]
    found = scored(tmp_path, (HEAD + "".join(f'"{row}",m,100,6\r\n' for row in rows)).encode())
    assert found["id"] == rows
    assert set(found["zwei"]) == {SIX_KILOS}


@pytest.mark.parametrize(
    "heading",
    ['"id","sex","age_days","weight_kg"', " ID , Sex,Age_Days ,WEIGHT_KG", "sex,age_days,ID,weight_kg,id"],
)
def test_headings_in_quotes_capitals_and_blanks(tmp_path: Path, heading: str) -> None:
    row = "m,100,other,6,1" if heading.startswith("sex") else "1,m,100,6"
    assert scored(tmp_path, f"\ufeff{heading}\n{row}\n".encode())["id"] == ["1"]


def test_a_child_called_na_keeps_its_name_and_blank_cells_are_missing(tmp_path: Path) -> None:
    content = HEAD + "NA,m,100,6\nnull,NA,100,6\n007,m,#N/A,6\n,m,100,NaN\n"
    found = scored(tmp_path, content.encode())
    assert found["id"] == ["NA", "null", "007", None]
    assert found["zwei"] == [SIX_KILOS, None, None, None]


def test_codes_of_oedema_and_position(tmp_path: Path) -> None:
    codes = {"y": 1, "Y": 1, "1": 1, "是": 1, "n": 0, "N": 0, "2": 0, "0": 0, "否": 0, "": 0}
    rows = "".join(f"{code},m,400,10,76,{code}\n" for code in codes)
    content = "id,sex,age_days,weight_kg,lenhei_cm,oedema\n" + rows
    assert [z is None for z in scored(tmp_path, content.encode())["zwei"]] == [bool(yes) for yes in codes.values()]
    positions = {"l": 90 - 0.7, "L": 90 - 0.7, "卧位": 90 - 0.7, "h": 90.0, "H": 90.0, "身高": 90.0}
    content = "id,sex,age_days,lenhei_cm,measure\n" + "".join(f"1,m,800,90,{code}\n" for code in positions)
    assert scored(tmp_path, content.encode())["clenhei"] == pytest.approx(list(positions.values()))


NUMBERS = [
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
    *(pa.float16(), pa.float32(), pa.float64(), pa.string(), pa.large_string(), pa.decimal128(21, 2)),
]


@pytest.mark.parametrize("kind", NUMBERS, ids=str)
def test_parquet_numbers_of_every_type(tmp_path: Path, kind: pa.DataType) -> None:
    table = pa.table(
        {
            "id": ["a", "b"],
            "sex": pa.array([1, None], pa.int64()).cast(kind if pa.types.is_integer(kind) else pa.float32()),
            "age_days": pa.array([100, None], pa.int64()).cast(kind),
            "weight_kg": pa.array([6, 6], pa.int64()).cast(kind),
        }
    )
    assert scored(tmp_path, table)["zwei"] == [SIX_KILOS, None]


IDENTITIES = [
    pa.array([2**53 + 1, 7]),
    pa.array(["a,b", 'c"d'], pa.large_string()),
    pa.array(["甲", None]).dictionary_encode(),
    pa.array([b"a", b"b"]),
    pa.array([datetime.date(2020, 1, 2), None]),
    pa.array([datetime.datetime(2020, 1, 2, 3)] * 2),
    pa.array([decimal.Decimal("1.20"), None]),
]


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda array: str(array.type))
def test_parquet_ids_of_every_type_come_back(tmp_path: Path, identity: pa.Array) -> None:
    table = pa.table(
        {
            "id": identity,
            "sex": pa.array(["m", "m"]).dictionary_encode(),
            "age_days": pa.array([" 100", "NA"]),
            "weight_kg": pa.array([6.0, 6.0]).dictionary_encode(),
        }
    )
    found = scored(tmp_path, table)
    want = [value.decode() if isinstance(value, bytes) else value for value in identity.to_pylist()]
    assert [str(value) for value in found["id"]] == [str(value) for value in want]  # NaN equals itself as text
    assert found["zwei"] == [SIX_KILOS, None]
    assert run("growth", tmp_path / "in.parquet", tmp_path / "out.csv").exit_code == 0
    assert pacsv.read_csv(tmp_path / "out.csv").num_rows == 2


@pytest.mark.parametrize(
    "column", [pa.array([[1], [2]]), pa.array([True, False]), pa.array([datetime.date(2020, 1, 1)] * 2)]
)
def test_a_parquet_column_that_cannot_be_numbers_is_named(tmp_path: Path, column: pa.Array) -> None:
    pq.write_table(
        pa.table({"id": [1, 2], "sex": ["m", "f"], "age_days": column, "weight_kg": [6.0, 6.0]}),
        tmp_path / "in.parquet",
    )
    result = run("growth", tmp_path / "in.parquet", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "age_days" in result.output


def test_a_parquet_file_broken_in_the_middle_is_a_wrong_file(tmp_path: Path) -> None:
    table = pa.table(
        {"id": range(20_000), "sex": ["m"] * 20_000, "age_days": range(20_000), "weight_kg": [6.0] * 20_000}
    )
    pq.write_table(table, tmp_path / "in.parquet")
    content = bytearray((tmp_path / "in.parquet").read_bytes())
    content[4:200] = b"\xff" * 196
    (tmp_path / "in.parquet").write_bytes(content)
    result = run("growth", tmp_path / "in.parquet", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "in.parquet" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


@contextlib.contextmanager
def small_disk() -> Iterator[None]:
    """Files may not grow beyond 20 kB: what a full disk looks like to a program."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / name
    source.write_text(HEAD + "".join(f"{i},m,{i / 7},6\n" for i in range(5000)))
    target.write_text("old")
    with small_disk():
        result = run("growth", source, target)
    assert result.exit_code == 2, result.output
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", name]


def test_where_an_output_cannot_be_written(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(HEAD + "1,m,100,6\n")
    (tmp_path / "folder.csv").mkdir()
    for target, words in (
        (tmp_path / "absent" / "out.csv", "没有文件夹"),
        (tmp_path / "folder.csv", "文件夹"),
        (source, "不能写回"),
    ):
        result = run("growth", source, target)
        assert result.exit_code == 2
        assert words in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "in.csv"]
    assert source.read_text() == HEAD + "1,m,100,6\n"


def test_ids_of_the_other_sheets_come_back_as_they_were(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([2**53 + 1, 7]),
            "grade": ["P1", "P1"],
            "sex": ["男", "f"],
            "va_right": ["5.0", "NA"],
            "va_left": [5.0, 4.9],
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    for command, columns in (
        ("fitness", fitness.output_columns(reasons=False)),
        ("vision", vision.sheet.OUTPUT_COLUMNS),
    ):
        assert run(command, tmp_path / "in.parquet", tmp_path / "out.parquet").exit_code == 0
        found = pq.read_table(tmp_path / "out.parquet")
        assert found["id"].to_pylist() == [2**53 + 1, 7]
        assert found.column_names == ["id", *columns]
