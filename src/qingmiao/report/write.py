"""Writes a document as docx, PDF and HTML: all files or none."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.whole_files import write_all
from qingmiao.report.annex import annex_of, parted
from qingmiao.report.html import html_bytes
from qingmiao.report.layouts import NAME
from qingmiao.report.model import Document
from qingmiao.report.pdf import begin_pdf
from qingmiao.report.uncited import uncited
from qingmiao.report.workshop import Drawing, draw_all, end, stop

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

FORMATS = ("docx", "pdf", "html")
BODY, ANNEX = ".", "annex"
"""Folders in which the two parts are set."""


def _docx(document: Document, drawings: Mapping[int, Drawing]) -> bytes:
    from qingmiao.report.docx import docx_bytes  # large: the pages of the site, which write nothing, do not load it

    return docx_bytes(document, drawings)


MAKERS: dict[str, Callable[[Document, Mapping[int, Drawing]], bytes]] = {"docx": _docx, "html": html_bytes}
"""The writers that give bytes at once; the PDF is set by a process beside them."""


def _made(
    part: str, document: Document, form: str, drawings: Mapping[int, Drawing],
    setting: Mapping[str, subprocess.Popen[str]], folder: Path,
) -> bytes:  # fmt: skip
    """One part of the report in one format; the PDF when the process that sets it has ended."""
    if form != "pdf":
        return MAKERS[form](document, drawings)
    end(setting[part])
    return (folder / part / "report.pdf").read_bytes()


class ReportError(UserError):
    """The report cannot be written; `faults` says why and what to do."""


def need_fonts(fonts: Path) -> None:
    """Reports are set with the fonts of one folder. Raises ReportError where it has none, before any work is done."""
    if not any(fonts.glob("*.ttf")):
        hint = "先运行 make setup，或用 --fonts 指定字体目录；只要结果表、不要报告时写 --formats none"
        raise ReportError("没有字体，不能排版", [Fault(str(fonts), 0, "no_fonts", "目录里没有字体文件", hint=hint)])


def write_report(
    document: Document,
    out_dir: Path,
    *,
    fonts: Path,
    formats: Sequence[str] = FORMATS,
    name: str = NAME,
    cited: bool = True,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the report and its annex in each format; everything is made first, then each file replaces the old one.

    Gives the report's files; the annex with the list of numbers stands beside each (`annex.annex_of`).

    `cited`: with one superscript a sentence that leads to the annex; else the body carries none (`uncited`). `name` is
    what the files are called. `fonts` is the folder with the Noto Serif SC and Noto Sans SC files. Raises
    ReportError where it has none.
    """
    unknown = [f for f in formats if f not in FORMATS]
    if unknown:
        raise ValueError(f"unknown formats {unknown}")
    need_fonts(fonts)
    report, annex = parted(document)
    report = report if cited else uncited(report)
    made: dict[Path, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="qingmiao-report-") as room:
        folder = Path(room)
        setting: dict[str, subprocess.Popen[str]] = {}
        try:
            if annex is not None and "pdf" in formats:  # it waits for no chart: set while they are drawn
                (folder / ANNEX).mkdir()
                setting[ANNEX] = begin_pdf(annex, {}, folder / ANNEX, fonts)
            drawings = draw_all(report, folder, fonts, png="docx" in formats, progress=progress)
            if "pdf" in formats:
                setting[BODY] = begin_pdf(report, drawings, folder, fonts)
            for i, form in enumerate(sorted(formats, key=lambda f: f == "pdf"), start=1):
                path = out_dir / f"{name}.{form}"
                made[path] = _made(BODY, report, form, drawings, setting, folder)
                if annex is not None:
                    made[annex_of(path)] = _made(ANNEX, annex, form, {}, setting, folder)
                if progress:
                    progress("排版", i, len(formats))
        finally:
            stop(*setting.values())
    out_dir.mkdir(parents=True, exist_ok=True)
    write_all(made)
    return [out_dir / f"{name}.{form}" for form in formats]
