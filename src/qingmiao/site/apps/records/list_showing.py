"""What pages show of lists of children: the files of a unit; one with its faults and the rows that a person settles;
its copy with every fault marked."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.flow import State, Step
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import (
    exposure,
    list_checking,
    list_matching,
    list_reading,
    list_registering,
    listing,
    lists,
    registering,
    slips,
    words,
)
from qingmiao.site.apps.records.event_models import RecordFollowUp
from qingmiao.site.apps.records.list_models import ChildList, ListedRow, ListProgress
from qingmiao.site.apps.records.models import Child

UNSURE_SHOWN = 50
"""So many unsure rows are settled on one page."""
STANDINGS = {
    "sure": Label(zh="已对上", en="matched"), "chosen": Label(zh="人工对上", en="matched by a person"),
    "unsure": Label(zh="待核对", en="unsure"), "absent": Label(zh="没有找到", en="not found"),
    "new": Label(zh="建档", en="to be registered"),
    "left_out": Label(zh="不导入", en="left out"), "again": Label(zh="以前已导入", en="imported before"),
}  # fmt: skip


@dataclass(frozen=True)
class ListLine:
    """One file of the unit."""

    id: int
    name: str
    layout: Label
    at: datetime
    by: str
    rows: int
    state: State


@dataclass(frozen=True)
class CandidateLine:
    """A child that a row may be about."""

    child: listing.ChildRow
    percent: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class UnsureLine:
    """A row that a person settles: what the file says beside the children that it may be about."""

    place: int
    said: Mapping[str, str]
    candidates: tuple[CandidateLine, ...]


@dataclass(frozen=True)
class ListFar:
    """How far the work on a list is. `percent` is None as long as nobody knows how many rows there are."""

    phase: Label
    done: int
    total: int
    percent: int | None


@dataclass(frozen=True)
class ListPage:
    """One file. `counts`: standing in words → rows; `queries`: (check, words, rows, what was said)."""

    line: ListLine
    version: int
    faults: tuple[tuple[str, str], ...]
    fault_count: int
    queries: tuple[tuple[str, str, int, str], ...]
    counts: tuple[tuple[Label, int], ...]
    unsure: tuple[UnsureLine, ...]
    absent: tuple[tuple[int, str], ...]
    left: int
    """How many rows are unsure or absent."""
    records: int
    referred: int
    """How many of its findings are still to be looked into by somebody else: of these there are slips."""
    steps: frozenset[str]
    registers: bool
    """Whether a row may make a file, for this person."""
    files_kept: int
    """Of a list that was taken back: how many of the files that it made stay, for something else stands in them."""
    progress: ListFar | None
    """What is under way; None for nothing."""
    stopped: str
    """Why the last thing was not done; "" where it was."""
    settling: bool
    """Whether something is to be settled by a person."""
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    """Headings of the file that are none of the layout's, and of the layout that the file does not have."""


def lines(reach: Reach, *, before: int = 0, size: int = 50) -> tuple[ListLine, ...]:
    """The files of the person's own unit in the layouts that the person uploads, the newest first."""
    mine = [one.id for one in lists.open_layouts(reach)]
    rows = ChildList.objects.filter(unit=reach.person.organisation_id, layout__in=mine).select_related("made_by")
    rows = rows.filter(pk__lt=before) if before else rows
    return tuple(
        _line(one, one.count) for one in rows.defer("file_sealed").annotate(count=Count("rows")).order_by("-pk")[:size]
    )


def _line(one: ChildList, rows: int) -> ListLine:
    return ListLine(
        one.pk,
        one.name,
        list_reading.layouts()[one.layout].label,
        one.made_at,
        one.made_by.name,
        rows,
        lists.state_of(one),
    )


