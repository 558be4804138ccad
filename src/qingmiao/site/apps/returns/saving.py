"""Saving cells as somebody types: what others changed meanwhile is told, the rest is kept; a wrong number loses nothing
else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.returns import policies, sheet
from qingmiao.site.apps.returns.models import Cell, Explanation, Filing, Note
from qingmiao.site.apps.returns.sheet import SheetEntry
from qingmiao.site.apps.returns.workflow import ReturnState

MAX_NOTE = 500
MAX_EXPLANATION = 1000
MAX_KEY = 400


@dataclass(frozen=True)
class Edits:
    """What a page sends: `revision` is the one that its figures were read at; texts as typed, "" empties."""

    revision: int
    cells: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """What came of it. `changed`: every code that differs from what the page knew, also by others; `faults`: code → why
    not saved."""

    sheet: sheet.Sheet
    faults: dict[str, str]
    conflicts: dict[str, SheetEntry]
    """Cell code or key of an explanation → the cell, note or explanation that somebody else changed since; it was not
    overwritten."""
    changed: frozenset[str]


def save(by: access.By, number: int, edits: Edits) -> Saved:
    """Save what can be saved.

    Raises AbsentError where it is not the person's to fill in, NotAllowedError when it is not open for changes or the
    page names a revision that the return has not had (a page of before a restore).
    """
    with transaction.atomic():
        filing = Filing.objects.select_for_update().get(pk=number)
        with access.work(by, filing, "fill") as doing:
            return _save(doing, filing, edits)


def _save(doing: access.Doing, filing: Filing, edits: Edits) -> Saved:
    actor, now = doing.person, doing.at
    assert actor is not None  # no job fills in
    access.allow(policies.can_edit(filing))
    if edits.revision > filing.revision:
        raise access.NotAllowedError(
            f"页面上的数来自第 {edits.revision} 次保存，而这张表现在只有 {filing.revision} 次"
            "（站点可能已从备份恢复）。没有保存任何内容；请先记下改动，再重新打开这张表填写"
        )
    before = sheet.load(filing)
    wanted, faults = _read(before, edits.cells)
    conflicts: dict[str, SheetEntry] = {}
    cells = _cells(before, wanted, edits.revision, conflicts)
    since = edits.revision
    named = {c: x for c, x in edits.notes.items() if c in set(before.rules.return_.cells)}
    there = {**before.notes, **sheet.emptied(Note, filing, since)}
    notes = _texts(there, named, since, MAX_NOTE, conflicts)
    keyed = {k: x for k, x in edits.explanations.items() if len(k) <= MAX_KEY}
    there = {**before.explanations, **sheet.emptied(Explanation, filing, since)}
    explanations = _texts(there, keyed, since, MAX_EXPLANATION, conflicts)
    if cells or notes or explanations:
        filing.revision += 1
        _write(actor, filing, cells, notes, explanations, now)
        if filing.state == ReturnState.SENT_BACK:
            filing.state = ReturnState.DRAFT
            filing.moved_at, filing.moved_by = now, actor
            audit.append(
                actor,
                "returns.fill",
                object_type="filing",
                object_id=filing.pk,
                detail={"version": filing.version},
            )
        filing.save(update_fields=["revision", "state", "moved_at", "moved_by"])
        detail = {
            "version": filing.version, "revision": filing.revision,
            "cells": {c: [sheet.shown(before.cells[c].value if c in before.cells else None), sheet.shown(v)] for c,
                v in cells.items()},
            "notes": notes, "explanations": explanations,
        }  # fmt: skip
        audit.append(actor, "returns.save", object_type="filing", object_id=filing.pk, detail=detail)
    after = sheet.load(filing)
    known = {c for c, x in after.cells.items() if x.revision > edits.revision} | set(conflicts)
    return Saved(after, faults, conflicts, frozenset(known | set(wanted)))


def _read(before: sheet.Sheet, given: Mapping[str, str]) -> tuple[dict[str, Decimal | None], dict[str, str]]:
    """Code → figure for the texts that are numbers, code → fault for the others. Computed and closed cells are not
    taken."""
    open_cells = set(before.rules.return_.filled)
    wanted: dict[str, Decimal | None] = {}
    faults: dict[str, str] = {}
    for code, text in given.items():
        if code not in open_cells:
            faults[code[:25]] = "这一格不填"
            continue
        try:
            value = sheet.typed_number(str(text))
        except ValueError as e:
            faults[code] = str(e)
            continue
        wrong = before.rules.value_fault(sheet.key_of(code), value) if value is not None else None
        if wrong is not None and wrong.code == "wrong_type":
            faults[code] = wrong.message
        else:
            wanted[code] = value
    return wanted, faults


def _cells(
    before: sheet.Sheet, wanted: Mapping[str, Decimal | None], revision: int, conflicts: dict[str, SheetEntry]
) -> dict[str, Decimal | None]:
    """The figures that really change; one that somebody changed after `revision` to something else is a conflict."""
    changes: dict[str, Decimal | None] = {}
    for code, value in wanted.items():
        there = before.cells.get(code)
        if (there.value if there else None) == value:
            continue
        if there is not None and there.revision > revision:
            conflicts[code] = there
        else:
            changes[code] = value
    return changes


def _texts(
    there: Mapping[str, SheetEntry],
    given: Mapping[str, str],
    since: int,
    longest: int,
    conflicts: dict[str, SheetEntry],
) -> dict[str, str]:
    """The texts that really change; one that somebody wrote or emptied after `since` to something else is a
    conflict."""
    changes: dict[str, str] = {}
    for code, raw in given.items():
        text = str(raw).strip()[:longest]
        old = there.get(code)
        if (old.text if old else "") == text:
            continue
        if old is not None and old.revision > since:
            conflicts[code] = old
        else:
            changes[code] = text
    return changes


def _write(
    actor: Person, filing: Filing, cells: Mapping[str, Decimal | None], notes: Mapping[str, str],
    explanations: Mapping[str, str], now: datetime,
) -> None:  # fmt: skip
    """Set-based: one statement for each kind."""
    stamp = {
        "filing": filing,
        "version": filing.version,
        "revision": filing.revision,
        "changed_at": now,
        "changed_by": actor,
    }
    kept = ["revision", "changed_at", "changed_by"]
    Cell.objects.bulk_create(
        [Cell(**stamp, code=c, value=v, reason="") for c, v in cells.items()],
        update_conflicts=True, unique_fields=["filing", "version", "code"], update_fields=["value", "reason", *kept],
    )  # fmt: skip
    # An emptied text stays as an empty row: who took it away, and when, is told to whoever still sees the old one.
    Note.objects.bulk_create(
        [Note(**stamp, code=c, text=x) for c, x in notes.items()],
        update_conflicts=True, unique_fields=["filing", "version", "code"], update_fields=["text", *kept],
    )  # fmt: skip
    Explanation.objects.bulk_create(
        [Explanation(**stamp, key=k, text=x) for k, x in explanations.items()],
        update_conflicts=True, unique_fields=["filing", "version", "key"], update_fields=["text", *kept],
    )  # fmt: skip
