"""Publishing's door: start an edition, edit its prose, submit, approve, release, read its files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from procrastinate.contrib.django import app

from qingmiao.figures.book import Book
from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.report.annual import draft_annual
from qingmiao.report.model import Document
from qingmiao.report.prose import Prose, editable, with_edits
from qingmiao.report.references import resolve
from qingmiao.report.write import FORMATS, NAME, write_report
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import (
    Doing,
    Door,
    NotAllowedError,
    Seen,
    allow,
    conflict,
    perform,
    register,
    require,
)
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import policies
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.workflow import FLOW, State

LOCK = 7_301_003


@transaction.atomic
def start(actor: Person, *, year: int) -> Edition:
    """Begin a new edition of a year from the newest run; a job makes it. UserError without a run."""
    made = begin(actor, year=year)
    app.configure_task("publishing.make", queue="report").defer(edition=made.pk)
    return made


@transaction.atomic
def begin(actor: Person, *, year: int) -> Edition:
    """The edition's row alone: whoever calls this makes it (`start` leaves that to a job)."""
    state = monitoring.current()
    if state is None:
        raise NotAllowedError("还没有计算过指标，不能生成报告")
    if year not in state.years:
        raise NotAllowedError(f"{year} 年没有数据")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    making = Edition.objects.filter(year=year, state=State.MAKING).first()
    if making is not None:
        raise conflict("edition", making.pk, f"{year} 年的报告正在生成，等它完成")
    number = (Edition.objects.filter(year=year).aggregate(n=Max("number"))["n"] or 0) + 1
    made = Edition.objects.create(
        year=year, number=number, run=state.run, generated_date=timezone.localdate(), started_by=actor, started_at=timezone.now(),
        is_demo=settings.ENVIRONMENT.mode != "production",
    )  # fmt: skip
    audit.append(
        actor,
        "publishing.start",
        object_type="edition",
        object_id=made.pk,
        detail={"year": year, "number": number, "run": state.run.pk},
    )
    return made


def move(
    by: Reach | Person | audit.Named,
    edition: Edition,
    step: str,
    *,
    version: int,
    reason: str = "",
    **given: Any,
) -> None:
    """Take one step of the flow: people hand in, send back, approve or try again; jobs bring `folder` and `files`, or a `note`."""
    perform(by, edition, step, Seen("", version), given | {"reason": reason})


def _numbers_resolve(edition: Edition, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    try:
        document(edition)
    except UserError as e:
        return no(str(e))
    return YES


def _another_approves(edition: Edition, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_approve(edition, who.id)


def _files_are_whole(edition: Edition, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    whole = all(file(edition, suffix) is not None for suffix in FORMATS)
    return YES if whole else no("送审的文件缺失或被改动过，请退回后重新送审")


def _changes(edition: Edition, doing: Doing) -> dict[str, Any]:
    """The columns of each step; the version goes up by one."""
    given = doing.answers
    columns: dict[str, dict[str, Any]] = {
        "written": {name: given.get(name) for name in ("folder", "files")},
        "failed": {"note": str(given.get("note", ""))[:4000]},
        "restarted": {"note": "", "done": 0, "of": 0},
        "submitted": {"submitted_by": doing.person, "note": "", "done": 0, "of": 0},
        "noted": {"note": doing.said("reason")},
        "taken_back": {"submitted_by": None},
        "approved": {"approved_by": doing.person, "released_at": doing.at},
    }
    found: dict[str, Any] = {"version": edition.version + 1}
    for name in doing.step.effects:
        found |= columns.get(name, {})
    return found


def _make(edition: Edition, doing: Doing) -> None:
    app.configure_task("publishing.make", queue="report").defer(edition=edition.pk)


def _prepare(edition: Edition, doing: Doing) -> None:
    """A job writes the final files; then the edition awaits approval."""
    app.configure_task("publishing.prepare", queue="report").defer(edition=edition.pk)


def _files(edition: Edition, doing: Doing) -> dict[str, Any]:
    return {"files": edition.files}


register(
    Door(
        Edition,
        FLOW,
        noun="这份报告",
        kind="edition",
        action="publishing",
        unit=lambda edition: None,
        guards={
            "numbers_resolve": _numbers_resolve,
            "another_approves": _another_approves,
            "files_are_whole": _files_are_whole,
        },
        effects={"make": _make, "prepare": _prepare, "written": _files, "approved": _files},
        changes=_changes,
    )
)


def edit(actor: Person, edition: Edition, *, version: int, index: int, text: str) -> None:
    """Rewrite one paragraph (an empty text takes the rewriting back). Raises UserError when a number would not resolve."""
    with transaction.atomic():
        locked = Edition.objects.select_for_update().get(pk=edition.pk)
        require(actor, locked, "edit")
        allow(policies.can_edit(locked))
        if locked.version != version:
            raise conflict("edition", locked.pk, "改过这份报告；你的文字还在框里")
        edits = {k: v for k, v in locked.edits.items() if k != str(index)}
        if text.strip():
            edits[str(index)] = text.strip()
        locked.edits = edits
        document(locked)
        locked.editors = sorted({*locked.editors, actor.pk})
        locked.version += 1
        locked.save(update_fields=["edits", "editors", "version"])
        audit.append(
            actor,
            "publishing.edit",
            object_type="edition",
            object_id=edition.pk,
            detail={"paragraph": index, "text": text.strip()},
        )


def _draft(edition: Edition) -> tuple[Document, Book]:
    shown = monitoring.of_run(edition.run_id)
    run_id = f"{shown.run.snapshot[:8]}-{shown.run.pk}-{edition.year}"
    return draft_annual(
        shown.pack, shown.values, shown.assessment(edition.year), year=edition.year, demo=edition.is_demo, snapshot_id=shown.run.snapshot,
        run_id=run_id, generated_on=edition.generated_date,
    )  # fmt: skip


def document(edition: Edition) -> Document:
    """The report with its edits, every number resolved. Raises UserError listing what does not resolve."""
    draft, book = _draft(edition)
    return resolve(with_edits(draft, {int(k): v for k, v in edition.edits.items()}), book)


def paragraphs(edition: Edition) -> tuple[Prose, ...]:
    """The paragraphs that may be edited, as they stand now."""
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
    write_report(document(edition), part, fonts=Path(settings.ENVIRONMENT.fonts), formats=formats, progress=progress)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    files = {}
    for suffix in formats:
        path = folder / f"{NAME}.{suffix}"
        files[suffix] = {
            "name": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
    return name, files


def file(edition: Edition, suffix: str) -> Path | None:
    """The path of a file of an edition; None where it has none or the file is not what it was."""
    about: dict[str, Any] | None = edition.files.get(suffix)
    if about is None:
        return None
    path = Path(settings.HOME) / "reports" / edition.folder / str(about["name"])
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != about["sha256"]:
        return None
    return path


def years() -> list[int]:
    """The years that a report can be made for."""
    state = monitoring.current()
    return [] if state is None else [y for y in state.years if y <= state.run.year]


def released_in(year: int) -> int:
    """How many reports were released in a calendar year."""
    return Edition.objects.filter(released_at__year=year, state=State.RELEASED).count()