def page(reach: Reach, number: int) -> ListPage:
    """One file of the own unit. AbsentError for any other."""
    one = lists.found(reach, number)
    counts = Counter(ListedRow.objects.filter(listed=one).values_list("standing", flat=True))
    open_ = one.state == "open"
    unsure = _unsure(reach, one) if open_ else ()
    absent = ListedRow.objects.filter(listed=one, standing="absent").order_by("place") if open_ else ()
    queries = tuple((k, w, n, one.explanations.get(k, "")) for k, (w, n) in one.queries.items())
    now = ListProgress.objects.filter(listed=one).first()
    steps: tuple[Step, ...] = () if now is not None and now.phase else access.steps(reach, one)
    return ListPage(
        _line(one, sum(counts.values())), one.version, tuple((c, m) for c, m in one.faults), one.fault_count, queries,
        tuple((label, counts[k]) for k, label in STANDINGS.items() if counts[k]), unsure,
        tuple((r.place, str(r.said.get("name", ""))) for r in absent[:200]), counts["unsure"] + counts["absent"],
        ListedRow.objects.filter(listed=one, record__isnull=False).count(), _referred(one),
        frozenset(s.name for s in steps),
        list_reading.layouts()[one.layout].registers and registering.may_register(reach), _files_kept(one),
        _far(now),
        now.error if now is not None else "",
        open_ and bool(queries or counts["unsure"] or counts["absent"]), tuple(one.unknown), tuple(one.missing),
    )  # fmt: skip


def _files_kept(one: ChildList) -> int:
    made = Child.objects.filter(pk__in=list_registering.registered(one))
    return made.exclude(state="void").count() if one.state == "undone" else 0


def _referred(one: ChildList) -> int:
    found = RecordFollowUp.objects.filter(record__in=one.rows.values("record"), closed_by=None)
    return sum((kind, name) in slips.sent_on() for kind, name in found.values_list("record__kind", "name"))


PHASES = {
    "check": Label(zh="正在读取和核对", en="Being read and checked"), "recheck": Label(zh="正在重新核对", en="Being checked"),
    "import": Label(zh="正在导入", en="Being imported"), "undo": Label(zh="正在撤销", en="Being taken back"),
}  # fmt: skip


def _far(now: ListProgress | None) -> ListFar | None:
    if now is None or not now.phase:
        return None
    return ListFar(PHASES[now.phase], now.done, now.total, 100 * now.done // now.total if now.total else None)


def _unsure(reach: Reach, one: ChildList) -> tuple[UnsureLine, ...]:
    """The first rows that a person settles; only children within reach are shown."""
    rows = list(ListedRow.objects.filter(listed=one, standing="unsure").order_by("place")[:UNSURE_SHOWN])
    wanted = {c[0] for r in rows for c in r.candidates}
    kind = list_reading.kind_of(one.layout)
    assert kind is not None
    seen = Child.objects.filter(list_matching.recordable(exposure.sights(reach), kind).where, pk__in=wanted)
    day: date = timezone.localdate()
    shown = {c.pk: listing.row(c, day) for c in seen.select_related("unit", "school_unit")}
    return tuple(
        UnsureLine(
            r.place, r.said | {"sex_words": words.code_label("sex", r.said.get("sex", "")).zh},
            tuple(CandidateLine(shown[pk], round(p * 100), tuple(why)) for pk, p, why in r.candidates if pk in shown),
        )
        for r in rows
    )  # fmt: skip


def repaired(reach: Reach, number: int) -> bytes:
    """The list as a workbook: every fault marked in its cell and listed on a first sheet, which is passed over when the
    copy is uploaded again."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    one = lists.found(reach, number)
    read = list_reading.reread(one)
    faults = list_checking.every_fault(read, list_checking.recheck(reach, one, read))
    told: dict[tuple[int, int], list[str]] = {}
    for fault in faults:
        told.setdefault((fault.row, max(fault.column, 0)), []).append(fault.message)
    book = Workbook(write_only=True)
    listed = book.create_sheet("核对结果")
    for line in [("单元格", "问题"), *((f.cell or f"第 {f.row + 1} 行", f.message) for f in faults)]:
        listed.append([_text(listed, text) for text in line])
    sheet, red = book.create_sheet("名单"), PatternFill("solid", fgColor="FFC7CE")
    for n, row in enumerate(zip(*(c.to_pylist() for c in read.file.cells.columns), strict=True)):
        cells = []
        for c, text in enumerate(row):
            cell = _text(sheet, text or "")
            if (n, c) in told:
                cell = cell or WriteOnlyCell(sheet, value="")
                cell.fill, cell.comment = red, Comment("\n".join(told[n, c]), "青苗")
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet: Any, text: str) -> Any:
    """A cell that holds a text, never a formula."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell
