"""Accepted returns as facts: the table that measuring reads, where one cell came from, and the import of accepted
returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from qingmiao.assess.quality import DueReturn
from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.folder import Collected, ReturnStatus, cells_table, due_date
from qingmiao.collect.returns import ReturnCell
from qingmiao.content.pack import Pack
from qingmiao.content.returns import Return
from qingmiao.flow import house
from qingmiao.kernel.areas import lies_in
from qingmiao.measure.plan import CELLS_TABLE
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.returns import pack_returns
from qingmiao.site.apps.returns.models import Cell, Collection, Filing, Version
from qingmiao.site.apps.returns.workflow import FILLERS, ReturnState
from qingmiao.site.pack import area_columns as area_columns


def accepted_cells(
    content: Pack | None = None, *, return_id: str = "", year: int | None = None, area: str = ""
) -> pa.Table:
    """The cells of the newest accepted version of every filing (of one return, year, area), as the snapshot's
    `return_cells`.

    `content`: the pack whose areas count (default: the site's own). `_file` names filing and version, `_row` counts the
    cells of a filing from 1, `_place` is the cell's code.
    """
    rows = Cell.objects.filter(version=F("filing__accepted_version"))
    if return_id:
        rows = rows.filter(filing__return_id=return_id)
    if year is not None:
        rows = rows.filter(filing__year=year)
    if area:
        rows = rows.filter(filing__area=area)
    return _table(rows, content)[0]


def _table(rows: QuerySet[Cell], content: Pack | None) -> tuple[pa.Table, list[facts.Sheaf]]:
    """Cells as `return_cells`, and which rows are of which filing and version."""
    fields = ("filing__return_id", "filing__year", "filing__area", "code", "value", "reason", "filing", "version",
        "filing__submitted_at")  # fmt: skip
    cells: list[ReturnCell] = []
    sheaves: list[facts.Sheaf] = []
    begun, present = 0, 0
    # Rows and columns in the order of their codes: the same database gives the same table, whatever was saved last.
    for return_id, y, a, code, value, reason, filing, version, at in rows.order_by(
        "filing__return_id", "filing__year", "filing__area", "filing", "code"
    ).values_list(*fields):
        if filing != present:
            begun, present = len(cells), filing
            sheaves.append(facts.Sheaf(f"filing:{filing}", version, begun, begun))
        sheaves[-1] = replace(sheaves[-1], stop=len(cells) + 1)
        row, _, column = code.partition(".")
        shown = f"填报 {filing} 第{version}版"
        day = at.date().isoformat() if at else ""
        line = len(cells) - begun + 1
        cells.append(
            ReturnCell(return_id, y, a, row, column, value, reason, shown, line, f"单元格 {code}", version, day)
        )
    return cells_table(cells, area_columns() if content is None else AreaColumns(content)), sheaves


def publish_accepted(content: Pack | None = None) -> int:
    """Publish every accepted filing that was never published (import, first start); how many."""
    table, sheaves = _table(Cell.objects.filter(version=F("filing__accepted_version")), content)
    return facts.load(content or pack_returns.pack(), CELLS_TABLE, table, sheaves)


def publish(filing: Filing) -> None:
    """Publish the accepted version of one filing in place of its earlier versions, in the accepting transaction."""
    rows = Cell.objects.filter(filing=filing, version=filing.accepted_version or 0)
    facts.publish(
        CELLS_TABLE, filing.year, _table(rows, None)[0],
        source=f"filing:{filing.pk}", version=int(filing.accepted_version or 0), pack=pack_returns.pack(),
    )  # fmt: skip


def _source_label(name: str) -> str:
    """H103 2024 年（填报 12）."""
    filing = Filing.objects.filter(pk=int(name)).first() if name.isdigit() else None
    if filing is None:
        return f"填报 {name}"
    return_ = pack_returns.pack().returns.get(filing.return_id)
    return f"{return_.form_no if return_ else filing.return_id} {filing.year} 年填报 {name}"


def _entered(name: str) -> facts.Entered:
    """Who submitted and accepted the figures in force."""
    people = ("submitted_by", "accepted_by")
    of = Version.objects.filter(filing=int(name) if name.isdigit() else 0, number=F("filing__accepted_version"))
    version = of.select_related("filing", *people).first()
    if version is None:
        return facts.Entered()
    said = ((version.submitted_by, "填报"), (version.accepted_by, "验收"))
    return facts.Entered(version.filing.unit_id, "，".join(f"{p.name} {what}" for p, what in said if p is not None))


facts.register("filing", label=_source_label, address=lambda name: f"/returns/{name}", entered=_entered)


@dataclass(frozen=True)
class FigureOrigin:
    """Where an accepted figure came from: names of people, "" for what was imported. `correction`: why there is a later
    version."""

    filing: int
    return_id: str
    return_label: str
    version: int
    unit: str
    unit_label: str
    code: str
    value: Decimal | None
    reason: str
    filled_by: str
    filled_at: datetime
    submitted_by: str
    submitted_at: datetime | None
    signed_by: str
    signed_at: datetime | None
    accepted_by: str
    accepted_at: datetime | None
    correction: str


def cell_origin(return_id: str, area: str, year: int, cell: str) -> FigureOrigin | None:
    """The accepted figure of one cell with everybody who answers for it; None when there is none."""
    row = (
        Cell.objects.filter(
            filing__return_id=return_id, filing__area__in=pack_returns.pack().area_tree.codes_of(area),
            filing__year=year, code=cell, version=F("filing__accepted_version")
        )
        .select_related("filing__unit", "changed_by")
        .first()
    )  # fmt: skip
    if row is None:
        return None
    people = ("submitted_by", "signed_by", "accepted_by")
    version = Version.objects.select_related(*people).get(filing=row.filing, number=row.version)
    filing = row.filing
    return FigureOrigin(
        filing.pk, return_id, pack_returns.return_of(return_id).label.zh, row.version, filing.unit_id,
        filing.unit.label, cell, row.value, row.reason,
        _name(row.changed_by), row.changed_at, _name(version.submitted_by), version.submitted_at,
        _name(version.signed_by), version.signed_at, _name(version.accepted_by), version.accepted_at, version.reason,
    )  # fmt: skip


def _name(person: Person | None) -> str:
    return person.name if person is not None else ""


def calendar_states(content: Pack | None = None) -> list[DueReturn]:
    """Every return that is or was due, as of today, in the words of the assessment: what its warnings are made of."""
    returns = (content or pack_returns.pack()).returns
    today = timezone.localdate()
    rows = Filing.objects.order_by("return_id", "year", "area").values_list(
        "return_id", "area_id", "year", "due_date", "submitted_at"
    )
    return [
        DueReturn(return_id, area, year, due, timezone.localdate(at) if at else None, today,
            f"{returns[return_id].form_no} {returns[return_id].label.zh}")
        for return_id, area, year, due, at in rows
        if return_id in returns
    ]  # fmt: skip


def correction_reasons(sources: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Why accepted figures were corrected: (source of facts "filing:12", version) → what the unit wrote."""
    wanted = {(int(s.removeprefix("filing:")), v) for s, v in sources if s.startswith("filing:")}
    rows = Version.objects.filter(filing__in={f for f, _ in wanted}).exclude(reason="").order_by("pk")
    found = {(f, n): reason for f, n, reason in rows.values_list("filing_id", "number", "reason")}
    return {(f"filing:{f}", n): found[f, n] for f, n in wanted if (f, n) in found}


@transaction.atomic
def import_accepted(actor: audit.Actor, pack: Pack, collected: Collected) -> int:
    """Load the returns of a data folder as accepted filings (locked, but for the newest year); how many.

    In bulk (COPY). Each is put down to the people of its unit where the directory has any, on the day it was submitted.
    """
    table = collected.tables.get("return_cells")
    if table is None or table.num_rows == 0:
        return 0
    columns = [table[n].to_pylist() for n in ("return", "period", "area", "row", "column", "value", "reason")]
    sheets: dict[tuple[str, int, str], list[tuple[str, Any, str]]] = {}
    for return_id, year, area, row, column, value, reason in zip(*columns, strict=True):
        sheets.setdefault((return_id, year, area), []).append((f"{row}.{column}", value, reason or ""))
    status = {(s.return_id, s.year, s.area): s for s in collected.return_status}
    now = timezone.now()
    newest = max(year for _, year, _ in sheets)
    collections = _collections(pack, {(f, y) for f, y, _ in {**sheets, **status}}, now)
    people = _People()
    filings, versions = [], []
    for return_id, year, area in sorted({*sheets, *status}):
        return_ = pack.returns[return_id]
        at = _submitted_at(return_, year, status.get((return_id, year, area)))
        there = (return_id, year, area) in sheets
        state = (ReturnState.ACCEPTED if year == newest else ReturnState.LOCKED) if there else ReturnState.DRAFT
        filing = Filing(
            collection=collections[return_id, year], return_id=return_id, return_version=return_.version, year=year,
            unit_id=return_.reporter,
            area_id=area, state=state, revision=1, due_date=due_date(return_, year), moved_at=at + timedelta(days=8),
            submitted_at=at if there else None, accepted_version=1 if there else None,
        )  # fmt: skip
        filing.moved_by_id = people.of(return_.reporter, house.STATISTICS) if there else None
        filings.append(filing)
        versions.append(_version(filing, at, people, there=there, locked=state == ReturnState.LOCKED))
    Filing.objects.bulk_create(filings, batch_size=2000)
    for version in versions:
        version.filing_id = version.filing.pk
    Version.objects.bulk_create(versions, batch_size=2000)
    _copy_cells(filings, sheets, people)
    detail = {"filings": len(filings), "cells": sum(map(len, sheets.values())), "demo": collected.demo}
    audit.append(actor, "returns.import", object_type="pack", object_id=pack.id, detail=detail)
    return len(filings)


def _collections(pack: Pack, wanted: set[tuple[str, int]], now: datetime) -> dict[tuple[str, int], Collection]:
    Collection.objects.bulk_create(
        [
            Collection(return_id=f, year=y, due_date=due_date(pack.returns[f], y), opened_at=now)
            for f, y in sorted(wanted)
        ],
        ignore_conflicts=True,
    )
    return {(c.return_id, c.year): c for c in Collection.objects.all()}


def _submitted_at(return_: Return, year: int, status: ReturnStatus | None) -> datetime:
    day: date = status.submitted if status is not None and status.submitted else due_date(return_, year)
    return timezone.make_aware(datetime.combine(day, time(10, 30)))


def _version(filing: Filing, at: datetime, people: _People, *, there: bool, locked: bool) -> Version:
    version = Version(filing=filing, number=1, begun_at=at - timedelta(days=3))
    if not there:
        return version
    unit = filing.unit_id
    version.submitted_at, version.submitted_by_id = at, people.of(unit, *FILLERS)
    version.signed_at, version.signed_by_id = at + timedelta(days=1), people.of(unit, house.LEADER)
    version.accepted_at, version.accepted_by_id = at + timedelta(days=5), people.of(unit, house.STATISTICS)
    if locked:
        version.locked_at, version.locked_by_id = at + timedelta(days=8), people.of(unit, house.STATISTICS)
    return version


class _People:
    """The first living account of a role at a unit (for statistics: of the unit's county), if there is one."""

    def __init__(self) -> None:
        rows = (
            Assignment.objects.filter(to_date=None)
            .order_by("pk")
            .values_list("role", "organisation_id", "area_id", "person_id")
        )
        self.at = [(role, unit, area, person) for role, unit, area, person in rows]
        self.area = dict(Organisation.objects.values_list("pk", "area_id"))
        self.known: dict[tuple[str, frozenset[str]], int | None] = {}

    def of(self, unit: str, *roles: str) -> int | None:
        """The id of the person."""
        key = (unit, frozenset(roles))
        if key not in self.known:
            self.known[key] = next(
                (
                    person
                    for role, place, area, person in self.at
                    if role in roles and (lies_in(self.area[unit], area) if role == house.STATISTICS else place == unit)
                ),
                None,
            )
        return self.known[key]


def _copy_cells(
    filings: list[Filing], sheets: Mapping[tuple[str, int, str], list[tuple[str, Any, str]]], people: _People
) -> None:
    columns = "filing_id, version, revision, code, value, reason, changed_at, changed_by_id"
    with connection.cursor() as cursor, cursor.copy(f"COPY returns_cell ({columns}) FROM STDIN") as copy:
        for filing in filings:
            at = filing.submitted_at or filing.moved_at
            filler = people.of(filing.unit_id, *FILLERS)
            for code, value, reason in sheets.get((filing.return_id, filing.year, filing.area_id), ()):
                number = None if value is None else Decimal(repr(value))
                copy.write_row((filing.pk, 1, 1, code, number, reason[:40], at - timedelta(hours=20), filler))
