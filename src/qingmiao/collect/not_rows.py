"""Rows that are no facts: totals (合计、小计), notes (注：…) and the signatures under a table. Each is refused with its
row."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.cell_texts import taken_apart
from qingmiao.collect.column_kinds import RefusedRows
from qingmiao.content.facts import Fact

_TOTAL = r"^[\s　]*[^\s　:：，,。]{0,12}[\s　]*(合|总|小|共|累)[\s　]*计[\s　]*[:：]?[\s　]*$"
_NOTE = (
    r"^[\s　]*(\*?注[\s　]*\d*|备注|说明|填表说明|填表人|填报人|制表人|制表|审核人|负责人|单位负责人|填报单位|填表日期|填报日期|报出日期"
    r"|数据来源|资料来源)[\s　]*[:：]"
)
_KINDS = (
    (_TOTAL, "total_row", "是合计行，不是一行事实", "删去这一行；合计由程序计算"),
    (_NOTE, "note_row", "是表下的注或落款，不是一行事实", "删去这一行；说明写进同一文件夹的 .md 或 .txt"),
)


def not_rows(fact: Fact, table: pa.Table) -> list[RefusedRows]:
    """The rows of which the first cell, or a cell of any column but free text, holds a total's or a note's words."""
    first = table.column_names[0] if table.column_names else ""
    found: list[RefusedRows] = []
    taken = np.zeros(table.num_rows, dtype=bool)
    for name in table.column_names:
        column = fact.columns.get(name)
        free = column is None or (column.type == "text" and name not in fact.key)
        if (free and name != first) or not pa.types.is_string(table.schema.field(name).type):
            continue
        if pc.all(pc.string_is_ascii(table[name])).as_py() is not False:
            continue
        texts = taken_apart(table[name].combine_chunks())
        for pattern, code, why, hint in _KINDS:
            matches = pc.match_substring_regex(texts.different, pattern).to_numpy(zero_copy_only=False)
            for row in np.flatnonzero(np.isin(texts.place, np.flatnonzero(matches)) & ~taken).tolist():
                taken[row] = True
                text = re.sub(r"\s+", " ", table[name][row].as_py())[:40]
                found.append(RefusedRows(code, f"「{text}」{why}", hint, np.array([row], dtype=np.int64)))
    return found
