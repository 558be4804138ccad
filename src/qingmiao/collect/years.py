"""The year column of a fact table: texts become years before the table is typed, each wrong one a fault with its
row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from qingmiao.collect.tables import LISTED, RawTable
from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.periods import PeriodKind
from qingmiao.kernel.year_texts import YearTextError, read_year


def year_kind(pack: Pack, fact: Fact) -> PeriodKind | None:
    """The one kind of year that the fact's indicators count in; None where they differ or there are none."""
    kinds = {i.period for i in pack.indicators.values() if fact.id in i.sources}
    return kinds.pop() if len(kinds) == 1 else None


def read_years(pack: Pack, fact: Fact, raw: RawTable) -> tuple[RawTable, list[Fault]]:
    """`raw` with its year column as whole numbers, and a fault for each row (the first 20) whose year is none.

    Each distinct text is read once. Tables whose year follows from a date, and empty cells, are left as they are.
    """
    name = fact.year
    if name is None or name not in raw.table.column_names:
        return raw, []
    place = raw.table.column_names.index(name)
    given = raw.table.column(place).combine_chunks()
    coded = given if pa.types.is_dictionary(given.type) else given.dictionary_encode()
    kind = year_kind(pack, fact)
    years: list[int | None] = []
    wrong: dict[int, YearTextError] = {}
    for i, text in enumerate(coded.dictionary.to_pylist()):
        years.append(None)
        if text is None or (isinstance(text, str) and not text.strip()):
            continue
        try:
            years[i] = read_year(text, kind)
        except YearTextError as e:
            wrong[i] = e
            years[i] = 0  # stands in for what is refused, so that it is not told a second time as empty
    column = pa.array(years, pa.int64()).take(coded.indices)
    read = RawTable(raw.shown, raw.table.set_column(place, name, column), raw.rows, raw.faults)
    return read, _faults(fact, raw, coded.indices.fill_null(-1).to_numpy(), wrong)


def _faults(fact: Fact, raw: RawTable, at: np.ndarray, wrong: dict[int, YearTextError]) -> list[Fault]:
    if not wrong:
        return []
    rows = np.flatnonzero(np.isin(at, list(wrong)))
    numbers = raw.rows.to_numpy()
    label = fact.columns[str(fact.year)].label.zh
    faults = [
        Fault(
            raw.shown,
            int(numbers[i]),
            "wrong_type",
            f"{label}：{wrong[int(at[i])].message}",
            place=f"列 {fact.year}",
            hint=wrong[int(at[i])].hint,
        )
        for i in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        message = f"同类错误共 {len(rows)} 处，以上列出 {LISTED} 处"
        faults.append(Fault(raw.shown, 0, "wrong_type", message, place=f"列 {fact.year}"))
    return faults
