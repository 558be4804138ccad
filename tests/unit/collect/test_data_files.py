"""Nothing in a data folder vanishes without a word, and nothing that is no ordinary file is opened."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingmiao.collect import DataError, collect, open_files, tables
from qingmiao.content import Pack

HEADER = "child_id,area_code,sex,dose,due_date,given_date\n"
GOOD = "A1,990001101,M,MMR1,2024-03-01,2024-03-05\n"


def refused(pack: Pack, data: Path) -> list[str]:
    with pytest.raises(DataError) as error:
        collect(pack, data)
    return [str(f) for f in error.value.faults]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("series.csv.csv", "是不是「series.csv」"),
        ("Series.csv", "是不是「series.csv」"),
        ("seires.csv", "是不是「series.csv」"),
        ("facts2/a.csv", "是不是「facts」"),
        ("Facts/vaccinations.csv", "是不是「facts」"),
        ("returns /a.csv", "是不是「returns」"),
        ("return/a.csv", "是不是「returns」"),
        ("vaccinations.csv", "把它放进 facts/ 里"),
        ("图表.xlsx", "数据放在 facts/、returns/ 和 series.csv"),
        ("facts/a.xlsx", "事实表用 .csv 或 .parquet"),
        ("facts/vaccinations/a.tsv", "事实表用 .csv 或 .parquet"),
        ("facts/Vaccinations.csv", "是不是「vaccinations」"),
        ("facts/vaccination.csv", "是不是「vaccinations」"),
        ("facts/vaccinations-副本.csv", "放进 facts/vaccinations/ 里"),
        ("facts/vaccinations.csv.csv", "放进 facts/vaccinations/ 里"),
        ("facts/notes/a.csv", "可用：vaccinations"),
        ("returns/a.xls", "报表用 .xlsx 模板或 .csv"),
        ("returns/a.csv.bak", "报表用 .xlsx 模板或 .csv"),
    ],
)
def test_what_is_not_known_is_named_with_what_was_meant(pack: Pack, data: Path, name: str, told: str) -> None:
    path = data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a,b\n1,2\n", "utf-8")
    (fault,) = refused(pack, data)
    assert fault.startswith((name, name.split("/")[0] + " "))
    assert told in fault


@pytest.mark.parametrize(
    "name",
    [
        "~$a.xlsx",
        ".DS_Store",
        "facts/.~lock.a#",
        "facts/Thumbs.db",
        "说明.txt",
        "facts/README.md",
        ".git/config",
    ],
)
def test_what_is_ignored(pack: Pack, data: Path, name: str) -> None:
    path = data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", "utf-8")
    assert collect(pack, data).tables["vaccinations"].num_rows


def bound(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    "place", ["facts/vaccinations.csv", "facts/vaccinations.parquet", "series.csv", "returns/a.xlsx"]
)
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (os.mkfifo, "是一根管道（FIFO）"),
        (bound, "是一个套接字"),
        (lambda p: p.symlink_to("/dev/zero"), "是一个设备"),
        (lambda p: p.symlink_to("nowhere"), "指不到文件"),
        (lambda p: p.symlink_to(p.name), "指不到文件"),
        (lambda p: p.symlink_to(".."), "是一个指向文件夹的链接"),
        (lambda p: p.mkdir(), "这里应是文件，却是文件夹"),
    ],
)
def test_what_is_no_file_is_told_and_never_opened(
    pack: Pack, data: Path, place: str, make: Callable[[Path], object], told: str
) -> None:
    path = data / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    make(path)
    (fault,) = refused(pack, data)
    assert fault.startswith(f"{place} ")
    assert told in fault


def test_a_linked_folder_is_not_followed(pack: Pack, data: Path) -> None:
    (data / "facts/vaccinations").symlink_to("..")
    (fault,) = refused(pack, data)
    assert "链接的文件夹不读取" in fault


def test_a_link_to_a_file_is_followed(pack: Pack, data: Path, tmp_path: Path) -> None:
    (data / "facts/vaccinations.csv").rename(tmp_path / "elsewhere.csv")
    (data / "facts/vaccinations.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert collect(pack, data).tables["vaccinations"].num_rows


def test_a_file_that_is_too_large_is_not_read(pack: Pack, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_files, "MAX_BYTES", 10)
    assert "最多读" in refused(pack, data)[0]


def test_a_file_of_too_many_rows_is_not_read(pack: Pack, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "facts/vaccinations.csv").unlink()
    pq.write_table(pa.table({"child_id": ["A"] * 11}), data / "facts/vaccinations.parquet")
    monkeypatch.setattr(tables, "MAX_ROWS", 10)
    (fault,) = refused(pack, data)
    assert "有 11 行，最多 10 行" in fault


def test_a_file_that_may_not_be_read_is_told(pack: Pack, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path.open

    def shut(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == "vaccinations.csv":
            raise PermissionError(13, "Permission denied")
        return plain(self, *args, **kwargs)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(Path, "open", shut)
    (fault,) = refused(pack, data)
    assert fault.startswith("facts/vaccinations.csv 打不开文件")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ((HEADER + GOOD).replace(",", ";"), ":1 各列是用分号（;）隔开的，不是逗号"),
        ((HEADER + GOOD).replace(",", "\t"), ":1 各列是用制表符隔开的，不是逗号"),
        ((HEADER + GOOD).replace(",", "，"), ":1 各列是用全角逗号（，）隔开的，不是逗号"),
        ("预防接种花名册,,,,,\n" + HEADER + GOOD, ":1 第 1 行「预防接种花名册」像是标题"),
        ("预防接种花名册\n" + HEADER + GOOD, ":1 第 1 行「预防接种花名册」像是标题"),
        (GOOD + GOOD, ":1 第 1 行没有这张表的列名"),
        (HEADER.upper() + GOOD, ":1 6 个列名不是事实表定义里的写法（建议：「CHILD_ID」改成「child_id」"),
        (
            "儿童编号,area_code,性别,dose,due_date,given_date\n" + GOOD,
            "「儿童编号」改成「child_id」、「性别」改成「sex」",
        ),
        (HEADER.replace("sex", "dose") + GOOD, ":1 列「dose」出现了两次"),
        (HEADER.strip() + ",extra\n" + GOOD.strip() + ",1\n", ":1 不认识的列「extra」"),
        (HEADER.replace("sex", "_row") + GOOD, ":1 列「_row」不能用"),
        (HEADER + GOOD + "A2,990001101\n", ":3 这一行有 2 格，表头有 6 格"),
        (HEADER + GOOD + "注：本表\n", ":3 「注：本表」是表下的注或落款"),
        (HEADER + GOOD + ",合计,,,,\n", ":3 「合计」是合计行"),
        (
            HEADER
            + 'A1,990001101,M,"MMR1,2024-03-01,\nA2,990001101,F,MMR1,2024-03-01,\nA3,990001101,F,MMR",2024-03-01,\n',
            ":2 引号没有配对",
        ),
        (HEADER + GOOD + "A\0,990001101,M,MMR1,2024-03-01,\n", ":3 含有空字符（NUL）"),
        ("", " 文件是空的"),
        (HEADER, " 只有表头，没有数据行"),
        (HEADER + "\n\n,,,,,\n", " 只有表头，没有数据行"),
    ],
)
def test_a_file_of_another_form_is_one_message(pack: Pack, data: Path, text: str, told: str) -> None:
    (data / "facts/vaccinations.csv").write_text(text, "utf-8")
    (fault,) = refused(pack, data)
    assert fault.startswith("facts/vaccinations.csv")
    assert told in fault


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("gbk", "GBK"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16")],
)
def test_another_encoding_is_one_message(pack: Pack, data: Path, encoding: str, told: str) -> None:
    (data / "facts/vaccinations.csv").write_bytes((HEADER + GOOD.replace("MMR1", "麻疹")).encode(encoding))
    (fault,) = refused(pack, data)
    assert told in fault


def test_another_encoding_far_down_is_told_with_its_line(pack: Pack, data: Path) -> None:
    rows = "".join(f"B{i},990001101,M,MMR1,2024-03-01,\n" for i in range(40_000))
    text = (HEADER + rows).encode() + GOOD.replace("MMR1", "麻疹").encode("gbk")
    assert len(text) > 1 << 20
    (data / "facts/vaccinations.csv").write_bytes(text)
    (fault,) = refused(pack, data)
    assert "facts/vaccinations.csv:40002 编码是 GBK" in fault


@pytest.mark.parametrize(
    "text",
    ["\ufeff" + HEADER + GOOD, (HEADER + GOOD).replace("\n", "\r\n"), (HEADER + GOOD).replace("\n", "\r")],
)
def test_marks_and_ends_of_lines_of_other_systems_are_read(pack: Pack, data: Path, text: str) -> None:
    (data / "facts/vaccinations.csv").write_bytes(text.encode())
    assert collect(pack, data).tables["vaccinations"]["child_id"].to_pylist() == ["A1"]
