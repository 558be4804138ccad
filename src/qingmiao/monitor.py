"""The main job: a pack and a folder of data become values, assessments, warnings and the annual report.

Data goes one way: collect → measure → assess → report. The result is a folder that appears whole or not at all;
`run.json` says what went in (hashes), so that every number can be explained and recomputed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qingmiao.assess.quality import Finding, ReturnStatus
from qingmiao.assess.run import Assessment, assess_pack
from qingmiao.collect import Collected, Snapshot, collect, write_snapshot
from qingmiao.collect.snapshot import file_digest
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError
from qingmiao.measure.lineage import definition_hash
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE, Measured
from qingmiao.measure.run import measure

Progress = Callable[[str], None]
LIBRARIES = ("qingmiao", "duckdb", "pyarrow", "numpy", "scipy", "sqlglot", "typst")
DEFAULT_FONTS = Path("var/fonts")
VALUE_COLUMNS = ("numerator", "denominator", "value", "obs_status")


@dataclass(frozen=True)
class Run:
    """One finished run: where it is and what it found."""

    folder: Path
    id: str
    year: int
    snapshot: Snapshot
    measured: Measured
    assessment: Assessment
    collected: Collected
    demo: bool


def monitor(
    pack: Pack,
    data: Path,
    out: Path,
    *,
    year: int,
    on: date,
    fonts: Path = DEFAULT_FONTS,
    formats: tuple[str, ...] = ("docx", "pdf", "html"),
    progress: Progress = lambda _: None,
) -> Run:
    """Run the main job for one year and write its folder; `on` is the date printed in the report.

    Raises UserError (all faults of the data at once) before anything is written; `out` may be an older run, which is
    replaced only when the new one is whole, and must not be any other folder with files.
    """
    _may_write(out)
    if pack.plan is None:
        raise UserError(f"内容包 {pack.root} 没有规划（plan/plan.yaml），不能生成监测报告")
    if formats:
        from qingmiao.report.write import need_fonts

        need_fonts(fonts)
    progress("读取并核对数据")
    collected = collect(pack, data, on=on, progress=progress)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        run = _work(
            pack, data, part, collected, year=year, on=on, fonts=fonts, formats=formats, progress=progress
        )
        _swap(part, out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Run(out, run.id, year, run.snapshot, run.measured, run.assessment, collected, collected.demo)


def _work(
    pack: Pack,
    data: Path,
    part: Path,
    collected: Collected,
    *,
    year: int,
    on: date,
    fonts: Path,
    formats: tuple[str, ...],
    progress: Progress,
) -> Run:
    progress("固定快照")
    snapshot = write_snapshot(part / "snapshot", collected.tables)
    progress("计算指标")
    measured = measure(pack, snapshot.tables)
    progress("研判目标")
    assessment = assess_pack(
        pack,
        measured.values,
        year=year,
        return_status=return_states(pack, collected, on=on),
        findings=findings(pack, collected, measured),
    )
    progress("写出结果表")
    _write_csv(values_table(measured.values), part / "values.csv")
    pq.write_table(measured.values, part / "values.parquet")
    _write_csv(assessment.table(), part / "assessment.csv")
    _write_csv(assessment.warnings_table(), part / "warnings.csv")
    run_id = snapshot.id[:8] + "-" + pack.digest[:8] + f"-{year}"
    record = _record(pack, data, part, snapshot, measured, year=year, run_id=run_id, demo=collected.demo)
    (part / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if formats:
        _report(pack, part, measured, assessment, snapshot, run_id, collected.demo, year=year, on=on, fonts=fonts,
                formats=formats, progress=progress)  # fmt: skip
    return Run(part, run_id, year, snapshot, measured, assessment, collected, collected.demo)


def _report(
    pack: Pack,
    part: Path,
    measured: Measured,
    assessment: Assessment,
    snapshot: Snapshot,
    run_id: str,
    demo: bool,
    *,
    year: int,
    on: date,
    fonts: Path,
    formats: tuple[str, ...],
    progress: Progress,
) -> None:
    from qingmiao.report import build_annual, write_report

    progress("编写监测报告")
    document = build_annual(
        pack,
        measured.values,
        assessment,
        year=year,
        demo=demo,
        snapshot_id=snapshot.id,
        run_id=run_id,
        generated_on=on,
    )
    write_report(
        document,
        part,
        fonts=fonts,
        formats=formats,
        progress=lambda what, done, of: progress(f"{what} {done}/{of}"),
    )


def return_states(pack: Pack, collected: Collected, *, on: date) -> list[ReturnStatus]:
    """Each return that was due, in the words of the assessment; one without a submission date counts as in time."""
    states = []
    for s in collected.return_status:
        received = None if s.state == "missing" else s.submitted or s.due
        label = f"{pack.returns[s.form].form_no} {pack.returns[s.form].label.zh}"
        states.append(ReturnStatus(s.form, s.area, s.year, s.due, received, on, label))
    return states


def findings(pack: Pack, collected: Collected, measured: Measured) -> list[Finding]:
    """What collecting and measuring found, in the words of the assessment."""
    found = collected_findings(pack, collected)
    found.extend(
        Finding(m.code, m.message, indicator=m.indicator, area=m.area, year=m.year or None)
        for m in measured.findings
    )
    return found


def collected_findings(pack: Pack, collected: Collected) -> list[Finding]:
    """What collecting found, in the words of the assessment."""
    found = []
    for f in collected.findings:
        rows = "、".join(str(r) for r in f.rows[:10])
        data = f"文件 {f.file}，{f.count} 处" + (
            f"，第 {rows} 行{'等' if f.count > 10 else ''}" if rows else ""
        )
        found.append(Finding(f.code, f.message, data=data, subject=_table_name(pack, f.table)))
    return found


def _table_name(pack: Pack, table: str) -> str:
    """What people call a fact table or a return."""
    if table in pack.returns:
        return f"{pack.returns[table].form_no} {pack.returns[table].label.zh}"
    return pack.facts[table].label.zh if table in pack.facts else table


def values_table(values: pa.Table) -> pa.Table:
    """The columns of values.csv: indicator, area, year, one column a breakdown (empty = total), then the numbers."""
    dimensions = [n for n in values.column_names if n not in (*FIXED_BEFORE, *FIXED_AFTER)]
    return values.select([*FIXED_BEFORE, *dimensions, *VALUE_COLUMNS])


def _write_csv(table: pa.Table, path: Path) -> None:
    pacsv.write_csv(table, path, pacsv.WriteOptions(quoting_style="needed", quoting_header="needed"))


def _record(
    pack: Pack,
    data: Path,
    part: Path,
    snapshot: Snapshot,
    measured: Measured,
    *,
    year: int,
    run_id: str,
    demo: bool,
) -> dict[str, Any]:
    years = sorted(set(measured.values.column("year").to_pylist()))
    return {
        "run": run_id,
        "year": year,
        "demo": demo,
        "pack": {
            "path": str(pack.root),
            "id": pack.id,
            "version": pack.version,
            "digest": pack.digest,
        },
        "data": {
            "folder": str(data),
            "files": {
                p.relative_to(data).as_posix(): file_digest(p)
                for p in sorted(data.rglob("*"))
                if p.is_file() and not p.name.startswith(".")
            },
        },
        "snapshot": {"id": snapshot.id, "tables": dict(snapshot.digests)},
        "years": years,
        "values": {
            "file": "values.parquet",
            "sha256": file_digest(part / "values.parquet"),
            "rows": measured.values.num_rows,
        },
        "definitions": {
            i.id: {str(d.version): definition_hash(i, d.version) for d in i.definitions}
            for i in pack.indicators.values()
        },
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _may_write(out: Path) -> None:
    """The result folder can be made and filled; said before any work is done."""
    standing = next(p for p in (out, *out.absolute().parents) if os.path.lexists(p))
    if not standing.is_dir():
        raise UserError(f"结果不能写到 {out}：{standing} 已经是一个文件；请换一个文件夹")
    if not os.access(standing if out != standing else out.absolute().parent, os.W_OK | os.X_OK):
        raise UserError(f"结果不能写到 {out}：没有写入 {standing} 的权限；请换一个文件夹，或请管理员给权限")
    if out.is_dir() and any(out.iterdir()) and not (out / "run.json").is_file():
        raise UserError(f"{out} 里有别的文件，不是一次运行的结果；请换一个文件夹，免得覆盖")


def _swap(part: Path, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    if out.exists():
        out.rename(old)
    try:
        part.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
