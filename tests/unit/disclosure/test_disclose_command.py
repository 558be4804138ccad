"""``qingmiao disclose``: files in, files out, and everything that can be wrong with a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qingmiao.cli import main
from qingmiao.disclosure import show, table

CELLS = "town,sex,n\n甲,男,43\n甲,女,3\n乙,男,52\n乙,女,61\n丙,男,12\n丙,女,18\n丁,男,96\n丁,女,0\n"


def run(folder: Path, text: str | bytes, *more: str, by: str = "town,sex", count: str = "n") -> Result:
    raw = text.encode() if isinstance(text, str) else text
    (folder / "in.csv").write_bytes(raw)
    given = ["disclose", str(folder / "in.csv"), str(folder / "out.csv"), "--count", count, "--by", by, *more]
    return CliRunner().invoke(main, given)


def rows(folder: Path) -> list[list[str]]:
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_file_is_what_the_module_says(tmp_path: Path) -> None:
    done = run(tmp_path, CELLS)
    assert done.exit_code == 0, done.output
    header, *given = rows(tmp_path)
    cells = {(r[0], r[1]): int(r[2]) for r in csv.reader(CELLS.splitlines()[1:])}
    shown = show(table(("town", "sex"), cells)).cells()
    assert header == ["town", "sex", "n"]
    assert {(r[0] or None, r[1] or None): int(r[2]) if r[2] else None for r in given} == shown
    assert [r[:2] for r in given[:8]] == [list(place) for place in cells]
    assert len(given) == 8 + 4 + 2 + 1
    assert "小数字 1 格" in done.output
    assert "合计只含显示的格" in done.output


def test_totals_in_the_file_are_checked(tmp_path: Path) -> None:
    assert run(tmp_path, CELLS + "甲,,46\n,,285\n").exit_code == 0
    assert len(rows(tmp_path)) == 1 + 15
    wrong = run(tmp_path, CELLS + "甲,,47\n")
    assert wrong.exit_code == 2
    assert "合计写的是 47，各格相加是 46" in wrong.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "缺少列"),
        ("town,n\n甲,1\n", "缺少列 sex"),
        ("town,sex,n\n", "没有数据行"),
        ("town,sex,n\n,,5\n", "没有数据行"),
        ("town,sex,n\n甲,男,-3\n", "「-3」不是人数"),
        ("town,sex,n\n甲,男,2.5\n", "「2.5」不是整数"),
        ("town,sex,n\n甲,男,三\n", "「三」不是数"),
        ("town,sex,n\n甲,男,1e400\n", "大得不是数"),
        ("town,sex,n\n甲,男,\n", "计数是空的"),
        ("town,sex,n\n甲,男,9\n甲, 男,9\n", "和第 2 行的分组相同"),
        ("town,sex,n\n甲,男,9,9\n", "这一行有 4 格"),
        ("town,sex,sex,n\n甲,男,男,9\n", "重复"),
        (b"town,sex,n\n\xff\xfe\xfa,1,9\n", "不是 UTF-8"),
    ],
)
def test_a_wrong_file_is_told_and_nothing_is_written(tmp_path: Path, text: str | bytes, said: str) -> None:
    done = run(tmp_path, text)
    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "out.csv").exists()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    done = run(tmp_path, "town,sex,n\n甲,男,-1\n甲,女,x\n乙,男,2.5\n")
    assert all(f"in.csv:{line} " in done.output for line in (2, 3, 4))


def test_marks_widths_and_other_encodings_are_read(tmp_path: Path) -> None:
    assert run(tmp_path, ("\ufeff" + CELLS).encode()).exit_code == 0
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert run(tmp_path, CELLS.encode("gb18030")).exit_code == 0
    plain = rows(tmp_path)
    assert run(tmp_path, CELLS.replace("43", "４３").replace("\n", "\r\n")).exit_code == 0
    assert rows(tmp_path) == plain
    assert run(tmp_path, CELLS, "--by", "sex,town").exit_code == 0
    assert {(r[1], r[0], r[2]) for r in rows(tmp_path)[1:]} == {tuple(r) for r in plain[1:]}


def test_other_columns_are_not_copied(tmp_path: Path) -> None:
    text = "town,name,n\n甲,某某,30\n乙,某某,40\n"
    done = run(tmp_path, text, by="town")
    assert "没有读的列：name" in done.output
    assert rows(tmp_path) == [["town", "n"], ["甲", "30"], ["乙", "40"], ["", "70"]]


@pytest.mark.parametrize("by", ["", "town,town", "town,,sex", "town,n"])
def test_wrong_columns_are_refused(tmp_path: Path, by: str) -> None:
    assert run(tmp_path, CELLS, by=by).exit_code == 2


def test_an_earlier_result_counts(tmp_path: Path) -> None:
    run(tmp_path, "town,n\n甲,8\n乙,80\n", by="town")
    (tmp_path / "out.csv").rename(tmp_path / "first.csv")
    later = "town,sex,n\n甲,男,3\n甲,女,5\n乙,男,40\n乙,女,40\n"
    assert run(tmp_path, later).exit_code == 0
    done = run(tmp_path, later, "--earlier", str(tmp_path / "first.csv"))
    assert done.exit_code == 2
    assert "first.csv" in done.output
