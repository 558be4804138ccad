"""What columns of a filled form give away: each row's answers as JSON."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.forms.answers import document
from qingmiao.forms.coded import CodedColumn
from qingmiao.forms.fill_columns import FilledColumns
from qingmiao.forms.kinds import KINDS


def json_text(said: Any) -> str:
    """Answers as JSON, the same for the same answers: by their names in order, nothing escaped that need not be."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)


def answer_texts(made: FilledColumns) -> list[str]:
    """Of each row the answers of `answers.document` as `json_text` writes them."""
    fields = {f.id: f for f in made.ready.every() if f.id in made.values}
    parts = [_named(id_, KINDS[fields[id_].type].stored, made.values[id_]) for id_ in sorted(fields)]
    around = [
        pa.repeat(pa.scalar(sign), made.size) for sign in "{}"
    ]  # Arrow leaves out a row of which nothing is there
    joined = pc.binary_join_element_wise(around[0], *parts, around[1], "", null_handling="skip")
    texts: list[str] = pc.replace_substring(joined, "{, ", "{", max_replacements=1).to_pylist()
    for n, filled in made.alone.items():
        texts[n] = json_text(document(made.ready, filled)["answers"])
    return texts


def _named(id_: str, stored: Any, column: CodedColumn) -> pa.Array:
    """The member that a field is of each row's answers, behind a comma; null where it has none."""
    texts = [None if v is None else f", {json_text(id_)}: {json_text(stored(v))}" for v in column.values]
    return pa.array(texts, pa.string()).take(pa.array(column.places))
