"""Write the register beside the facts: `register/<table>.parquet`, grown block by block, each marked."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from qingmiao.demo.people import PeopleBlock
from qingmiao.demo.register.lately import FOLDER as LATELY
from qingmiao.demo.register.lately import lately, lately_writers, lived_on
from qingmiao.demo.register.tables import TABLES, register
from qingmiao.demo.register.units import register_units
from qingmiao.demo.world import World
from qingmiao.demo.writer import MARK, FactTableWriter

FOLDER = "register"


class RegisterWriter:
    """The files of the register; a table without rows leaves none, and an earlier register is gone."""

    def __init__(self, out: Path, *, seed: int) -> None:
        self._folder, self._files = out / FOLDER, dict[str, pq.ParquetWriter]()
        self._lately: dict[str, FactTableWriter] | None = None
        self._seed = seed
        self._marks = {MARK: "是；全部为随机生成，不对应任何真实的人", "seed": str(seed)}

    def __enter__(self) -> RegisterWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in (*TABLES, "units"):
            (self._folder / f"{name}.parquet").unlink(missing_ok=True)
        for path in (self._folder / LATELY).glob("*.parquet"):
            path.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (*self._files.values(), *(self._lately or {}).values()):
            file.close()

    def write(self, world: World, block: PeopleBlock) -> None:
        """Append a block's people and what was recorded of them lately; with the first block the units that care for
        them."""
        if "units" not in self._files:
            self._append("units", register_units(world))
        block = lived_on(world, block)
        for name, table in register(world, block):
            self._append(name, table)
        if self._lately is None:
            self._lately = lately_writers(world, self._folder, seed=self._seed)
        for writer in self._lately.values():
            for draft in lately(world, block, writer.fact):
                writer.write(draft)

    def _append(self, name: str, table: pa.Table) -> None:
        if name not in self._files:
            schema = table.schema.with_metadata({k: v.encode() for k, v in self._marks.items()})
            path = self._folder / f"{name}.parquet"
            self._files[name] = pq.ParquetWriter(path, schema, compression="zstd", compression_level=3)
        self._files[name].write_table(table.cast(self._files[name].schema))
