"""What a page does with a document, which it knows by its number: the steps of `documents` for whoever sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from qingmiao.content.documents import DocumentKind
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import documents
from qingmiao.site.apps.acting.apart import is_open
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.acting.permissions import may_see, units_to_record
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach


def record_for(
    reach: Reach,
    kind: DocumentKind,
    unit_id: str,
    *,
    year: int,
    on_date: date,
    title: str,
    text: str,
    score: Decimal | None = None,
    decisions: str = "",
    answers: Mapping[str, Any] | None = None,
    explanations: Mapping[str, str] | None = None,
) -> int:
    """Record a document of a unit that the person may record for; its number.

    Raises AbsentError for whoever may record for none, UserError for another unit and as `documents.record` does.
    """
    units = Organisation.objects.filter(pk__in=units_to_record(reach, kind), is_active=True)
    unit = units.filter(pk=unit_id).first()
    if unit is None:
        if not units.exists():
            raise AbsentError("由别的角色记录")
        raise UserError("请选择单位")
    made = documents.record(
        reach.person, kind=kind.id, year=year, on_date=on_date, unit=unit, title=title, text=text, score=score,
        decisions=decisions, answers=answers, explanations=explanations,
    )  # fmt: skip
    return int(made.pk)


def rewrite_document(
    reach: Reach,
    number: int,
    *,
    version: int,
    title: str,
    text: str,
    answers: Mapping[str, Any] | None = None,
    explanations: Mapping[str, str] | None = None,
) -> None:
    """`documents.rewrite` for a document that the person sees; AbsentError for another."""
    documents.rewrite(
        reach.person, _seen(reach, number), version=version, title=title, text=text, answers=answers,
        explanations=explanations,
    )  # fmt: skip


def move_document(
    reach: Reach, number: int, name: str, *, version: int, score: Decimal | None, said: Mapping[str, str]
) -> None:
    """`documents.move_activity` for a document that the person sees; AbsentError for another."""
    documents.move_activity(reach, _seen(reach, number), name, version=version, score=score, said=said)


def add_document_file(reach: Reach, number: int, upload: UploadedFile[bytes]) -> None:
    """`documents.add_evidence` for a document that the person sees; AbsentError for another."""
    documents.add_evidence(reach.person, upload, activity=_seen(reach, number))


def _seen(reach: Reach, number: int) -> Activity:
    found = Activity.objects.select_related("unit", "made_by", "signed_by", "reviewed_by").filter(pk=number).first()
    if found is None or not may_see(reach, found.unit_id) or not is_open(reach, found):
        raise AbsentError("没有这份材料")
    return found
