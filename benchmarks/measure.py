"""60 indicators × 8 breakdowns over child-level rows: Qingmiao against hand-written DuckDB, Polars and pandas.

    python benchmarks/measure.py --rows 10000000 --repeat 3
    python benchmarks/measure.py --rows 100000000 --repeat 1 --skip-pandas --skip-polars --skip-one-step

Every side reads the same Parquet file, in a process of its own (so that peak memory is its own), and must give the same
numerators and denominators. Qingmiao's time is everything from the pack to the finished values table (planning,
compiling, the query, joining, reasons); the other sides' time is reading and adding up only. `one_step` is one
hand-written query with GROUPING SETS and FILTER over the rows, as somebody would write it (the slowest side: it reads
and hashes every row once a grouping set). `two_steps` is the fastest that we know by hand, with what Qingmiao's
compiler uses (the finest groups first, count_if): its ratio shows what planning, assembling and reasons cost on top of
the engine; target at most 1.3.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

COUNTY, TOWNSHIPS = "990101", 10
COLUMNS = 12
CODES = {
    "sex": ["M", "F"],
    "age_group": ["0-2", "3-5", "6-11", "12-14", "15-17"],
    "residence": ["urban", "rural"],
}
DIMS = tuple(CODES)
LEVELS = ("county", "township")
SETS = [(level, dim) for level in LEVELS for dim in (None, *DIMS)]


@dataclass(frozen=True)
class Asked:
    """One indicator: counted (or added) under a condition, over a count under another; all in SQL."""

    name: str
    numerator: str
    where: str
    denominator: str
    column: str
    low: int | None
    grade: int


def asked() -> list[Asked]:
    """Sixty indicators: per column two shares, two shares of the upper grades, one mean."""
    found = []
    for c in range(COLUMNS):
        m = f"m{c}"
        for i, low in enumerate((20 + c, 50 + c, 35 + c, 70 + c)):
            grade = 7 if i >= 2 else 0
            upper = f" and grade >= {grade}" if grade else ""
            where = f"{m} >= {low}{upper}"
            found.append(Asked(f"share.{m}.{i}", "count", where, f"{m} is not null{upper}", m, low, grade))
        found.append(Asked(f"mean.{m}", "sum", "", f"{m} is not null", m, None, 0))
    return found


def generate(path: Path, rows: int, seed: int) -> None:
    """Child-level checks of ten years (演示数据): every column a hash of row number and seed, so equal on every machine."""
    con = duckdb.connect()
    measured = ", ".join(
        f"CASE WHEN hash(i, {seed}, {100 + c}) % 20 = 0 THEN NULL ELSE (hash(i, {seed}, {c}) % 100)::SMALLINT END AS "
        f"m{c}"
        for c in range(COLUMNS)
    )
    con.execute(f"""
        COPY (
            SELECT i AS check_id,
                ('{COUNTY}' || lpad((1 + hash(i, {seed}, 50) % {TOWNSHIPS})::VARCHAR, 3, '0')) AS area,
                '{COUNTY}' AS _area_county, area AS _area_township,
                DATE '2016-01-01' + (hash(i, {seed}, 51) % 3653)::INTEGER AS day,
                CASE WHEN hash(i, {seed}, 52) % 100 = 0 THEN NULL
                    ELSE (['M', 'F'])[1 + (hash(i, {seed}, 53) % 2)::BIGINT] END AS sex,
                (['0-2', '3-5', '6-11', '12-14', '15-17'])[1 + (hash(i, {seed}, 54) % 5)::BIGINT] AS age_group,
                (['urban', 'rural'])[1 + (hash(i, {seed}, 55) % 2)::BIGINT] AS residence,
                (1 + hash(i, {seed}, 56) % 12)::SMALLINT AS grade, {measured}
            FROM range({rows}) AS t(i)
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000)
    """)
    con.close()


def ours(path: Path) -> pa.Table:
    """Qingmiao, from the pack's models to the values table."""
    from qingmiao.content.areas import AreaItem
    from qingmiao.content.codes import CodeList
    from qingmiao.content.facts import Fact
    from qingmiao.content.indicators import Indicator
    from qingmiao.content.pack import Pack
    from qingmiao.kernel.areas import AreaLevel
    from qingmiao.measure.engine import DuckDBRunner, EngineLimits
    from qingmiao.measure.run import measure

    types = {"check_id": "integer", "area": "area", "day": "date", "grade": "integer"}
    types |= {f"m{c}": "integer" for c in range(COLUMNS)}
    fact = Fact.model_validate({
        "id": "checks", "label": {"zh": "演示检查"}, "grain": "child", "key": ["check_id"], "area": "area", "date": "day",
        "columns": {n: {"type": t, "label": {"zh": n}} for n, t in types.items()}
        | {n: {"type": "code", "codes": n, "label": {"zh": n}} for n in DIMS},
    })  # fmt: skip
    common: dict[str, Any] = {"label": {"zh": "演示"}, "better": "lower", "lead": "x", "source": {"document": "演示"},
                              "period": "calendar_year", "levels": list(LEVELS), "by": list(DIMS),
                              "unit": "%"}  # fmt: skip
    indicators = {}
    for a in asked():
        top = {"count": "*", "where": a.where} if a.numerator == "count" else {"sum": a.column}
        keys = {
            "id": a.name,
            "from": "checks",
            "numerator": top,
            "denominator": {"count": "*", "where": a.denominator},
        }
        indicators[a.name] = Indicator.model_validate({**common, **keys})
    codes = {
        n: CodeList.model_validate(
            {"id": n, "label": {"zh": n}, "items": [{"code": c, "label": {"zh": c}} for c in found]}
        )
        for n, found in CODES.items()
    }
    areas = {COUNTY: AreaItem(code=COUNTY, name="演示县", level=AreaLevel.COUNTY)}
    for n in range(1, TOWNSHIPS + 1):
        code = f"{COUNTY}{n:03d}"
        areas[code] = AreaItem(code=code, name=f"演示镇{n}", level=AreaLevel.TOWNSHIP, parent=COUNTY)
    pack = Pack(id="bench", title="演示", version="1", root=Path("."), layers=(), plan=None,
                facts={"checks": fact}, indicators=indicators, areas=areas, codes=codes)  # fmt: skip
    with DuckDBRunner(EngineLimits(memory="3GiB", spill=path.parent)) as runner:
        return measure(pack, {"checks": path}, runner=runner).values


def _handwritten() -> tuple[list[str], list[str], list[str]]:
    """Keys, aggregates (each denominator once) and grouping sets, as somebody would write them."""
    aggregates = {}
    for i, a in enumerate(asked()):
        top = f"count(*) FILTER (WHERE {a.where})" if a.numerator == "count" else f"sum({a.column})"
        aggregates[f"n{i}"] = top
        aggregates.setdefault(f"d_{a.column}_{a.grade}", f"count(*) FILTER (WHERE {a.denominator})")
    sets = ["(" + ", ".join(["y", f"_area_{level}", *([dim] if dim else [])]) + ")" for level, dim in SETS]
    return (
        ["y", "_area_county", "_area_township", *DIMS],
        [f"{v} AS {k}" for k, v in aggregates.items()],
        sets,
    )


def one_step(path: Path) -> pa.Table:
    """One hand-written query with GROUPING SETS over the rows."""
    keys, aggregates, sets = _handwritten()
    group = f"grouping({', '.join(keys)}) AS s"
    duckdb.sql("SET enable_progress_bar = false")
    return duckdb.sql(
        f"SELECT {', '.join(keys)}, {group}, {', '.join(aggregates)} "
        f"FROM (SELECT *, year(day) AS y FROM read_parquet('{path}')) GROUP BY GROUPING SETS ({', '.join(sets)})"
    ).to_arrow_table()


