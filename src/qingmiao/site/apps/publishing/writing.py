"""What an edition says: its document with the edits, the paragraphs that may be edited, its files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone

from qingmiao.figures.book import Book
from qingmiao.report.annex import annex_of
from qingmiao.report.build import draft_report
from qingmiao.report.languages import in_language
from qingmiao.report.layouts import file_name
from qingmiao.report.model import Document
from qingmiao.report.prose import Prose, editable, with_edits
from qingmiao.report.references import resolve
from qingmiao.report.write import FORMATS, write_report
from qingmiao.report.written import spread, without_unwritten
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.public_tables import KIND as PUBLIC
from qingmiao.site.apps.publishing.public_tables import is_public, public_file
from qingmiao.site.apps.publishing.workflow import EditionState
from qingmiao.site.apps.publishing.yearbooks import KINDS as YEARBOOK
from qingmiao.site.apps.publishing.yearbooks import beside_report

ANNEX = "annex"
"""What the kinds of an annex's files begin with: annex.docx beside docx."""
KINDS = (*FORMATS, *(f"{ANNEX}.{suffix}" for suffix in FORMATS), *YEARBOOK, PUBLIC)
"""The kinds of files of an edition: the report's, the annex's, the yearbook's, what everybody may see."""


class NumberedEdition(Protocol):
    """An edition's row, or what a page shows of it."""

    @property
    def pk(self) -> int:
        """The edition's number in the database."""


def row(edition: NumberedEdition) -> Edition:
    """The row of an edition."""
    return edition if isinstance(edition, Edition) else Edition.objects.get(pk=edition.pk)


@dataclass(frozen=True)
class _Drafted:
    """A report before its edits: the document, the book of its numbers, the paragraphs that may be edited."""

    document: Document
    book: Book

    @cached_property
    def paragraphs(self) -> tuple[Prose, ...]:
        """Raises UnresolvedNumberError."""
        return editable(self.document, self.book)


def _draft(edition: Edition) -> _Drafted:
    values = monitoring.of_run(edition.run_id).run.values
    return _drafted(
        edition.run_id, values, edition.year, edition.is_demo, edition.generated_date, edition.layout, edition.field,
        edition.language,
    )  # fmt: skip


@lru_cache(maxsize=2)
def _drafted(
    run: int, values: str, year: int, demo: bool, on: date, layout: str, field: str, language: str
) -> _Drafted:
    """What all edits of a report have in common, kept: who writes asks for it at every paragraph.

    `values` tells runs apart that have the same number (another database under the same process).
    """
    shown = monitoring.of_run(run)
    run_id = f"{shown.run.snapshot[:8]}-{run}-{year}"
    document, book = draft_report(
        shown.pack, shown.values, shown.assessment(year), year=year, demo=demo, snapshot_id=shown.run.snapshot,
        run_id=run_id, generated_on=on, layout=layout, field=field, language=language,
    )  # fmt: skip
    return _Drafted(document, book)


def document(edition: Edition) -> Document:
    """The report with its edits in its language, every number resolved; once handed in without the sections that
    nobody wrote.

    Raises UserError listing what does not resolve.
    """
    draft = _draft(edition)
    edits = _edits(edition)
    edited = with_edits(draft.document, edits)
    if edition.state not in (EditionState.DRAFT, EditionState.MAKING):
        edited = without_unwritten(edited, frozenset(edits))
    return in_language(spread(resolve(edited, draft.book)), draft.book.pack)


def paragraphs(edition: NumberedEdition) -> tuple[Prose, ...]:
    """The paragraphs that may be edited, as they stand now."""
    edition = row(edition)
    draft, edits = _draft(edition), _edits(edition)
    edited = editable(with_edits(draft.document, edits), draft.book, only=edits)
    shown = {p.index: p.shown for p in edited}
    return tuple(
        replace(p, text=edits.get(p.index, p.text), shown=shown.get(p.index, p.shown)) for p in draft.paragraphs
    )


def _edits(edition: Edition) -> dict[int, str]:
    """The texts of paragraphs that were rewritten, by their place in the document."""
    return {int(k): v for k, v in edition.edits.items()}


def _called(edition: Edition) -> str:
    return file_name(monitoring.pack(), edition.layout, edition.field, edition.language)


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
    told, called = document(edition), _called(edition)
    fonts = Path(settings.ENVIRONMENT.fonts)
    try:
        write_report(told, part, fonts=fonts, formats=formats, name=called, cited=edition.cited, progress=progress)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    written = [(suffix, folder / f"{called}.{suffix}") for suffix in formats]
    written += [(f"{ANNEX}.{suffix}", annex_of(path)) for suffix, path in written]
    return name, {kind: _about(path) for kind, path in written if path.is_file()}


def _about(path: Path) -> dict[str, Any]:
    return {
        "name": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
    }


def with_public(edition: Edition, folder: str) -> dict[str, Any]:
    """Write what everybody will see beside the files in `folder`; its kind and hash, nothing for reports that bring
    nothing to the public."""
    if not is_public(edition.layout, edition.language):
        return {}
    room, beside = Path(settings.HOME) / "reports" / folder, beside_report(edition)
    for name, data in beside.files.values():
        (room / name).write_bytes(data)
    path = room / "公开数据.json"
    run = monitoring.of_run(edition.run_id)
    path.write_bytes(public_file(run, edition.year, timezone.localdate(), beside.items))
    return {kind: _about(room / name) for kind, (name, _) in beside.files.items()} | {PUBLIC: _about(path)}


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
