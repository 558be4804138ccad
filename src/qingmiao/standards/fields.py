"""What a command reads from a file: its columns, how they are found, and the error that names what is wrong."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.kernel.number_texts import read_number
from qingmiao.standards.readings import read_identifiers, read_numbers

MISSING_TEXTS = ("", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL")
"""Cells that hold no value, in every column but the verbatim ones."""


class FileError(ValueError):
    """A file that cannot be scored. The message names the file, the column, the row and what to do."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column that a command reads: ``kind`` decides how text becomes a value."""

    name: str
    kind: Literal["number", "text"]
    description: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    """Accepted codes (any case); empty: anything."""
    verbatim: bool = False
    """Given back as it came, in the type that it has: a child may well be called ``NA`` or ``007``."""

    @property
    def arrow(self) -> pa.DataType:
        return pa.float64() if self.kind == "number" else pa.string()

    def accepts(self, text: str) -> bool:
        """Whether ``text`` is one of the accepted codes (blank is)."""
        code = half_width(text).lower().removesuffix(".0")
        return not self.allowed or code == "" or code in {word.lower() for word in self.allowed}


def identifier(description: str = "编号，原样写回") -> Field:
    """The column ``id`` that every command keeps."""
    return Field("id", "text", description, required=True, verbatim=True)


def find_columns(
    path: Path, names: Sequence[str], fields: Sequence[Field], one_of: Sequence[Sequence[str]]
) -> dict[str, Field]:
    """The file's columns that are ``fields``: its own heading to the field, in the order of ``fields``.

    A heading counts whatever its case and the blanks round it, unless another heading is the field's very name.
    Raises :class:`FileError` for a heading that occurs twice, a required column and a group of ``one_of`` that are
    missing.
    """
    plain = [name.strip().lower() for name in names]
    found: dict[str, Field] = {}
    for field in fields:
        exact = [name for name in names if name == field.name]
        like = exact or [name for name, word in zip(names, plain, strict=True) if word == field.name]
        if len(like) > 1:
            raise FileError(f"{path}：列 {field.name} 出现了两次")
        if like:
            found[like[0]] = field
    have = "、".join(names)
    known = {field.name for field in found.values()}
    for field in fields:
        if field.required and field.name not in known:
            raise FileError(f"{path}：缺少列 {field.name}（{field.description}）；现有的列：{have}")
    for group in one_of:
        if not set(group) & known:
            raise FileError(f"{path}：缺少列，至少要有其中一列：{'、'.join(group)}；现有的列：{have}")
    return found


def without_missing(values: pa.Array, field: Field) -> pa.Array:
    """Text with the cells that hold no value as null (in a verbatim column only the empty ones)."""
    words = pa.array([""] if field.verbatim else MISSING_TEXTS, type=values.type)
    none = pc.is_in(values, value_set=words)
    return pc.if_else(none, pa.scalar(None, values.type), values) if pc.any(none).as_py() else values


def unknown_code(values: pa.Array, field: Field) -> object | None:
    """The first distinct value that is not one of the field's accepted codes."""
    if not field.allowed:
        return None
    distinct: Iterable[object] = values.unique().to_pylist()
    return next((value for value in distinct if value is not None and not field.accepts(str(value))), None)


def code_message(field: Field, value: object) -> str:
    return f"列 {field.name}：{value!r} 不是认得的代码（可用 {' '.join(field.allowed)}）"


def as_number(values: pa.Array) -> pa.Array | None:
    """Plain text, blanks already null, as ``float64`` in one go; ``None`` where a cell needs a closer look (or is no
    number)."""
    try:
        numbers = values.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    return numbers if pc.all(pc.is_finite(numbers)).as_py() is not False else None


def number_column(values: pa.Array, *, lenient: bool) -> pa.Array | None:
    """Text as ``float64``, each odd cell read by the kernel's rules; with ``lenient`` the text itself where a cell is
    no number.

    ``None`` where a cell is no number and ``lenient`` is false: the caller names it.
    """
    numbers = as_number(values)
    if numbers is not None:
        return numbers
    reading = read_numbers(values)
    if not reading.bad.any():
        return reading.values
    return values if lenient else None


def number_fault(text: str) -> str | None:
    """Why a cell is no number, in Chinese, or ``None`` where it is one (or blank)."""
    try:
        read_number(text)
    except MisreadError as error:
        return str(error)
    return None


def identity_column(path: Path, values: pa.Array, field: Field, first_row: int) -> tuple[pa.Array, int]:
    """The column ``id`` as it counts, in its own type where nothing had to be put right, and how many cells had to.

    Raises FileError naming the first cells that are no identity: a number that lost digits on its way.
    """
    kind = values.type
    if not (pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return values, 0
    reading = read_identifiers(values)
    faults = list(itertools.islice(reading.faults(), 5))
    if faults:
        listed = "\n".join(f"  第 {first_row + row} 行，列 {field.name}：{error}" for row, _, error in faults)
        raise FileError(f"{path}：有 {int(reading.bad.sum())} 行的编号不能用，分不清是谁：\n{listed}")
    changed = int(reading.changed.sum())
    return (reading.values if changed or pa.types.is_floating(kind) else values), changed
