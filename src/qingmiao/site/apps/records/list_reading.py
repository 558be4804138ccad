"""A list of children as it is read: its layout, its file, the unit's own headings."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from qingmiao.collect.child_sheets import FoundHeadings, ReadRows, find_headings, read_rows
from qingmiao.collect.table_file import ListFile, read_list
from qingmiao.collect.workbook import WorkbookError
from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind
from qingmiao.content.sheets import ListLayout
from qingmiao.forms import ReadyForm
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records import kinds, sealing, versions
from qingmiao.site.apps.records.list_judging import ListAtHand
from qingmiao.site.apps.records.list_models import ChildList, HeadingMap

_NOBODY = pa.table({"name": pa.array([], pa.string())})


def layouts() -> dict[str, ListLayout]:
    """Every layout, low `order` first."""
    found = site_pack.pack().entries("sheets", ListLayout)
    return {s.id: s for s in sorted(found.values(), key=lambda s: (s.order, s.id))}


def kind_of(layout: str) -> RecordKind | None:
    """The kind of record of a layout; None of one that the pack no longer has."""
    found = layouts().get(layout)
    return kinds.kinds().get(found.record) if found is not None else None


@dataclass(frozen=True)
class ListRead:
    """A list as it was read: its layout, form, headings, rows."""

    layout: ListLayout
    kind: RecordKind
    ready: ReadyForm
    file: ListFile
    found: FoundHeadings
    rows: ReadRows

    def at_hand(self, asked: Mapping[str, str]) -> ListAtHand:
        """The list with what was answered once for all rows."""
        return ListAtHand(self.kind, self.ready, self.found, self.rows, asked)


def asked_of(layout: ListLayout) -> tuple[tuple[str, Label, str], ...]:
    """(field, words, type) of what is answered once for the whole file."""
    kind = kinds.kinds()[layout.record]
    fields = {f.id: f for f in versions.ready(versions.form_kept(kind.form)).every()}
    return tuple((f, Label(zh=fields[f].field.words), fields[f].type) for f in layout.asked)


def read_file(layout: ListLayout, data: bytes, shown: str, headings: Mapping[str, str]) -> ListRead:
    """Read a file in a layout. Raises UserError for one that cannot be read at all."""
    kind = kinds.kinds()[layout.record]
    ready = versions.ready(versions.form_kept(kind.form))
    try:
        file = read_list(data, shown)
    except WorkbookError as e:
        raise UserError(f"{shown}：{e.fault.message}", [e.fault]) from None
    found = find_headings(layout, file, headings)
    rows = read_rows(layout, file, found, ready, codes()) if not found.faults else ReadRows([], _NOBODY)
    return ListRead(layout, kind, ready, file, found, rows)


def codes() -> dict[str, dict[str, str]]:
    """Word of a column → code → words, of what a list says of a child in codes."""
    known = site_pack.pack().codes
    return {name: {i.code: i.label.zh for i in known[name].items} for name in ("sex", "grade") if name in known}


def opened(listed: ChildList) -> bytes:
    """The bytes of the file as it was uploaded."""
    return base64.b64decode(sealing.opened(sealing.LIST, sealing.LISTED, listed.pk, listed.file_sealed))


def reread(listed: ChildList) -> ListRead:
    """The sealed file, read again with the unit's headings as they are now."""
    return read_file(
        layouts()[listed.layout], opened(listed), listed.name, saved_headings(listed.unit_id, listed.layout)
    )


def saved_headings(unit: str, layout: str) -> dict[str, str]:
    """A unit's own headings of a layout: heading of the file → heading of the layout."""
    saved = HeadingMap.objects.filter(unit=unit, layout=layout).first()
    return dict(saved.headings) if saved is not None else {}
