"""Measure a finished run again from its own snapshot, and compare to the last bit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError
from qingmiao.measure.engine import Runner
from qingmiao.measure.lineage import definition_hash
from qingmiao.measure.result import FIXED_AFTER, Measured
from qingmiao.measure.run import measure


class NotARunError(UserError):
    """The folder does not hold a run (run.json, snapshot/, values file)."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was. `kind`: pack, definition, snapshot, values_file, file, value, cell, missing,
    added, layout. `place` names it: a value's keys, or file, line and column."""

    kind: str
    place: str
    was: str
    now: str

    def __str__(self) -> str:
        return (
            f"{_WORDS.get(self.kind, self.kind)} {self.place}：原为 {self.was or '（无）'}，现为 {self.now or '（无）'}"
        )


_WORDS = {
    "pack": "内容包", "definition": "指标定义", "snapshot": "快照", "values_file": "结果文件", "value": "数值",
    "file": "文件", "cell": "单元格", "missing": "少了", "added": "多了", "layout": "列",
}  # fmt: skip


def recompute(run_folder: Path, pack: Pack, *, runner: Runner | None = None) -> list[Difference]:
    """The differences between a run's values and those measured now from its snapshot with `pack`; [] = equal to the
    last bit.

    Also told: a pack or definition that is not the run's, and files of the run that were changed after it.
    Raises NotARunError. `qingmiao.monitor.recompute` compares the CSV files as well.
    """
    return remeasured(run_folder, pack, runner=runner)[0]


def remeasured(
    run_folder: Path, pack: Pack, *, runner: Runner | None = None
) -> tuple[list[Difference], Measured, dict[str, Any]]:
    """The differences of `recompute`, what was measured now, and the run's record. Raises NotARunError."""
    record = _record(run_folder)
    found = []
    if record["pack"]["digest"] != pack.digest:
        found.append(Difference("pack", pack.id, record["pack"]["digest"], pack.digest))
    found += _definitions(record["definitions"], pack)
    snapshot = run_folder / "snapshot"
    tables = {p.stem: p for p in sorted(snapshot.glob("*.parquet"))}
    digests = {name: digest_of(path) for name, path in tables.items()}
    for name in sorted({*record["snapshot"]["tables"], *digests}):
        was, now = record["snapshot"]["tables"].get(name, ""), digests.get(name, "")
        if was != now:
            found.append(Difference("snapshot", name, was, now))
    file = run_folder / record["values"]["file"]
    if not file.is_file():
        raise NotARunError(f"{run_folder} 缺少结果文件 {record['values']['file']}")
    if (now := digest_of(file)) != record["values"]["sha256"]:
        found.append(Difference("values_file", file.name, record["values"]["sha256"], now))
    measured = measure(pack, tables, runner=runner)
    return found + compare_values(pq.read_table(file), measured.values), measured, record


def _record(run_folder: Path) -> dict[str, Any]:
    path = run_folder / "run.json"
    if not path.is_file():
        raise NotARunError(f"{run_folder} 不是一次运行的文件夹（没有 run.json）")
    record: dict[str, Any] = json.loads(path.read_text("utf-8"))
    lacking = [k for k in ("pack", "definitions", "snapshot", "values") if k not in record]
    if lacking:
        raise NotARunError(f"{path} 缺少：{'、'.join(lacking)}")
    return record


def _definitions(recorded: dict[str, dict[str, str]], pack: Pack) -> list[Difference]:
    found = []
    now = {
        i.id: {str(d.version): definition_hash(i, d.version) for d in i.definitions} for i in pack.indicators.values()
    }
    for id_ in sorted({*recorded, *now}):
        before, after = recorded.get(id_, {}), now.get(id_, {})
        for version in sorted({*before, *after}):
            if before.get(version) != after.get(version):
                place = f"{id_} 第 {version} 版"
                found.append(Difference("definition", place, before.get(version, ""), after.get(version, "")))
    return found


def compare_values(was: pa.Table, now: pa.Table) -> list[Difference]:
    """The rows of two values tables that are not equal to the last bit; the order of rows does not count."""
    if was.column_names != now.column_names:
        return [Difference("layout", "values", " ".join(was.column_names), " ".join(now.column_names))]
    if _same_bits(was, now):
        return []
    before, after = _rows(was), _rows(now)
    found = []
    for key in sorted({*before, *after}, key=str):
        place = " ".join(str(k) for k in key if k is not None)
        if key not in after:
            found.append(Difference("missing", place, str(before[key]), ""))
        elif key not in before:
            found.append(Difference("added", place, "", str(after[key])))
        elif _bits(before[key]) != _bits(after[key]):
            found.append(Difference("value", place, str(before[key]), str(after[key])))
    return found


def _same_bits(was: pa.Table, now: pa.Table) -> bool:
    if was.num_rows != now.num_rows:
        return False
    for name in was.column_names:
        a, b = was[name], now[name]
        if a.type != b.type or not a.is_null().equals(b.is_null()):
            return False
        if pa.types.is_floating(a.type):
            bits = [np.asarray(x.fill_null(0.0).to_numpy(), dtype=np.float64).view(np.int64) for x in (a, b)]
            if not np.array_equal(bits[0], bits[1]):
                return False
        elif not a.equals(b):
            return False
    return True


def _rows(values: pa.Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    keys = [n for n in values.column_names if n not in FIXED_AFTER]
    rest = [n for n in values.column_names if n in FIXED_AFTER]
    return {tuple(r[k] for k in keys): tuple(r[k] for k in rest) for r in values.to_pylist()}


def _bits(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(x.hex() if isinstance(x, float) else x for x in row)


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
