"""The first row of a fact's file against the columns that the pack defines: one fault where the whole row is wrong."""

from __future__ import annotations

import difflib
import re

import pyarrow as pa

from qingmiao.collect.tables import RawTable
from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.misread import half_width

INDEX = re.compile(r"__index_level_\d+__")
"""The row numbers that pandas adds to a Parquet file: no column of data."""
LOOKED_AT = 20
"""Rows below the first in which the column names are looked for."""


def column_faults(pack: Pack, fact: Fact, raw: RawTable) -> list[Fault]:
    """Missing and unknown columns, with the names that were probably meant; a title above the names, or no names, is
    one fault."""
    names = [n for n in raw.table.column_names if not INDEX.fullmatch(n)]
    if not set(names) & set(fact.columns):
        whole = _no_names(pack, fact, raw)
        if whole is not None:
            return [whole]
    faults = []
    needed = {fact.area, fact.date or fact.year, *fact.key} | {n for n, c in fact.columns.items() if c.required}
    meant = {given: _meant(given, fact, names) for given in names if given not in fact.columns}
    renamed = {g: m for g, m in meant.items() if m and half_width(g).casefold() in _ways(fact, m)}
    if len(renamed) > 1:
        change = "、".join(f"「{g}」改成「{m}」" for g, m in renamed.items())
        how_many = f"{len(renamed)} 个列名不是事实表定义里的写法"
        faults.append(Fault(raw.shown, 1, "missing_column", how_many, hint=change))
        names = [*names, *renamed.values()]
        meant = {g: m for g, m in meant.items() if g not in renamed}
    for name in fact.columns:
        if name in needed and name not in names:
            near = next((given for given, m in meant.items() if m == name), "")
            label = fact.columns[name].label.zh
            hint = f"把列名「{near}」改成「{name}」" if near else "补上这一列"
            faults.append(Fault(raw.shown, 1, "missing_column", f"缺少列「{name}」（{label}）", hint=hint))
    told = {m for m in meant.values() if m in needed}
    for given, near in meant.items():
        if given.startswith("_") or near in told:
            if given.startswith("_"):
                hint = "下划线开头的列名留给程序；删去这一列"
                faults.append(Fault(raw.shown, 1, "unknown_column", f"列「{given}」不能用", hint=hint))
            continue
        hint = f"是不是「{near}」" if near else "删去这一列，或在事实表定义里加上它"
        faults.append(Fault(raw.shown, 1, "unknown_column", f"不认识的列「{given}」", hint=hint))
    return faults


def _ways(fact: Fact, name: str) -> tuple[str, str]:
    """What a column is also called: its name in another case, its Chinese label."""
    return name.casefold(), fact.columns[name].label.zh.casefold()


def _meant(given: str, fact: Fact, names: list[str]) -> str:
    """The column that a heading probably means: its Chinese label, another case or width, or a close name."""
    plain = half_width(given)
    free = [c for c in fact.columns if c not in names]
    for name in free:
        if plain.casefold() in _ways(fact, name):
            return name
    return next(iter(difflib.get_close_matches(plain.casefold(), free, n=1, cutoff=0.5)), "")


def _no_names(pack: Pack, fact: Fact, raw: RawTable) -> Fault | None:
    """A first row without any column's name: they stand further down, are Chinese labels, or are another table's."""
    names = raw.table.column_names
    known = set(fact.columns)
    head = raw.table.slice(0, LOOKED_AT)
    for place, row in enumerate(head.to_pylist()):
        if len(known & {str(v).strip() for v in row.values()}) * 2 > len(known & set(fact.key)):
            line = raw.rows[place].as_py()
            return Fault(
                raw.shown,
                1,
                "no_header",
                f"第 1 行不是列名，列名在第 {line} 行",
                hint=f"删去第 {line} 行以上的各行",
            )
    other = [f for f in pack.facts.values() if f.id != fact.id and set(f.key) <= set(names)]
    if other:
        return Fault(
            raw.shown,
            1,
            "no_header",
            f"列名是「{other[0].label}」的，不是「{fact.label}」的",
            hint=f"放进 facts/{other[0].id}",
        )
    if any(_meant(n, fact, names) for n in names) or pa.types.is_null(raw.table.schema.field(0).type):
        return None
    needed = "、".join(fact.columns)
    return Fault(raw.shown, 1, "no_header", "第 1 行没有这张表的列名", hint=f"第 1 行写列名：{needed}")
