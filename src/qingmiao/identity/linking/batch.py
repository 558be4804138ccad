"""Registers linked: candidate pairs by keys, weighed by Splink on DuckDB, settled into clusters. Pure but for memory.

Every result is the same whatever order the rows come in: ties are settled by the records' names.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import FunctionNullHandling, PythonUDFType

from qingmiao.identity.likeness import Likeness, likeness
from qingmiao.identity.linking.clusters import settle
from qingmiao.identity.linking.comparing import COMPARISONS, VETO_SQL, MatchLevel, RecordComparison
from qingmiao.identity.linking.database import own_database
from qingmiao.identity.linking.keys import BLOCKS, key_table
from qingmiao.identity.linking.scoring import SIZE, Rarity, prior

FLOOR_BITS = -5.0
"""Pairs of less weight are not looked at again."""


@dataclass(frozen=True)
class Linked:
    """`pairs` (left, right: text, left before right; probability) and `clusters` (record_id, entity: the first record's
    name), both in order."""

    pairs: pa.Table
    clusters: pa.Table


def link(records: pa.Table, *, threads: int = 2) -> Linked:
    """Which records are of one child.

    `records` has the columns ``record_id register name sex birth_date id_number guardian_name guardian_phone
    area_code`` as text; `sex` is ``M``, ``F`` or null; births are readable (`births.read_birth`); record ids differ.
    A pair of one cluster has a probability from 0.5 on, every other pair less; pairs below 0.1 are left out.
    """
    table = records.sort_by("record_id").combine_chunks()
    numbered = key_records(table)
    weighed = weigh(numbered, threads=threads)
    pairs, entity = settle(numbered, weighed)
    names = table["record_id"].combine_chunks()
    return Linked(
        pa.table(
            {
                "left": names.take(pairs["left"]),
                "right": names.take(pairs["right"]),
                "probability": pairs["probability"],
            }
        ).sort_by([("left", "ascending"), ("right", "ascending")]),
        pa.table({"record_id": names, "entity": names.take(entity)}),
    )


def key_records(records: pa.Table) -> pa.Table:
    """The keys of records (columns as in `link`), with `record`, the row's number, and `register`."""
    columns = ["name", "sex", "birth_date", "id_number", "guardian_name", "guardian_phone", "area_code"]
    people = records.select(columns).rename_columns(["name", "sex", "birth", "number", "guardian", "phone", "area"])
    found = key_table(people).append_column("record", pa.array(range(records.num_rows), pa.int64()))
    return found.append_column("register", records["register"].combine_chunks())


def rarity(numbered: pa.Table) -> Rarity:
    """What a batch's rarity is, for `scoring.score`: shares drawn towards those of an ordinary county, so that a list
    of ten does not take a name that two of them have for a frequent one."""

    def shares(column: str) -> dict[str, float]:
        usual = next(level.u for found in COMPARISONS for level in found.levels if level.rare == column)
        counts = numbered[column].combine_chunks().drop_null().value_counts()
        total = numbered.num_rows - numbered[column].null_count + SIZE
        drawn = pc.divide(pc.add(pc.cast(counts.field("counts"), pa.float64()), usual * SIZE), float(total))
        return dict(zip(counts.field("values").to_pylist(), drawn.to_pylist(), strict=True))

    return Rarity(numbered.num_rows, shares("written"), shares("birth"))


def weigh(numbered: pa.Table, *, threads: int = 2) -> pa.Table:
    """The candidate pairs (left < right: rows) with their weight in bits, and whether a veto forbids them."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = own_database(threads)
    connection.create_function(
        "name_likeness",
        _likenesses,
        ["varchar", "varchar"],
        "tinyint",
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
        probability_two_random_records_match=prior(numbered.num_rows),
        comparisons=[_comparison(comparison) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        retain_matching_columns=True,
        additional_columns_to_retain=["twin"],
        retain_intermediate_calculation_columns=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("splink").setLevel(logging.ERROR)
        api = DuckDBAPI(connection=connection)
        linker = Linker(api.register(numbered), settings, log_level=logging.ERROR, validate_settings=False)
        known = rarity(numbered)
        for column, shares in (("written", known.written), ("birth", known.birth)):
            told = pa.table(
                {column: pa.array(shares, pa.string()), f"tf_{column}": pa.array(shares.values(), pa.float64())}
            )
            linker.table_management.register_term_frequency_lookup(api.register(told), column)
        predicted = linker.inference.predict(threshold_match_weight=FLOOR_BITS)
    result = connection.sql(
        f"select record_l as left, record_r as right, match_weight as bits, coalesce({VETO_SQL}, false) as forbidden"
        f" from {predicted.physical_name}"
    ).to_arrow_table()
    connection.close()
    return result


def _comparison(comparison: RecordComparison) -> dict[str, Any]:
    return {
        "output_column_name": comparison.name,
        "comparison_description": comparison.label,
        "comparison_levels": [_level(level, first=not place) for place, level in enumerate(comparison.levels)],
    }


def _level(level: MatchLevel, *, first: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label}
    if first and not level.m:
        return told | {"is_null_level": True}
    m, u = (level.m, level.u) if level.m else (0.5, 0.5)
    if m > 1 or u > 1:
        m, u = m / max(m, u), u / max(m, u)
    told |= {"m_probability": m, "u_probability": u}
    return told | ({"tf_adjustment_column": level.rare} if level.rare else {})


def _likenesses(left: pa.ChunkedArray, right: pa.ChunkedArray) -> pa.Array:
    unknown = int(Likeness.UNKNOWN)
    return pa.array(
        [
            int(likeness(a, b)) if a is not None and b is not None else unknown
            for a, b in zip(left.to_pylist(), right.to_pylist(), strict=True)
        ],
        pa.int8(),
    )
