"""Write tables as they grow: Parquet in row groups (flat memory) or one small CSV; each file is marked as demonstration
data."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qingmiao.content.facts import Fact
from qingmiao.demo.drafts import ARROW, Draft, arrow, length

MARK = "演示数据"
MARKER_FILE = "演示数据.txt"


class DemoError(ValueError):
    """The generator does not fit the pack: a required column has no maker. A bug of ours, not of the user's."""


class FactTableWriter:
    """One fact table's file. Columns that the pack lacks are dropped; columns that nobody makes are empty."""

    def __init__(self, fact: Fact, folder: Path, *, csv: bool, seed: int) -> None:
        self.fact = fact
        self.rows = 0
        self.path = folder / f"{fact.id}.{'csv' if csv else 'parquet'}"
        metadata = {MARK: "是；全部为随机生成，不对应任何真实的人和单位", "seed": str(seed), "table": fact.id}
        fields = [pa.field(n, ARROW[c.type]) for n, c in fact.columns.items()]
        self.schema = pa.schema(fields, metadata={k: v.encode() for k, v in metadata.items()})
        self._csv = csv
        self._file: pacsv.CSVWriter | pq.ParquetWriter | None = None

    def __enter__(self) -> FactTableWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, draft: Draft) -> None:
        """Append rows."""
        count = length(draft)
        if count == 0:
            return
        columns = []
        for name, column in self.fact.columns.items():
            if name in draft:
                columns.append(arrow(draft[name], column))
            elif column.required:
                raise DemoError(f"no maker for the required column {self.fact.id}.{name}")
            else:
                columns.append(pa.nulls(count, ARROW[column.type]))
        table = pa.Table.from_arrays(columns, schema=self.schema)
        if self._csv:
            plain = [pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema]
            table = table.cast(pa.schema(plain))
        if self._file is None:
            self._file = self._open(table.schema)
        self._file.write_table(table)
        self.rows += count

    def _open(self, schema: pa.Schema) -> pacsv.CSVWriter | pq.ParquetWriter:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._csv:
            return pacsv.CSVWriter(self.path, schema)
        return pq.ParquetWriter(self.path, schema, compression="zstd", compression_level=3)

    def close(self) -> None:
        """Finish the file; a table without rows leaves none."""
        if self._file is not None:
            self._file.close()
            self._file = None
