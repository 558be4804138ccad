"""Writing editions: start one, take its steps, rewrite a paragraph. Every write goes through the door of
`directory.access`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from procrastinate.contrib.django import app

from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.report.languages import CHINESE, LANGUAGES
from qingmiao.report.layouts import ANNUAL, asked_layout
from qingmiao.report.write import FORMATS
from qingmiao.report.written import entered
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import (
    By,
    Doing,
    Door,
    NotAllowedError,
    Seen,
    allow,
    conflict,
    create,
    perform,
    register,
    work,
)
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import policies
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.offered import named
from qingmiao.site.apps.publishing.public_tables import KIND as PUBLIC
from qingmiao.site.apps.publishing.public_tables import shelved
from qingmiao.site.apps.publishing.workflow import FLOW, EditionState
from qingmiao.site.apps.publishing.writing import NumberedEdition, document, file, row
from qingmiao.site.apps.shelf import api as shelf

LOCK = 7_301_003


@transaction.atomic
def start(by: By, *, year: int, layout: str = ANNUAL, field: str = "", language: str = CHINESE) -> Edition:
    """Begin a new edition of one of the pack's reports from the newest run; a job makes it.

    `field` is the field of a layout about one. UserError without a run, while one is made, or where there is no such
    report or language (what there is is said).
    """
    state = monitoring.current()
    if state is None:
        raise NotAllowedError("还没有计算过指标，不能生成报告")
    if year not in state.years:
        raise NotAllowedError(f"{year} 年没有数据")
    asked_layout(state.pack, layout, field)
    if language not in LANGUAGES:
        there = "、".join(f"{id_}（{label}）" for id_, label in LANGUAGES.items())
        raise NotAllowedError(f"报告没有语言“{language}”；可用：{there}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    same = Edition.objects.filter(year=year, layout=layout, field=field, language=language)
    making = same.filter(state=EditionState.MAKING).first()
    if making is not None:
        raise conflict("edition", making.pk, f"{year} 年的{named(layout, field, language)}正在生成，等它完成")
    number = (same.aggregate(n=Max("number"))["n"] or 0) + 1
    made = Edition(
        year=year, layout=layout, field=field, language=language, number=number, run_id=state.run.number,
        generated_date=timezone.localdate(), is_demo=settings.ENVIRONMENT.mode != "production",
    )  # fmt: skip
    return create(by, made, "start")


def move(
    by: By,
    edition: NumberedEdition,
    step: str,
    *,
    version: int,
    reason: str = "",
    **given: Any,
) -> None:
    """Take one step of the flow: people hand in (`cited`: with superscripts or without), send back, approve or try
    again; jobs bring `folder` and `files`, or a `note`."""
    perform(by, row(edition), step, Seen("", version), given | {"reason": reason})


def _numbers_resolve(edition: Edition, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    try:
        document(edition)
    except UserError as e:
        return no(str(e))
    return YES


def _another_approves(edition: Edition, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_approve(edition, who.id)


def _files_are_whole(edition: Edition, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    whole = all(file(edition, suffix) is not None for suffix in {*FORMATS, *edition.files})
    return YES if whole else no("送审的文件缺失或被改动过，请退回后重新送审")


def _public_is_current(edition: Edition, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """The public tables were compared with all that lies on the shelf now."""
    path = file(edition, PUBLIC)
    if path is None or shelved(path.read_bytes())[0] == shelf.newest():
        return YES
    return no("送审以后又公开发布了别的版次；请退回、重新送审，公开的表要和它核对")


def _changes(edition: Edition, doing: Doing) -> dict[str, Any]:
    """The columns of each step; the version goes up by one."""
    given = doing.answers
    columns: dict[str, dict[str, Any]] = {
        "written": {name: given.get(name) for name in ("folder", "files")},
        "failed": {"note": str(given.get("note", ""))[:4000]},
        "restarted": {"note": "", "done": 0, "of": 0},
        "submitted": {
            "submitted_by": doing.person,
            "note": "",
            "done": 0,
            "of": 0,
            "cited": given.get("cited", True),
        },
        "noted": {"note": doing.said("reason")},
        "taken_back": {"submitted_by": None},
        "approved": {"approved_by": doing.person, "released_at": doing.at},
    }
    if doing.step.makes:
        return {"started_by": doing.person, "started_at": doing.at}
    found: dict[str, Any] = {"version": edition.version + 1}
    for name in doing.step.effects:
        found |= columns.get(name, {})
    return found


def _started(edition: Edition, doing: Doing) -> dict[str, Any]:
    about = {"layout": edition.layout, "language": edition.language}
    about |= {"field": edition.field} if edition.field else {}
    return {"year": edition.year, "number": edition.number, "run": edition.run_id, **about}


def _make(edition: Edition, doing: Doing) -> None:
    app.configure_task("publishing.make", queue="report").defer(edition=edition.pk)


def _prepare(edition: Edition, doing: Doing) -> None:
    """A job writes the final files; then the edition awaits approval."""
    app.configure_task("publishing.prepare", queue="report").defer(edition=edition.pk)


def _shelve(edition: Edition, doing: Doing) -> dict[str, Any]:
    """What everybody may see goes to the shelf, in the transaction of the approval."""
    path = file(edition, PUBLIC)
    if path is None:
        return {}
    assert doing.person is not None  # no job may approve
    assert edition.submitted_by_id is not None  # the state before says so
    seen, items = shelved(path.read_bytes())
    year = edition.year
    made = shelf.put(
        doing.actor, source=f"edition:{edition.pk}", people=(edition.submitted_by_id, doing.person.pk), seen=seen,
        year=year, at=doing.at, is_demo=edition.is_demo, items=items,
        title={"zh": f"{year}年第{edition.number}版", "en": f"{year}, edition {edition.number}"},
    )  # fmt: skip
    return {"public_edition": made.pk}


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
            "public_is_current": _public_is_current,
        },
        effects={
            "started": _started,
            "make": _make,
            "prepare": _prepare,
            "written": _files,
            "approved": _files,
            "shelved": _shelve,
        },
        changes=_changes,
    )
)


def edit(by: By, edition: NumberedEdition, *, version: int, index: int, text: str) -> None:
    """Rewrite one paragraph (an empty text takes the rewriting back). Raises UserError when a number would not
    resolve."""
    with work(by, row(edition), "edit") as doing:
        locked = Edition.objects.select_for_update().get(pk=edition.pk)
        allow(policies.can_edit(locked))
        if locked.version != version:
            raise conflict("edition", locked.pk, "改过这份报告；您填写的文字仍保留在页面上")
        edits = {k: v for k, v in locked.edits.items() if k != str(index)}
        assert doing.person is not None  # no job may take this step
        text = entered(text, locked.edits.get(str(index), ""), doing.person.name)
        if text:
            edits[str(index)] = text
        locked.edits = edits
        document(locked)
        locked.editors = sorted({*locked.editors, doing.person.pk})
        locked.version += 1
        locked.save(update_fields=["edits", "editors", "version"])
        detail = {"paragraph": index, "text": text}
        audit.append(doing.actor, "publishing.edit", object_type="edition", object_id=edition.pk, detail=detail)
