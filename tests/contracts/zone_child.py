"""What `test_zones` runs under several time zones; everything that it prints must be the same under all.

Two children whose dates are midnights in China, written as instants in UTC, are scored and counted; the main job is
asked for its own date while it is already tomorrow in China.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.kernel import days

MIDNIGHTS = [datetime(2024, month, 1, tzinfo=days.CHINA) for month in (1, 4, 5, 6)]
GIVEN = [datetime(2024, month, 5, tzinfo=days.CHINA) for month in (1, 4, 5)]
INSTANT = pa.timestamp("us", "UTC")


def run(*arguments: object, good: tuple[int, ...] = (0,)) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exit_code not in good:
        raise SystemExit(f"{arguments}: {result.exit_code} {result.output} {result.exception!r}")
    return str(result.output)


def vision(folder: Path) -> None:
    """A child born 2019-09-01 and seen on 2025-09-01 is six, however the two days are written."""
    birth, check = date(2019, 9, 1), datetime(2025, 8, 31, 16, tzinfo=UTC)
    table = pa.table({
        "id": ["u", "v"], "birth_date": [birth] * 2, "check_date": pa.array([check] * 2, INSTANT),
        "va_right": [4.8] * 2, "va_left": [5.0] * 2, "sphere_right": [-1.0] * 2, "cylinder_right": [0.0] * 2,
        "sphere_left": [0.0] * 2, "cylinder_left": [0.0] * 2,
    })  # fmt: skip
    pq.write_table(table, folder / "u.parquet")
    texts = table.set_column(0, "id", pa.array(["t", "w"]))
    texts = texts.set_column(2, "check_date", pa.array(["2025-08-31T16:00:00Z", "2025-09-01 00:00:00+08:00"]))
    pq.write_table(texts, folder / "t.parquet")
    for name in ("u", "t"):
        run("score", "vision", folder / f"{name}.parquet", folder / f"{name}-out.parquet")
        rows = pq.read_table(folder / f"{name}-out.parquet").to_pylist()
        states = {(row["state"], row["screening_myopia"]) for row in rows}
        print("vision", name, "6" if states == {("screened", True)} else states)


def county(folder: Path) -> None:
    """A new pack whose facts are instants in UTC: the figures, the run's number and every file that is written."""
    run("new-pack", folder / "pack")
    data = folder / "pack" / "data"
    for file in data.rglob("*.csv"):
        if file.parent.name == "facts":
            file.unlink()
    pq.write_table(
        pa.table({
            "child_id": ["A1", "A2", "B1", "B2"], "area_code": ["990001101", "990001101", "990001201", "990001201"],
            "sex": ["M", "F", "M", "F"], "dose": ["MMR1"] * 4, "due_date": pa.array(MIDNIGHTS, INSTANT),
            "given_date": pa.array([*GIVEN, None], INSTANT),
        }),
        data / "facts" / "vaccinations.parquet",
    )  # fmt: skip
    out = folder / "out"
    fixed = datetime(2026, 11, 26, 20, tzinfo=UTC).astimezone(days.CHINA)
    days.china_now = lambda: fixed
    run(
        "monitor",
        "--pack",
        folder / "pack",
        "--data",
        data,
        "--year",
        2024,
        "--out",
        out,
        "--formats",
        "none",
    )
    values = pq.read_table(out / "values.parquet").to_pylist() if (out / "values.parquet").exists() else []
    for row in values:
        if row["indicator"] == "health.vaccination" and row["area"] == "990001" and row["sex"] is None:
            print("measured", row["year"], row["denominator"])
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        print("run ", path.relative_to(out), hashlib.sha256(path.read_bytes()).hexdigest())
        if path.name == "manifest.json":
            print(path.read_text("utf-8"))
    print("report day", days.china_today())


if __name__ == "__main__":
    where = Path(sys.argv[1])
    vision(where)
    county(where)
