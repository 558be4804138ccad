"""``qingmiao due`` on the files of people."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qingmiao.cli import main

HEAD = "id,start,kind,value"


def run(source: Path, target: Path) -> Result:
    return CliRunner().invoke(main, ["due", str(source), str(target)])


def ends(tmp_path: Path, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> tuple[Result, dict[str, str]]:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes("\n".join([head, *lines, ""]).encode(encoding))
    result = run(source, target)
    if not target.exists():
        return result, {}
    with target.open(encoding="utf-8-sig", newline="") as file:
        return result, {row["id"]: row["due"] for row in csv.DictReader(file)}


def test_the_end_stands_beside_each_row(tmp_path: Path) -> None:
    result, found = ends(tmp_path, "a,2026-02-13T16:30,working_days,3", "b,2026-09-30T23:59,hours,24")
    assert result.exit_code == 0, result.output
    assert found == {"a": "2026-02-25T23:59", "b": "2026-10-01T23:59"}
    assert (tmp_path / "out.csv").read_bytes().startswith(b"id,start,kind,value,due\n")


def test_what_people_write_is_read(tmp_path: Path) -> None:
    result, found = ends(
        tmp_path,
        "甲,2026年9月29日 ８:００,Calendar_Days,１,其他",
        "乙,2026/9/29,months,1,",
        "丙,2026-09-28T22:00:00Z,hours,2,",
        head="id,start,ｋｉｎｄ,value,note",
        encoding="gb18030",
    )
    assert result.exit_code == 0, result.output
    assert found == {"甲": "2026-09-30T23:59", "乙": "2026-10-29T23:59", "丙": "2026-09-29T08:00"}
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # Excel shows the Chinese ids


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("a,2026-09-29,hours,3", "没有钟点"),
        ("a,,hours,3", "没有写开始时间"),
        ("a,26-9-29T08:00,hours,3", "只有两位"),
        ("a,2026-02-30T08:00,hours,3", "没有「2026-02-30T08:00」这一天"),
        ("a,2026-09-29T25:00,hours,3", "钟点不存在"),
        ("a,2026-09-29T08:00,工作日,3", "没有时限单位"),
        ("a,2026-09-29T08:00,terms,3", "没有时限单位"),
        ("a,2026-09-29T08:00,calendar_days,1.5", "不是整数"),
        ("a,2026-09-29T08:00,calendar_days,三", "不是时限的数"),
        ("a,2026-09-29T08:00,calendar_days,1e9999999", "不是时限的数"),
        ("a,2026-09-29T08:00,calendar_days,", "不是时限的数"),
        ("a,2026-09-29T08:00,years,9000", "超出了日历"),
        ("a,2026-09-29T08:00,hours", "3 格"),
        (",2026-09-29T08:00,hours,3", "没有写 id"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_left_empty(tmp_path: Path, line: str, word: str) -> None:
    result, found = ends(tmp_path, "ok,2026-03-02T09:00,calendar_days,3", line)
    assert result.exit_code == 1
    assert "in.csv:3" in result.output
    assert word in result.output
    assert found["ok"] == "2026-03-05T23:59"
    assert [end for id_, end in found.items() if id_ != "ok"] == [""]
    assert "读不懂 1 行" in result.output


def test_a_year_without_a_notice_is_said(tmp_path: Path) -> None:
    result, _ = ends(tmp_path, "a,2030-03-04T09:00,calendar_days,3", "b,2026-03-02T09:00,calendar_days,3")
    assert result.exit_code == 0
    assert "1 行（a）的到期时间是暂定的" in result.output


@pytest.mark.parametrize(
    "head", ["id,start,kind", "id;start;kind;value", "", "id,start,kind,value,due", "id,id,start,kind,value"]
)
def test_a_table_without_its_columns_is_refused_and_nothing_written(tmp_path: Path, head: str) -> None:
    result, found = ends(tmp_path, "a,2026-03-02T09:00,calendar_days,3", head=head)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert found == {}
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_files_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\x00\xff\xfe\x80" * 50)
    for source in (binary, tmp_path, tmp_path / "none.csv"):
        result = run(source, target)
        assert result.exit_code == 2, result.output
        assert not target.exists()
    source = tmp_path / "in.csv"
    source.write_text(HEAD + "\na,2026-03-02T09:00,hours,3\n")
    assert run(source, source).exit_code == 2
    assert run(source, tmp_path / "no folder" / "out.csv").exit_code == 2
