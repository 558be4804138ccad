"""The tables of a run as CSV files: values, assessment, warnings."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.csv as pacsv

from qingmiao.assess.run import Assessment
from qingmiao.kernel.csv_out import BOM
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE, with_bounds

VALUE_COLUMNS = ("numerator", "denominator", "value", "obs_status")


def csv_files(values: pa.Table, assessment: Assessment, *, bom: bool) -> Mapping[str, bytes]:
    """The bytes of each CSV file of a run by its name; equal tables give equal bytes."""
    tables = {
        "values.csv": values_table(with_bounds(values)),
        "assessment.csv": with_bounds(assessment.table()),
        "warnings.csv": assessment.warnings_table(),
    }
    return {name: csv_of(table, bom=bom) for name, table in tables.items()}


def values_table(values: pa.Table) -> pa.Table:
    """The columns of values.csv: indicator, area, year, one column a breakdown (empty = total), then the numbers; a
    published bound stands as it is (>99)."""
    dimensions = [n for n in values.column_names if n not in (*FIXED_BEFORE, *FIXED_AFTER)]
    return values.select([*FIXED_BEFORE, *dimensions, *VALUE_COLUMNS])


def csv_of(table: pa.Table, *, bom: bool) -> bytes:
    """A table as CSV: a header, texts in quotes, numbers with all their digits, nothing for null."""
    out = io.BytesIO(BOM if bom else b"")
    out.seek(0, io.SEEK_END)
    pacsv.write_csv(table, out, pacsv.WriteOptions(quoting_style="needed", quoting_header="needed"))
    return out.getvalue()