def two_steps(path: Path) -> pa.Table:
    """The fastest that we know by hand: the finest groups first with count_if, then GROUPING SETS over those."""
    keys, aggregates, sets = _handwritten()
    aggregates = [re.sub(r"count\(\*\) FILTER \(WHERE (.*)\) AS", r"count_if(\1) AS", a) for a in aggregates]
    names = [a.rsplit(" AS ", 1)[1] for a in aggregates]
    sums = ", ".join(f"sum({n})::BIGINT AS {n}" for n in names)
    duckdb.sql("SET enable_progress_bar = false")
    return duckdb.sql(
        f"SELECT {', '.join(keys)}, grouping({', '.join(keys)}) AS s, {sums} FROM ("
        f"SELECT {', '.join(keys)}, {', '.join(aggregates)} FROM (SELECT *, year(day) AS y FROM read_parquet('{path}"
        f"')) "
        f"GROUP BY {', '.join(keys)}) GROUP BY GROUPING SETS ({', '.join(sets)})"
    ).to_arrow_table()


def with_polars(path: Path) -> list[Any]:
    """Polars, lazily, all breakdowns collected together."""
    import polars as pl

    frame = pl.scan_parquet(path).with_columns(pl.col("day").dt.year().alias("y"))
    found: dict[str, Any] = {}
    for i, a in enumerate(asked()):
        m, upper = pl.col(a.column), (pl.col("grade") >= a.grade if a.grade else pl.lit(True))
        found[f"n{i}"] = ((m >= a.low) & upper).sum() if a.numerator == "count" else m.cast(pl.Int64).sum()
        found.setdefault(f"d_{a.column}_{a.grade}", (m.is_not_null() & upper).sum())
    lazy = [frame.group_by(["y", f"_area_{level}", *([dim] if dim else [])]).agg(**found) for level, dim in SETS]
    return list(pl.collect_all(lazy))


def with_pandas(path: Path) -> list[Any]:
    """pandas: flags as columns, then one groupby per breakdown."""
    import pandas as pd

    frame = pd.read_parquet(path, columns=[
        "_area_county", "_area_township", "day", *DIMS, "grade", *(f"m{c}" for c in range(COLUMNS))])  # fmt: skip
    keys = ["y", "_area_county", "_area_township", *DIMS]
    flags: dict[str, Any] = {"y": pd.to_datetime(frame["day"]).dt.year}
    flags |= {k: frame[k].astype("category") for k in keys[1:]}
    for i, a in enumerate(asked()):
        m, upper = frame[a.column], (frame["grade"] >= a.grade if a.grade else True)
        flags[f"n{i}"] = ((m >= a.low) & upper) if a.numerator == "count" else m
        if f"d_{a.column}_{a.grade}" not in flags:
            flags[f"d_{a.column}_{a.grade}"] = m.notna() & upper
    wide = pd.DataFrame(flags)
    return [
        wide.groupby(["y", f"_area_{level}", *([dim] if dim else [])], observed=True)[
            [c for c in wide if c not in keys]
        ].sum()
        for level, dim in SETS
    ]


def _long(rows: list[dict[str, Any]], level: str, dim: str | None, into: dict[Any, Any]) -> None:
    for row in rows:
        code = row[dim] if dim else None
        if dim and not isinstance(code, str):
            continue
        for i, a in enumerate(asked()):
            key = (a.name, row[f"_area_{level}"], int(row["y"]), dim, code)
            into[key] = (float(row[f"n{i}"]), float(row[f"d_{a.column}_{a.grade}"]))


def canonical(side: str, result: Any) -> dict[Any, Any]:
    """(indicator, area, year, dim, code) → (numerator, denominator), for comparing; not timed."""
    found: dict[Any, Any] = {}
    if side == "qingmiao":
        for r in result.to_pylist():
            dim = next((d for d in DIMS if r[d] is not None), None)
            found[r["indicator"], r["area"], r["year"], dim, r[dim] if dim else None] = (
                r["numerator"],
                r["denominator"],
            )
    elif side in ("one_step", "two_steps"):
        names = ["y", "_area_county", "_area_township", *DIMS]
        for level, dim in SETS:
            grouped = {"y", f"_area_{level}", dim}
            number = sum(1 << (len(names) - 1 - i) for i, n in enumerate(names) if n not in grouped)
            _long([r for r in result.to_pylist() if r["s"] == number], level, dim, found)
    else:
        for (level, dim), frame in zip(SETS, result, strict=True):
            rows = frame.to_dicts() if side == "polars" else frame.reset_index().to_dict("records")
            _long(rows, level, dim, found)
    return found


