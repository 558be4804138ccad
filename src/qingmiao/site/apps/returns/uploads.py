"""Uploaded workbooks: kept by their hash, read in the throw-away process, shown with every fault or as a preview,
applied whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.collect.filled import UNREADABLE, FilledReturn, SheetFault, judge, read_filled, repaired_copy
from qingmiao.collect.mapping import SheetMapping, read_mapped
from qingmiao.collect.rules import CellKey
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import NotAllowedError, overtaken
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.returns import pack_returns, policies, saving, sheet
from qingmiao.site.apps.returns.models import Filing, Upload
from qingmiao.site.apps.returns.models import Mapping as SavedMapping
from qingmiao.site.apps.returns.reading import a_place
from qingmiao.site.apps.returns.sheet import Returned

MAX_BYTES = files.WORKBOOKS.most
MAX_LISTED = 200
MAX_TEXT = 1000
GET_TEMPLATE = "在本表页面点「下载本表模板」，用它填报"


@dataclass(frozen=True)
class UploadView:
    """An uploaded workbook as pages show it: `cells` are the texts that it would write, `stale`: the figures changed
    since."""

    pk: int
    name: str
    state: str
    state_label: str
    uploaded_at: datetime
    uploaded_by: str
    faults: tuple[Mapping[str, Any], ...]
    cells: Mapping[str, str]
    stale: bool


LISTED = 20


def uploads(filing: Returned) -> list[UploadView]:
    """The workbooks uploaded for a return last, the newest first."""
    rows = Upload.objects.filter(filing=filing.pk).select_related("uploaded_by").order_by("-pk")[:LISTED]
    return [_view(u, filing) for u in rows]


def upload_of(filing: Returned, number: int) -> UploadView:
    """One workbook of a return. Raises AbsentError where it has none of that number."""
    found = Upload.objects.filter(pk=number, filing=filing.pk).select_related("uploaded_by").first()
    if found is None:
        raise access.AbsentError("没有这个文件")
    return _view(found, filing)


def _view(upload: Upload, filing: Returned) -> UploadView:
    return UploadView(
        upload.pk, upload.name, upload.state, dict(Upload.STATES)[upload.state], upload.uploaded_at,
        upload.uploaded_by.name if upload.uploaded_by is not None else "", tuple(upload.faults), upload.cells,
        (upload.version, upload.revision) != (filing.version, filing.revision),
    )  # fmt: skip


def uploaded_before(filing: Returned, data: bytes) -> int:
    """The number of the newest upload of the very same bytes for a return; 0 where there is none."""
    same = Upload.objects.filter(filing=filing.pk, sha256=hashlib.sha256(data).hexdigest()).order_by("-pk")
    return same.values_list("pk", flat=True).first() or 0


def stored(upload: Upload) -> Path:
    """The file of an upload."""
    return files.path_of(files.WORKBOOKS, f"{upload.sha256}.xlsx")


def receive(by: access.By, filing: Returned, *, name: str, data: bytes, mapping: int | None = None) -> int:
    """Keep and read one workbook for a filing; what is wrong with it stands in the upload, whose number this gives.

    A workbook that waits to be written already, with the figures as they were then, is not read twice.

    `mapping`: the number of one of the unit's mappings for this return. Raises AbsentError where it is not the person's
    to fill in, NotAllowedError for one that is closed or too large, or a mapping that is not there; never for a bad
    file.

    The workbook is read before the transaction begins: a slow or hostile file holds no lock.
    """
    filing = Filing.objects.select_related("unit").get(pk=filing.pk)
    with access.work(by, filing, "fill") as doing:
        actor = doing.person
    assert actor is not None  # no job uploads
    access.allow(policies.can_edit(filing))
    how = (
        None
        if mapping is None
        else SavedMapping.objects.filter(pk=mapping, unit=filing.unit_id, return_id=filing.return_id).first()
    )
    if mapping is not None and how is None:
        raise NotAllowedError("没有这个对照")
    if len(data) > MAX_BYTES:
        raise NotAllowedError(f"文件超过 {MAX_BYTES >> 20} MB")
    digest = hashlib.sha256(data).hexdigest()
    seen = {"sha256": digest, "mapping": how, "version": filing.version, "revision": filing.revision, "state": "ready"}
    waiting = Upload.objects.filter(filing=filing, **seen).order_by("-pk").first()
    if waiting is not None:
        return waiting.pk
    shown = "".join(c for c in os.path.basename(name.replace("\\", "/")) if c.isprintable())[-200:] or "上传文件"
    with a_place(actor):
        filled = _read(filing, data, shown, how)
    present = sheet.load(filing)
    faults = _faults(filing, filled, present)
    errors = [f for f in faults if f.kind == "error"]
    cells = {} if errors else _texts(filled, present)
    upload = Upload(
        filing=filing, version=filing.version, revision=filing.revision, name=shown, sha256=digest, size=len(data),
        mapping=how, state="refused" if errors else "ready", faults=[_as_json(f) for f in faults[:MAX_LISTED]],
        cells=cells, uploaded_at=timezone.now(), uploaded_by=actor,
    )  # fmt: skip
    new = files.write_once(stored(upload), data)
    detail = {
        "file": shown,
        "sha256": digest,
        "size": len(data),
        "state": upload.state,
        "faults": len(faults),
    }
    try:
        with access.work(by, filing, "fill"):
            upload.save()
            audit.append(actor, "returns.upload", object_type="filing", object_id=filing.pk, detail=detail)
    except BaseException:
        if new:  # no record, no file
            stored(upload).unlink(missing_ok=True)
        raise
    return upload.pk


def _read(filing: Filing, data: bytes, shown: str, mapping: SavedMapping | None) -> FilledReturn:
    if mapping is None:
        return read_filled(pack_returns.pack().returns, data, shown, get_template=GET_TEMPLATE, area_name=_area_name)
    return_ = pack_returns.return_of(filing.return_id)
    how = SheetMapping.from_json(json.dumps(mapping.content))
    return read_mapped(return_, how, data, shown, year=filing.year, area=filing.area_id)


def _area_name(code: str) -> str | None:
    area = pack_returns.pack().areas.get(code)
    return area.name if area is not None else None


def _faults(filing: Filing, filled: FilledReturn, present: sheet.Sheet) -> list[SheetFault]:
    """The faults of reading, of being another return's sheet, and of the rules."""
    if filled.return_ is None:
        return list(filled.faults)
    foreign = list(_foreign(filing, filled))
    if foreign:
        return foreign
    last = {sheet.key_of(c): v for c, v in present.last.items()}
    found = judge(filled, present.rules, last)
    known = set(present.rules.lines)
    for key, value in filled.cells.items():
        if key in known and value is not None:
            try:
                sheet.fine_enough(value)
            except ValueError as e:
                where, cell = filled.places[key]
                found.append(SheetFault("wrong_type", str(e), sheet=where, cells=(cell,)))
    return found


