"""One document as the bytes of one file: what a page hands out at once, and keeps nowhere."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from qingmiao.report.model import Document
from qingmiao.report.pdf import begin_pdf
from qingmiao.report.workshop import end
from qingmiao.report.write import need_fonts

SingleFormat = Literal["pdf", "docx"]


def single(document: Document, form: SingleFormat, fonts: Path) -> bytes:
    """A resolved document without charts as PDF or docx (one with pictures as PDF alone). `fonts`: the folder of fonts
    of the PDF.

    Raises ReportError where there are none, WorkshopError where setting it fails.
    """
    if form == "docx":
        from qingmiao.report.docx import docx_bytes  # large: pages that write nothing do not load it

        return docx_bytes(document, {})
    need_fonts(fonts)
    with tempfile.TemporaryDirectory(prefix="qingmiao-single-") as room:
        end(begin_pdf(document, {}, Path(room), fonts))
        return (Path(room) / "report.pdf").read_bytes()
