"""The order of the main job, the folder that it writes, and the record of what went in."""

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

import pyarrow.parquet as pq

from qingmiao.assess.run import Assessment, assess_pack
from qingmiao.collect import Collected, Snapshot, collect, write_snapshot
from qingmiao.collect.snapshot import file_digest
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError
from qingmiao.measure.lineage import definition_hash
from qingmiao.measure.result import Measured
from qingmiao.measure.run import measure
from qingmiao.monitor import found
from qingmiao.monitor.tables import csv_files
from qingmiao.report.font_folder import font_folder

Progress = Callable[[str], None]
LIBRARIES = ("qingmiao", "duckdb", "pyarrow", "numpy", "scipy", "sqlglot", "typst")


@dataclass(frozen=True)
class WantedReport:
    """A report that is asked for: the id of its layout, the id of the field where the layout is about one, its language
    (zh, en), and whether its text carries marks."""

    layout: str = "annual"
    field: str = ""
    language: str = "zh"
    cited: bool = True


@dataclass(frozen=True)
class FinishedRun:
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
    fonts: Path | None = None,
    formats: tuple[str, ...] = ("docx", "pdf", "html"),
    bom: bool = True,
    reports: tuple[WantedReport, ...] = (WantedReport(),),
    progress: Progress = lambda _: None,
) -> FinishedRun:
    """Run the main job for one year and write its folder; `on` is the date printed in the report, `fonts` the folder
    of its fonts (where none is named, `report.font_folder` says which).

    The CSV files begin with a byte-order mark (Excel on a Chinese Windows asks for it) unless `bom` is false.
    Raises UserError (all faults of the data at once) before anything is written; `out` may be an older run, which is
    replaced only when the new one is whole, and must not be any other folder with files.
    """
    _may_write(out)
    fonts = fonts or font_folder()
    if pack.plan is None:
        raise UserError(f"内容包 {pack.root} 没有规划（plan/plan.yaml），不能生成监测报告")
    if formats:
        from qingmiao.report.write import need_fonts

        need_fonts(fonts)
        for wanted in reports:
            _may_build(pack, wanted)
    progress("读取并核对数据")
    collected = collect(pack, data, on=on, progress=progress)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        run = _work(
            pack,
            data,
            part,
            collected,
            year=year,
            on=on,
            fonts=fonts,
            formats=formats,
            reports=reports,
            bom=bom,
            progress=progress,
        )
        _swap(part, out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return FinishedRun(out, run.id, year, run.snapshot, run.measured, run.assessment, collected, collected.demo)


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
    reports: tuple[WantedReport, ...],
    bom: bool,
    progress: Progress,
) -> FinishedRun:
    progress("固定快照")
    snapshot = write_snapshot(part / "snapshot", collected.tables)
    progress("计算指标")
    measured = measure(pack, snapshot.tables)
    progress("研判目标")
    told = found.found_in(pack, collected, year=year, on=on)
    assessment = assess_pack(
        pack,
        measured.values,
        year=year,
        return_status=told.returns,
        findings=found.findings(measured, told.findings),
    )
    progress("写出结果表")
    for name, data_of in csv_files(measured.values, assessment, bom=bom).items():
        (part / name).write_bytes(data_of)
    pq.write_table(measured.values, part / "values.parquet")
    found.write_found(part / found.FILE, told)
    run_id = snapshot.id[:8] + "-" + pack.digest[:8] + f"-{year}"
    record = _record(pack, data, part, snapshot, measured, year=year, run_id=run_id, demo=collected.demo,
        bom=bom)  # fmt: skip
    (part / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if formats:
        for wanted in reports:
            _report(pack, part, measured, assessment, snapshot, run_id, collected.demo, wanted, year=year, on=on,
                    fonts=fonts, formats=formats, progress=progress)  # fmt: skip
    return FinishedRun(part, run_id, year, snapshot, measured, assessment, collected, collected.demo)


def _report(
    pack: Pack,
    part: Path,
    measured: Measured,
    assessment: Assessment,
    snapshot: Snapshot,
    run_id: str,
    demo: bool,
    wanted: WantedReport,
    *,
    year: int,
    on: date,
    fonts: Path,
    formats: tuple[str, ...],
    progress: Progress,
) -> None:
    from qingmiao.report.build import build_report
    from qingmiao.report.layouts import asked_layout, file_name
    from qingmiao.report.write import write_report

    progress(f"编写{asked_layout(pack, wanted.layout, wanted.field).label}")
    document = build_report(
        pack,
        measured.values,
        assessment,
        year=year,
        demo=demo,
        snapshot_id=snapshot.id,
        run_id=run_id,
        generated_on=on,
        layout=wanted.layout,
        field=wanted.field,
        language=wanted.language,
    )
    write_report(
        document,
        part,
        name=file_name(pack, wanted.layout, wanted.field, wanted.language),
        fonts=fonts,
        formats=formats,
        cited=wanted.cited,
        progress=lambda what, done, of: progress(f"{what} {done}/{of}"),
    )


def _may_build(pack: Pack, wanted: WantedReport) -> None:
    """The layout is there and its words are whole; said before any work is done."""
    from qingmiao.report.layouts import asked_layout
    from qingmiao.report.wording import load_wording

    at = pack.places.get(("reports", wanted.layout))
    load_wording(asked_layout(pack, wanted.layout, wanted.field), at.file if at else "", wanted.language)


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
    bom: bool,
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
        "bom": bom,
        "collected": file_digest(part / found.FILE),
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
