"""What columns of a filled form give away: each row's answers as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.forms.answers import document
from qingmiao.forms.coded import CodedColumn
from qingmiao.forms.fill_columns import FilledColumns
from qingmiao.forms.kinds import KINDS


def json_text(said: Any) -> str:
    """Answers as JSON, the same for the same answers: by their names in order, nothing escaped that need not be."""
    return _JSON.encode(said)


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str)  # made once: it is asked for every cell


def answer_texts(made: FilledColumns) -> list[str]:
    """Of each row the answers of `answers.document` as `json_text` writes them."""
    fields = {f.id: f for f in made.ready.every() if f.id in made.values}
    texts = object_texts({id_: (made.values[id_], KINDS[one.type].stored) for id_, one in fields.items()}, made.size)
    for n, filled in made.alone.items():
        texts[n] = json_text(document(made.ready, filled)["answers"])
    return texts


def object_texts(members: Mapping[str, tuple[CodedColumn, Callable[[Any], Any]]], size: int) -> list[str]:
    """Of each row (n,) an object as `json_text` writes it: name → its column and what JSON holds of a value; a member
    that is missing is left out. Each different value is written once."""
    parts = [_named(name, stored, column) for name, (column, stored) in sorted(members.items())]
    around = [pa.repeat(pa.scalar(sign), size) for sign in "{}"]  # Arrow leaves out a row of which nothing is there
    joined = pc.binary_join_element_wise(around[0], *parts, around[1], "", null_handling="skip")
    texts: list[str] = pc.replace_substring(joined, "{, ", "{", max_replacements=1).to_pylist()
    return texts


def _named(id_: str, stored: Callable[[Any], Any], column: CodedColumn) -> pa.Array:
    """The member that a field is of each row's answers, behind a comma; null where it has none."""
    texts = [None if v is None else f", {json_text(id_)}: {json_text(stored(v))}" for v in column.values]
    return pa.array(texts, pa.string()).take(pa.array(column.places))