def _foreign(filing: Filing, filled: FilledReturn) -> list[SheetFault]:
    """What the hidden sheet says must be this very return."""
    return_ = pack_returns.return_of(filing.return_id)
    wrong = []
    if filled.return_ is not None and filled.return_.id != filing.return_id:
        wrong.append(
            (
                "wrong_return",
                f"这是 {filled.return_.form_no}《{filled.return_.label.zh}》，要的是 {return_.form_no}《{return_.label.zh}》",
            )
        )
    if filled.year != filing.year:
        wrong.append(("wrong_period", f"这是 {filled.year} 年的表，要的是 {filing.year} 年"))
    if filled.area != filing.area_id:
        wrong.append(
            (
                "wrong_area",
                f"这是地区 {filled.area} 的表，要的是 {pack_returns.area_name(filing.area_id)}（{filing.area_id}）",
            )
        )
    if filled.organisation and filled.organisation != filing.unit.label:
        wrong.append(("wrong_unit", f"这是“{filled.organisation}”的表，要的是“{filing.unit.label}”"))
    return [SheetFault(code, message, hint=GET_TEMPLATE) for code, message in wrong]


def _texts(filled: FilledReturn, present: sheet.Sheet) -> dict[str, str]:
    """What would be written: the filled cells that differ from the present ones. A cell that the workbook does not hold
    stays."""
    open_cells = {sheet.key_of(c) for c in present.rules.return_.filled}
    changed: dict[str, str] = {}
    for key, value in filled.cells.items():
        if key in open_cells and _differs(present.values, key, value):
            changed[sheet.code_of(key)] = sheet.shown(value)
    return changed


def _differs(values: Mapping[CellKey, Decimal | None], key: CellKey, value: Decimal | None) -> bool:
    return values.get(key) != value


def _as_json(fault: SheetFault) -> dict[str, Any]:
    """A fault to keep; texts and addresses without end are cut."""
    return {
        "code": fault.code, "message": fault.message[:MAX_TEXT], "kind": fault.kind, "rule": fault.rule,
        "sheet": fault.sheet[:MAX_TEXT], "cells": list(fault.cells[:MAX_LISTED]), "hint": fault.hint[:MAX_TEXT],
    }  # fmt: skip


@transaction.atomic
def apply(by: access.By, upload_id: int) -> saving.Saved:
    """Write what the preview showed.

    Raises AbsentError where it is not the person's to fill in, ConflictError when the figures changed since the file
    was read, NotAllowedError when it was used.
    """
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    access.require(by, Filing.objects.get(pk=upload.filing_id), "fill")
    filing = Filing.objects.select_for_update().get(pk=upload.filing_id)
    if upload.state != "ready":
        raise NotAllowedError("这个文件已经写入、已放弃或有错误")
    if (filing.version, filing.revision) != (upload.version, upload.revision):
        raise overtaken(filing)
    saved = saving.save(by, filing.pk, saving.Edits(filing.revision, cells=upload.cells))
    if saved.faults or saved.conflicts:
        raise NotAllowedError("文件没有写入：" + "；".join(saved.faults.values()))
    detail = {"upload": upload.pk, "sha256": upload.sha256, "cells": len(upload.cells)}
    with access.work(by, filing, "fill") as doing:
        Upload.objects.filter(pk=upload.pk).update(state="applied", applied_at=doing.at)
        audit.append(doing.actor, "returns.upload.apply", object_type="filing", object_id=filing.pk, detail=detail)
    return saved


def can_be_marked(upload: Upload | UploadView) -> bool:
    """Whether a marked copy can be made: the file is a workbook that could be read, and there is something to mark."""
    return bool(upload.faults) and not any(f["code"] in UNREADABLE for f in upload.faults)


def repaired(actor: Person, shown: UploadView) -> bytes:
    """A copy of the workbook with the faults marked in its cells and listed on a first sheet. Raises WorkbookError,
    NotAllowedError."""
    upload = Upload.objects.get(pk=shown.pk)
    faults = [SheetFault(**{**f, "cells": tuple(f["cells"])}) for f in upload.faults]
    with a_place(actor):
        return repaired_copy(stored(upload), upload.name, faults)
