"""What an edition says: its document with the edits, the paragraphs that may be edited, its files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from qingmiao.figures.book import Book
from qingmiao.report.annex import annex_of
from qingmiao.report.build import draft_report
from qingmiao.report.layouts import file_name
from qingmiao.report.model import Document
from qingmiao.report.prose import Prose, editable, with_edits
from qingmiao.report.references import resolve
from qingmiao.report.write import FORMATS, write_report
from qingmiao.report.written import spread, without_unwritten
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.workflow import EditionState

ANNEX = "annex"
"""What the kinds of an annex's files begin with: annex.docx beside docx."""
KINDS = (*FORMATS, *(f"{ANNEX}.{suffix}" for suffix in FORMATS))
"""The kinds of files of an edition, the report's before the annex's."""


class NumberedEdition(Protocol):
    """An edition's row, or what a page shows of it."""

    @property
    def pk(self) -> int:
        """The edition's number in the database."""


def row(edition: NumberedEdition) -> Edition:
    """The row of an edition."""
    return edition if isinstance(edition, Edition) else Edition.objects.get(pk=edition.pk)


def _draft(edition: Edition) -> tuple[Document, Book]:
    shown = monitoring.of_run(edition.run_id)
    run_id = f"{shown.run.snapshot[:8]}-{shown.run.number}-{edition.year}"
    return draft_report(
        shown.pack, shown.values, shown.assessment(edition.year), year=edition.year, demo=edition.is_demo, snapshot_id=shown.run.snapshot,
        run_id=run_id, generated_on=edition.generated_date, layout=edition.layout, field=edition.field,
    )  # fmt: skip


def document(edition: Edition) -> Document:
    """The report with its edits, every number resolved; once handed in without the sections that nobody wrote.

    Raises UserError listing what does not resolve.
    """
    draft, book = _draft(edition)
    edits = {int(k): v for k, v in edition.edits.items()}
    edited = with_edits(draft, edits)
    if edition.state not in (EditionState.DRAFT, EditionState.MAKING):
        edited = without_unwritten(edited, frozenset(edits))
    return spread(resolve(edited, book))


def paragraphs(edition: NumberedEdition) -> tuple[Prose, ...]:
    """The paragraphs that may be edited, as they stand now."""
    edition = row(edition)
    draft, book = _draft(edition)
    edited = with_edits(draft, {int(k): v for k, v in edition.edits.items()})
    original = {p.index: p for p in editable(draft, book)}
    now = editable(edited, book)
    return tuple(
        Prose(p.index, edition.edits.get(str(p.index), p.text), original[p.index].tokens, p.shown) for p in now
    )


def render(
    edition: Edition,
    *,
    formats: tuple[str, ...] = FORMATS,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Write the files of the edition as it stands to a folder of its own; the folder's name and the files' hashes."""
    name = f"{edition.pk}-{edition.version}"
    folder = Path(settings.HOME) / "reports" / name
    part = folder.with_name(f".{name}.part")
    shutil.rmtree(part, ignore_errors=True)
    told, called = document(edition), file_name(monitoring.pack(), edition.layout, edition.field)
    fonts = Path(settings.ENVIRONMENT.fonts)
    write_report(told, part, fonts=fonts, formats=formats, name=called, progress=progress)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    written = [(suffix, folder / f"{called}.{suffix}") for suffix in formats]
    written += [(f"{ANNEX}.{suffix}", annex_of(path)) for suffix, path in written]
    return name, {
        kind: {
            "name": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for kind, path in written
        if path.is_file()
    }


def file(edition: NumberedEdition, suffix: str) -> Path | None:
    """The path of a file of an edition; None where it has none or the file is not what it was."""
    edition = row(edition)
    about: dict[str, Any] | None = edition.files.get(suffix)
    if about is None:
        return None
    path = Path(settings.HOME) / "reports" / edition.folder / str(about["name"])
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != about["sha256"]:
        return None
    return path
