"""Lists of two departments compared by keyed marks, so that only differences cross.

A record has up to three marks, HMAC-SHA-256 (RFC 2104) under a key that both sides hold: of its identity number, of its
name and birth, and of its name's sound and birth. Marks of another key have nothing in common with them, and
without the key nothing is learnt from a mark. A file of marks has no record's name, in an order that says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.identity.linking.keys import key_table
from qingmiao.kernel.errors import UserError

MARKS = ("number", "person", "sound")
COLUMNS = ("key", *MARKS)
_FIRST_LINE = "qingmiao-compare-key-1"


class ListVerdict(StrEnum):
    """What the other list has of a record."""

    YES = "有"
    PERSON_DIFFERS = "证件号码相同，姓名或出生日期不同"
    NUMBER_DIFFERS = "姓名和出生日期相同，证件号码不同"
    NAME_DIFFERS = "读音和出生日期相同，姓名写法不同"
    NOT_COMPARED = "没有证件号码，姓名或出生日期也不全，比不了"
    NO = "没有"


def new_key(path: Path) -> None:
    """A key drawn anew, in a file that only its owner may read. Raises `UserError` where there is a file."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{_FIRST_LINE}\n{secrets.token_hex(32)}\n")
    except FileExistsError:
        raise UserError(f"{path} 已经有了；换了密钥，以前做的散列文件就不能再比，请换一个文件名") from None
    except OSError as wrong:
        raise UserError(f"写不了 {path}：{wrong.strerror}") from None


def read_key(path: Path) -> bytes:
    """The key of a file. Raises `UserError` for a file that is missing, that others may read, or that is no key."""
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii")
    except OSError as wrong:
        raise UserError(f"读不了密钥文件 {path}：{wrong.strerror}；用 --new-key 新建，另一方用同一个文件") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} 不是比对用的密钥文件") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UserError(f"密钥文件 {path} 别人也能读（权限 {stat.S_IMODE(mode):o}）；请执行 chmod 600 {path}")
    lines = text.splitlines()
    try:
        key = bytes.fromhex(lines[1])
    except (IndexError, ValueError):
        key = b""
    if lines[:1] != [_FIRST_LINE] or len(key) != 32:
        raise UserError(f"{path} 不是比对用的密钥文件，或者被截断了；请向给你密钥的一方重新要")
    return key


def key_mark(key: bytes) -> str:
    """The mark of the key itself, by which two files of one key are known."""
    return _mark(key, "key", "")


def marks(people: pa.Table, key: bytes) -> pa.Table:
    """The marks of records, a row each in their order: columns `MARKS` (64 hexadecimal digits, or null).

    `people` has the columns of `linking.keys.PersonRecord`. A record without a name of its own, or without a birth, has
    no mark of the person.
    """
    found = key_table(people)
    born = found["birth"]
    return pa.table(
        {
            "number": _marked(key, "number", found["number"]),
            "person": _marked(key, "person", _joined(found["written"], born)),
            "sound": _marked(key, "sound", _joined(found["sound"], born)),
        }
    )


def mark_file(marked: pa.Table, key: bytes) -> pa.Table:
    """What is handed to the other side: the marks in their own order, and the mark of the key."""
    rows = marked.sort_by([(name, "ascending") for name in MARKS])
    return rows.add_column(0, "key", pa.array([key_mark(key)] * rows.num_rows, pa.string()))


def compared(own: pa.Table, other: pa.Table) -> pa.Array:
    """For each record of `own` what `other` has of it (`ListVerdict`), both as `marks` gives them.

    The same number is the same child; with another name and another sound, or another birth, a person has to look. The
    same name and birth are the same child unless both have a number; then the numbers differ. Then comes the same
    sound.
    """
    number, person, sound = (pc.is_in(own[name], value_set=_set(other[name])) for name in MARKS)
    bare = other.filter(other["number"].is_null())
    lacking = pc.or_(own["number"].is_null(), pc.is_in(own["person"], value_set=_set(bare["person"])))
    has = [own[name].is_valid() for name in MARKS]
    number, person, sound = (pc.and_(found, there) for found, there in zip((number, person, sound), has, strict=True))
    agreed = pc.or_(*(pc.is_in(_of_number(own, name), value_set=_set(_of_number(other, name))) for name in MARKS[1:]))
    silent = pc.is_in(own["number"], value_set=_set(other.filter(other["person"].is_null())["number"]))
    same = pc.or_(agreed, pc.or_(silent, own["person"].is_null()))
    yes = pc.or_(pc.and_(number, same), pc.and_(person, lacking))
    nothing = pc.invert(pc.or_(has[0], has[1]))
    told = pc.case_when(
        pc.make_struct(yes, number, person, sound, nothing),
        ListVerdict.YES.value,
        ListVerdict.PERSON_DIFFERS.value,
        ListVerdict.NUMBER_DIFFERS.value,
        ListVerdict.NAME_DIFFERS.value,
        ListVerdict.NOT_COMPARED.value,
        ListVerdict.NO.value,
    )
    whole: pa.Array = told.combine_chunks() if isinstance(told, pa.ChunkedArray) else told
    return whole


def _set(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks().drop_null().unique()


def _of_number(marked: pa.Table, name: str) -> pa.ChunkedArray:
    """Number and another mark together; null where one of the two is not there."""
    return _joined(marked["number"], marked[name])


def _joined(*columns: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*columns, "\x1f")


def _marked(key: bytes, kind: str, column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = whole.dictionary_encode()

    return pa.array([_mark(key, kind, text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def _mark(key: bytes, kind: str, text: str) -> str:
    return hmac.digest(key, f"{kind}\x1f{text}".encode(), hashlib.sha256).hex()
