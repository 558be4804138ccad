"""How long a fact table of a million rows takes to read and check, as CSV and as Parquet: python benchmarks/facts.py
[rows]."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qingmiao.collect import collect
from qingmiao.content import load_pack
from qingmiao.content.new_pack import new_pack


def main(rows: int) -> None:
    """Print seconds for both formats; the rows are made up from a seed, half of them in a second file."""
    rng = np.random.default_rng(20240601)
    days = np.datetime64("2023-01-01") + rng.integers(0, 700, rows)
    table = pa.table(
        {
            "child_id": pa.array(np.char.add("C", (np.arange(rows) + 10_000_000).astype("U8"))),
            "area_code": pa.array(rng.choice(["990001101", "990001201"], rows)),
            "sex": pa.array(rng.choice(["M", "F"], rows)),
            "dose": pa.array(rng.choice(["MMR1", "DTaP4"], rows)),
            "due_date": pa.array(days, pa.date32()),
            "given_date": pa.array(days + rng.integers(0, 40, rows), pa.date32(), mask=rng.random(rows) < 0.1),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "pack"
        new_pack(root)
        pack = load_pack(root)
        for kind in ("csv", "parquet"):
            facts = Path(folder) / kind / "facts" / "vaccinations"
            facts.mkdir(parents=True)
            for name, part in (("1", table.slice(0, rows // 2)), ("2", table.slice(rows // 2))):
                if kind == "csv":
                    pacsv.write_csv(part, facts / f"{name}.csv")
                else:
                    pq.write_table(part, facts / f"{name}.parquet")
            began = time.perf_counter()
            read = collect(pack, facts.parents[1]).tables["vaccinations"]
            print(f"{kind}: {read.num_rows:,} rows in {time.perf_counter() - began:.2f} s")
            shutil.rmtree(facts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
