"""``qingmiao link``: what it writes, in which dress a file may come, and what it says of a bad one."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.csv as pacsv
import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.demo.registers import registers

HEAD = "record_id,register,name,sex,birth_date,id_number,guardian_name,guardian_phone,area_code\n"
TWO = "a,户籍,张雨桐,女,2019-03-05,,李丽,13800001111,790101101201\nb,接种,张宇彤,2,2019年3月5日,,李丽,13800001111,\n"


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    assert not isinstance(done.exception, Exception) or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def linked(folder: Path, content: bytes, name: str = "in.csv") -> tuple[int, str, Path]:
    source, out = folder / name, folder / f"out-{name}"
    source.write_bytes(content)
    return *run("link", source, "--out", out), out


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    "content", [(HEAD + TWO).encode(), b"\xef\xbb\xbf" + (HEAD + TWO).encode(), (HEAD + TWO).encode("gb18030")]
)
def test_two_registers_of_one_child_in_every_encoding(tmp_path, content):
    code, told, out = linked(tmp_path, content)
    assert code == 0
    assert "判为 1 个儿童" in told
    assert rows(out / "clusters.csv") == [["record_id", "entity"], ["a", "a"], ["b", "a"]]
    pairs = rows(out / "pairs.csv")
    assert pairs[0] == ["left", "right", "probability"]
    assert pairs[1][:2] == ["a", "b"]
    assert 0.5 < float(pairs[1][2]) <= 1


def test_every_record_has_its_entity_and_order_decides_nothing(tmp_path):
    records, _ = registers(120, seed=4)
    for name, table in (("one.csv", records), ("other.csv", records.take(list(range(records.num_rows))[::-1]))):
        pacsv.write_csv(table, tmp_path / name)
        assert run("link", tmp_path / name, "--out", tmp_path / name.removesuffix(".csv"))[0] == 0
    clusters = rows(tmp_path / "one" / "clusters.csv")
    assert [row[0] for row in clusters[1:]] == sorted(records["record_id"].to_pylist())
    for name in ("pairs.csv", "clusters.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "文件是空的"),
        (HEAD, "没有数据行"),
        ("record_id,name\na,张雨桐\n", "缺少列 register"),
        (HEAD + TWO + TWO, "record_id「a」出现了 2 次（第 2、4 行）"),
        (HEAD + TWO.replace("b,", ",", 1), "第 3 行没有 record_id"),
        (HEAD + TWO.replace("b,", "4.3E+17,", 1), "科学计数法"),
    ],
)
def test_a_file_that_cannot_be_linked_leaves_nothing_behind(tmp_path, content, says):
    code, told, out = linked(tmp_path, content.encode())
    assert code == 2
    assert says in told
    assert not out.exists()


def test_a_missing_file_and_a_folder_that_is_a_file(tmp_path):
    assert run("link", tmp_path / "none.csv", "--out", tmp_path / "o")[0] == 2
    (tmp_path / "in.csv").write_text(HEAD + TWO, "utf-8")
    code, told = run("link", tmp_path / "in.csv", "--out", tmp_path / "in.csv")
    assert code == 2
    assert "请写文件夹" in told


def test_cells_that_cannot_be_read_are_named_and_the_rest_is_linked(tmp_path):
    bad = TWO.replace("2019年3月5日", "前年").replace("女", "公") + "c,学籍,王芳,女,2018-13-45,4.3E+17,,,\n"
    code, told, out = linked(tmp_path, (HEAD + bad).encode())
    assert code == 1
    for line in ("第 3 行，列 birth_date", "第 2 行，列 sex", "第 4 行，列 birth_date", "第 4 行，列 id_number"):
        assert line in told
    assert len(rows(out / "clusters.csv")) == 4


def test_an_id_with_a_comma_comes_back_whole(tmp_path):
    _, _, out = linked(tmp_path, (HEAD + TWO.replace("a,", '"a,1",', 1)).encode())
    assert rows(out / "clusters.csv")[1] == ["a,1", "a,1"]
