"""``qingmiao compare``: lists of two or three departments compared by keyed marks; only differences are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.cli.registers import csv_table, make_folder, read_register
from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole
from qingmiao.kernel.errors import UserError
from qingmiao.standards.files import Field, FileError, read_chunks

NEEDED = ("record_id", "name")
PEOPLE = ("name", "sex", "birth_date")
"""What is written of a person whom no other list has: what a case is opened with."""


@dataclass(frozen=True)
class _List:
    """A list: one's own with the records' ids, or the other side's marks alone."""

    path: Path
    marks: pa.Table
    ids: pa.Array | None
    people: pa.Table | None = None
    told: tuple[str, ...] = ()
    unread: int = 0


@click.command("compare")
@click.argument("lists", metavar="LEFT.csv RIGHT.csv [THIRD.csv]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--key", "key_path", metavar="FILE", type=click.Path(path_type=Path), help="双方共有的密钥文件")
@click.option("--out", "folder", metavar="DIR", type=click.Path(path_type=Path), help="结果写到哪个文件夹")
@click.option("--hash", "hashing", is_flag=True, help="只把一份名单做成散列文件，交给对方比对")
@click.option("--people", is_flag=True, help="另写一份对方名单里没有的人（姓名、性别、出生日期），在站点按名单受理个案")
@click.option("--new-key", metavar="FILE", type=click.Path(path_type=Path), help="新建一个密钥文件")
def compare_command(
    lists: tuple[Path, ...],
    key_path: Path | None,
    folder: Path | None,
    hashing: bool,
    people: bool,
    new_key: Path | None,
) -> None:
    """比对两三个部门的名单（户籍、学籍、在校），只说差别。

    名单的列：record_id name，可有 sex birth_date id_number；也可以是对方用 --hash 做的散列文件，里面没有个人信息。
    每份自己的名单写一个 DIR/名单名.csv（record_id,list,result）：在对方名单里没有的、写法不同要核对的。
    加 --people 的，另写 DIR/名单名.people.csv：对方名单里没有的人（姓名、性别、出生日期、哪份名单），可以上传到控辍保学等项目的“按名单受理”。
    """
    from qingmiao.identity.marks import ListVerdict, compared, mark_file, read_key
    from qingmiao.identity.marks import new_key as make_key

    if new_key is not None:
        make_key(new_key)
        say(f"密钥写到 {new_key}；用可靠的办法交给对方，不要和名单放在一起", err=True)
        return
    if key_path is None or folder is None:
        raise click.UsageError("要给出 --key 密钥文件和 --out 文件夹")
    if len(lists) != 1 if hashing else not 2 <= len(lists) <= 3:
        raise click.UsageError("--hash 一次做一份名单" if hashing else "比对要给出两份或三份名单")
    key = read_key(key_path)
    read = [_read(path, key) for path in lists]
    files: dict[Path, pa.Table] = {}
    lines: list[str] = []
    if hashing:
        if read[0].ids is None:
            raise UserError(f"{lists[0]} 已经是散列文件，不用再做")
        files[folder / f"{lists[0].stem}.hash.csv"] = mark_file(read[0].marks, key)
        lines.append(f"{lists[0]}：{read[0].marks.num_rows} 条，做成散列文件")
    else:
        _check(read)
        for own in read:
            if own.ids is None:
                continue
            parts, missing = [], []
            for other in read:
                if other is not own:
                    result = compared(own.marks, other.marks)
                    counts = Counter(result.to_pylist())
                    told = "，".join(
                        f"{found.value} {counts[found.value]} 条" for found in ListVerdict if counts[found.value]
                    )
                    lines.append(f"{own.path.name} 对 {other.path.name}：{told}")
                    named = pa.array([other.path.name] * len(result), pa.string())
                    table = pa.table({"record_id": own.ids, "list": named, "result": result})
                    parts.append(table.filter(pc.not_equal(table["result"], ListVerdict.YES.value)))
                    if people and own.people is not None:
                        there = own.people.append_column("list", named)
                        missing.append(there.filter(pc.equal(result, ListVerdict.NO.value)))
            files[folder / f"{own.path.stem}.csv"] = pa.concat_tables(parts)
            if people and own.people is not None:
                files[folder / f"{own.path.stem}.people.csv"] = pa.concat_tables(missing)
    make_folder(folder)
    write_whole({path: csv_table(table) for path, table in files.items()})
    for line in [*lines, f"写到 {folder}", *(line for one in read for line in one.told)]:
        say(line, err=True)
    if any(one.unread for one in read):
        raise SystemExit(1)


def _check(read: list[_List]) -> None:
    if all(one.ids is None for one in read):
        raise UserError("几份都是散列文件，里面没有自己的记录编号；至少要有一份是自己的名单")
    names = Counter(one.path.stem for one in read)
    if twice := [name for name, count in names.items() if count > 1]:
        raise UserError(f"有两份名单都叫 {twice[0]}，结果分不清；请改一个文件名")


def _read(path: Path, key: bytes) -> _List:
    from qingmiao.identity.marks import COLUMNS, MARKS, key_mark, marks

    if _is_hashes(path):
        try:
            table = pa.concat_tables(
                list(read_chunks(path, [Field(name, "text", "散列", required=True) for name in COLUMNS]))
            )
        except FileError as wrong:
            raise UserError(str(wrong)) from None
        if table["key"].unique().to_pylist() != [key_mark(key)]:
            raise UserError(f"{path}：做这份散列文件用的不是这个密钥，比不出来；请核对双方的密钥文件是不是同一个")
        return _List(path, table.select(MARKS), None)
    register = read_register(path, needed=NEEDED)
    people = register.records.select(
        ["name", "sex", "birth_date", "id_number", "guardian_name", "guardian_phone", "area_code"]
    ).rename_columns(["name", "sex", "birth", "number", "guardian", "phone", "area"])
    ids = register.records["record_id"].combine_chunks()
    told = tuple(f"{path.name}：{line}" for line in register.told)
    named = register.records.select(["record_id", *PEOPLE])
    return _List(path, marks(people, key), ids, named, told, register.unread)


def _is_hashes(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.readline().strip() == b"key,number,person,sound"
    except OSError:
        return False
