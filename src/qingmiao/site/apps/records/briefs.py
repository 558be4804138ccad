"""What is said of a record in one line of a timeline: the answers that its kind names (`brief`), in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyField
from qingmiao.kernel.misread import MisreadError
from qingmiao.site.apps.records import kinds, versions
from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion


def with_answers(rows: QuerySet[HealthRecord], *names: str) -> QuerySet[Any, tuple[Any, ...]]:
    """These columns of the records, then what each says now and the form by which: one query."""
    now = RecordVersion.objects.filter(record=OuterRef("pk"), number=OuterRef("version"))
    return rows.annotate(
        said_answers=Subquery(now.values("answers")), said_form=Subquery(now.values(digest=F("form__digest")))
    ).values_list(*names, "said_answers", "said_form")


def brief(kind: str, answers: Mapping[str, Any] | None, form: str | None) -> str:
    """The line of a record of a kind: 乙肝疫苗 · 第几剂 1. "" where the kind names no field or none was answered."""
    found = kinds.kinds().get(kind)
    if found is None or not found.brief or not answers or not form:
        return ""
    fields = versions.by_digest(form).single
    parts = (_said(fields[name], answers.get(name)) for name in found.brief if name in fields)
    return " · ".join(part for part in parts if part)


def _said(one: ReadyField, answer: Any) -> str:
    """One answer: a code's words alone, of everything else its label too."""
    if answer in (None, "", []):
        return ""
    kind = KINDS[one.type]
    try:
        value = kind.parse(one, answer)
    except MisreadError:
        return ""
    if value is None:
        return ""
    text = kind.show(one, value)
    return text if one.type == "code" else f"{one.field.words} {text}"