SIDES: dict[str, Callable[[Path], Any]] = {
    "qingmiao": ours, "one_step": one_step, "two_steps": two_steps, "polars": with_polars, "pandas": with_pandas,
}  # fmt: skip
LABELS = {
    "qingmiao": "青苗", "one_step": "手写一步 GROUPING SETS", "two_steps": "手写两步汇总", "polars": "Polars", "pandas": "pandas",
}  # fmt: skip


def _work(side: str, path: Path, repeat: int, pipe: Any) -> None:
    seconds, result = [], None
    for _ in range(repeat):
        begin = time.perf_counter()
        result = SIDES[side](path)
        seconds.append(time.perf_counter() - begin)
    # ru_maxrss would carry over from the process that started this one; the high-water mark does not.
    status = Path("/proc/self/status")
    if status.is_file():
        peak = next(int(x.split()[1]) for x in status.read_text().splitlines() if x.startswith("VmHWM")) / 1024
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send((seconds, peak, canonical(side, result)))


def run_side(side: str, path: Path, repeat: int) -> tuple[list[float], float, dict[Any, Any]]:
    """Run one side in a fresh process: seconds of each run, peak resident MB, what it found."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(side, path, repeat, there))
    worker.start()
    there.close()
    try:
        answer: tuple[list[float], float, dict[Any, Any]] = here.recv()
    except EOFError:
        raise SystemExit(f"{LABELS[side]} 没有完成（内存不足？）") from None
    worker.join()
    return answer


def main() -> None:
    """Run the sides and print a table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="folder for the generated file (default: a temporary one)")
    for side in list(SIDES)[1:]:
        parser.add_argument(f"--skip-{side.replace('_', '-')}", action="store_true")
    options = parser.parse_args()
    sides = [s for s in SIDES if not getattr(options, f"skip_{s}", False)]
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        path = Path(folder, "checks.parquet")
        begin = time.perf_counter()
        generate(path, options.rows, options.seed)
        size = path.stat().st_size / 2**20
        print(
            f"{options.rows:,} 行演示数据，{size:.0f} MB，生成用 {time.perf_counter() - begin:.1f} 秒",
            flush=True,
        )
        print(f"{'':28}{'中位秒':>9}{'峰值 MB':>10}", flush=True)
        seconds, peaks, found = {}, {}, {}
        for side in sides:
            times, peaks[side], found[side] = run_side(side, path, options.repeat)
            seconds[side] = statistics.median(times)
            print(f"{LABELS[side]:28}{seconds[side]:9.2f}{peaks[side]:10.0f}", flush=True)
        rows = pq.ParquetFile(path).metadata.num_rows
    different = [s for s in sides if found[s] != found["qingmiao"]]
    ratios = {f"qingmiao/{s}": round(seconds["qingmiao"] / seconds[s], 3) for s in sides[1:]}
    record = {
        "name": "measure",
        "sizes": {
            "rows": rows,
            "indicators": len(asked()),
            "breakdowns": len(SETS),
            "values": len(found["qingmiao"]),
        },
        "median_seconds": {s: round(x, 3) for s, x in seconds.items()},
        "ratios": ratios,
        "target": {"qingmiao/two_steps": 1.3},
        "peak_mb": {s: round(x) for s, x in peaks.items()},
        "equal": not different if len(sides) > 1 else None,  # one side alone proves nothing
        "seed": options.seed,
        "versions": {n: version(n) for n in ("qingmiao", "duckdb", "pyarrow", "polars", "pandas")}
        | {"python": sys.version.split()[0]},
    }
    print(json.dumps(record, ensure_ascii=False))
    if different:
        raise SystemExit("结果不一致：" + "、".join(LABELS[s] for s in different))


if __name__ == "__main__":
    main()
