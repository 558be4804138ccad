"""The yearbook that goes with the annual report: made when the report is handed in, approved with it, on the shelf with
it. Its bytes never change after that."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from qingmiao.content.yearbooks import Yearbook
from qingmiao.figures.book import Book
from qingmiao.figures.findings import Findings
from qingmiao.figures.public_numbers import PublicPart
from qingmiao.report.single import single
from qingmiao.report.yearbook import workbook, yearbook_document, yearly
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.shelf import api as shelf

KINDS = ("yearbook.xlsx", "yearbook.pdf")
"""The kinds of its files among those of an edition."""
NAME = "妇女儿童统计资料"
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "pdf": "application/pdf",
}  # fmt: skip


@dataclass(frozen=True)
class BesideReport:
    """What goes with a report: kind → (name, bytes), and what the shelf holds of it."""

    files: dict[str, tuple[str, bytes]]
    items: tuple[dict[str, Any], ...]


def beside_report(edition: Edition) -> BesideReport:
    """The yearbook of an edition's run and year, compared with all that lies on the shelf; nothing where the pack has
    none or the year has no number that may be published."""
    run = monitoring.of_run(edition.run_id)
    book = next(iter(run.pack.entries("yearbooks", Yearbook).values()), None)
    if book is None:
        return BesideReport({}, ())
    values = Book(run.pack, run.values, Findings(()), edition.year)
    made = yearly(run.pack, values, book, edition.year, shelf.tables_before())
    if not made.tables:
        return BesideReport({}, ())
    demo, on, version = edition.is_demo, edition.generated_date, run.run.snapshot[:12]
    issuer = run.pack.policy.form_marks.collated_by
    document = yearbook_document(made, issuer=issuer, on=on, demo=demo, snapshot=version)
    raw = {
        "xlsx": workbook(made, demo=demo, snapshot=version, on=datetime(on.year, on.month, on.day)),
        "pdf": single(document, "pdf", Path(settings.ENVIRONMENT.fonts)),
    }
    files = {f"yearbook.{form}": (f"{NAME}.{form}", data) for form, data in raw.items()}
    content = {
        "label": {"zh": book.label.zh, "en": book.label.en}, "year": edition.year, "tables": len(made.tables),
        "numbers": dict(made.counted), "files": [_file(form, data) for form, data in raw.items()],
    }  # fmt: skip
    numbers = {"tables": [_stored(part) for part in made.parts]}
    return BesideReport(files, (
        {"kind": shelf.YEARBOOK, "key": book.id, "content": content},
        {"kind": shelf.NUMBERS, "key": f"yearbook.{book.id}", "content": numbers},
    ))  # fmt: skip


def _stored(part: PublicPart) -> dict[str, Any]:
    """As the shelf keeps it; of a number that stands alone nothing of its parts was hidden, for nothing was asked."""
    told = part.stored()
    return told if part.towns else told | {"cells": [c for c in told["cells"] if c[0] == [None]]}


def _file(form: str, data: bytes) -> dict[str, Any]:
    return {
        "form": form, "type": TYPES[form], "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data),
        "base64": base64.b64encode(data).decode("ascii"),
    }  # fmt: skip
