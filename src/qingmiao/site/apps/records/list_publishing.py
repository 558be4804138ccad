"""The records of a list as facts, by columns: what `publishing` makes of each by itself, published in `sheaves`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.content.facts import Fact
from qingmiao.content.records import RecordKind
from qingmiao.forms.coded import CodedColumn, Places, coded, constant, singly
from qingmiao.forms.recorded_columns import fact_columns
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import publishing, sealing, sheaves
from qingmiao.site.apps.records.list_judging import JudgedRows
from qingmiao.site.apps.records.models import Child


def publish_list(listed: int, kind: RecordKind, records: Sequence[int], rows: JudgedRows, day: date) -> None:
    """Publish new records (their numbers, one a row), by columns. No sheaf goes on in a later piece of the list."""
    if not kind.publishes or not records:
        return
    size, shared = len(records), _of_all(rows)
    count = np.zeros(size, dtype=np.int64)
    parts: dict[str, list[tuple[Places, dict[str, CodedColumn]]]] = defaultdict(list)
    for table, here, said in fact_columns(kind, rows.filled, rows.known, _beside(kind, rows)):
        chosen = np.flatnonzero(here)
        made = _of_house(site_pack.pack().facts[table], records, shared, count, rows.on, day) | said
        parts[table].append((chosen, {name: column.take(chosen) for name, column in made.items()}))
        count[chosen] += 1
    blocks = np.array(rows.places, dtype=np.int64) // sheaves.SHEAF
    for table, found in parts.items():
        at = np.concatenate([chosen for chosen, _ in found])
        columns = pa.concat_tables(
            [_typed(table, chosen, made, records) for chosen, made in found], promote_options="default"
        )
        order = np.argsort(at, kind="stable")
        facts.renew_each(table, columns.take(order), _sheaves(listed, blocks[at[order]]), on=day)


def _sheaves(listed: int, blocks: Places) -> list[facts.Sheaf]:
    starts = np.flatnonzero(np.r_[True, blocks[1:] != blocks[:-1]]) if len(blocks) else np.array([], dtype=np.int64)
    stops = [*starts[1:].tolist(), len(blocks)]
    return [
        facts.Sheaf(sheaves.sheaf_of(listed, int(blocks[start]) * sheaves.SHEAF), 1, start, stop)
        for start, stop in zip(starts.tolist(), stops, strict=False)
    ]


def _typed(table: str, chosen: Places, made: dict[str, CodedColumn], records: Sequence[int]) -> pa.Table:
    numbers = pa.array(np.array(records, dtype=np.int64)[chosen]).cast(pa.string())
    named = pc.binary_join_element_wise(f"{sheaves.SOURCE}:", numbers, "@1", "")  # as `sheaves.named` of each
    columns = {
        name: facts.typed(table, name, column.values).take(pa.array(column.places)) for name, column in made.items()
    }
    return pa.table({**columns, "_file": named, "_row": pa.array(np.arange(1, len(chosen) + 1))})


def _of_all(rows: JudgedRows) -> dict[str, CodedColumn]:
    """What the register says of the children, as `publishing.of_house` does."""
    children = rows.children
    areas = children["area"].now([a and publishing.known_area(a) for a in children["area"].values])
    found = {
        "child_id": singly(sealing.pseudonyms(children.numbers)), "sex": children["sex"],
        "birth_date": children["birth_date"], "area_code": areas, "school_id": children["school_unit_id"],
    }  # fmt: skip
    return found | {"grade": rows.known.get("grade", constant(None, len(children.numbers)))}


def _of_house(
    fact: Fact, records: Sequence[int], shared: dict[str, CodedColumn], count: Places, on: Sequence[date], day: date
) -> dict[str, CodedColumn]:  # fmt: skip
    """The columns that the house fills, of those that the table has; `count`: which row of its record each is."""
    keys = [publishing.key_of(pk, n) for pk, n in zip(records, count.tolist(), strict=True)]
    found = {**shared, fact.key[0]: singly(keys)}
    for column, value in (
        (fact.date, coded(on)), (fact.year, coded([d.year for d in on])), (fact.version, constant(day, len(records))),
    ):  # fmt: skip
        if column is not None:
            found[column] = value
    return {name: column for name, column in found.items() if name in fact.columns}


def _beside(kind: RecordKind, rows: JudgedRows) -> dict[str, CodedColumn]:
    """The first days of the records that the kind looks at."""
    if not kind.beside:
        return {}
    found = Child.objects.select_related("merged_into").in_bulk(set(rows.children.numbers))
    days = [publishing.beside(kind, found[n]) for n in rows.children.numbers]
    return {word: coded([one[word] for one in days]) for word in kind.beside}
