"""Lists of children written in the layouts in which they are uploaded, so that nobody types twice: for a purpose, in
the ledger, of the children for whom the person records the kind.

What a layout asks once for a whole file is the same in all rows of one export: records that differ in it are exported
apart, so that the file may be uploaded again as it is, and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from qingmiao.collect.sheet_out import ListedPerson, columns, workbook
from qingmiao.content.sheets import ListLayout
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import (
    exposure,
    kinds,
    list_matching,
    list_reading,
    lists,
    looking,
    purposes,
    sealing,
    versions,
)
from qingmiao.site.apps.records.event_models import RecordVersion
from qingmiao.site.apps.records.models import Child, Relation, Relative

MOST = 50_000
"""So many rows are exported at once; more is parted by class or days."""
OCCASIONS = 100
"""So many occasions are offered at once, the newest first."""


@dataclass(frozen=True)
class OutAsked:
    """What is exported: records of a layout from a day to another, of one class or of all ("")."""

    layout: str
    first: date
    last: date
    school_class: str = ""


@dataclass(frozen=True)
class OutOccasion:
    """Records that one file holds: what is said once of all (field's words, how), how many, from when to when."""

    key: str
    said: tuple[tuple[str, str], ...]
    rows: int
    first: date
    last: date


def layouts(reach: Reach) -> tuple[ListLayout, ...]:
    """The layouts that this person exports: of those that are written, the ones that the person uploads. AbsentError
    for who has none."""
    found = tuple(one for one in lists.open_layouts(reach) if one.out)
    if not found:
        raise AbsentError("没有这个页面")
    return found


def may_export(reach: Reach) -> bool:
    """Whether this person exports any list."""
    return lists.may_upload(reach) and any(one.out for one in lists.open_layouts(reach))


def occasions(reach: Reach, asked: OutAsked) -> tuple[OutOccasion, ...]:
    """What may be exported, a file a line, the newest first."""
    layout = _layout(reach, asked.layout)
    rows = _records(reach, layout, asked)
    named = {f"asked_{n}": KeyTextTransform(f, "answers") for n, f in enumerate(layout.asked)}
    counted = rows.annotate(**named).values(*named).annotate(
        many=Count("pk"), first=Min("on_date"), last=Max("on_date")
    )  # fmt: skip
    words = lists.asked_of(layout)
    found = []
    for one in counted.order_by("-last", *named)[:OCCASIONS]:
        said = [one[name] or "" for name in named]
        shown = tuple((label.zh, text) for (_, label, _), text in zip(words, said, strict=True))
        found.append(OutOccasion(_key(said), shown, one["many"], one["first"], one["last"]))
    return tuple(found)


def export(reach: Reach, asked: OutAsked, key: str, *, purpose: str) -> tuple[str, bytes]:
    """One occasion as a workbook in the layout: its file's name and bytes. It stands in the ledger and in the list of
    those who looked at each child. AbsentError for who may not, UserError without a purpose or rows."""
    layout = _layout(reach, asked.layout)
    why = " ".join(purpose.split())[:200]
    if len(why) < access.LEAST_WORDS:
        raise UserError(f"请写明导出的用途（不少于 {access.LEAST_WORDS} 个字）")
    chosen = next((one for one in occasions(reach, asked) if one.key == key), None)
    if chosen is None:
        raise UserError("没有这一批记录，请刷新页面后重新选择")
    if chosen.rows > MOST:
        raise UserError(f"有 {chosen.rows} 行，一次最多导出 {MOST} 行；请缩小日期范围，或者按班级导出")
    rows = [v for v in _records(reach, layout, asked) if _key([_text(v.answers.get(f)) for f in layout.asked]) == key]
    rows.sort(key=_order)
    ready = versions.ready(versions.form_kept(kinds.kinds()[layout.record].form))
    children = [v.record.child_id or 0 for v in rows]
    seen, mothers = _numbered(reach, children), _mothers(reach, children) if layout.registers else {}
    people = [ListedPerson(_says(v, seen, mothers), v.answers) for v in rows]
    cells = columns(layout, ready, people, list_reading.codes())
    now, who = timezone.localtime(), reach.person
    told = {
        "名单": layout.label.zh, "导出人": f"{who.name}（{who.organisation.label}）",
        "导出时间": f"{now:%Y年%-m月%-d日 %H:%M}", "用途": why, "行数": str(len(rows)), **dict(chosen.said),
    }  # fmt: skip
    data = workbook(layout, ready, cells, told)
    _written_down(reach, layout, asked, children, why, data)
    return f"{layout.label.zh}-{now:%Y%m%d}.xlsx", data


def _layout(reach: Reach, layout: str) -> ListLayout:
    found = next((one for one in layouts(reach) if one.id == layout), None)
    if found is None:
        raise AbsentError("没有这种名单")
    return found


def _records(reach: Reach, layout: ListLayout, asked: OutAsked) -> QuerySet[RecordVersion]:
    """What the records of the kind say now, of the children for whom the person records it, as far as the layout holds
    them: what it fixes for every row is so in them."""
    kind = kinds.kinds()[layout.record]
    within = Child.objects.filter(list_matching.recordable(exposure.sights(reach), kind).where)
    if asked.school_class:
        within = within.filter(school_class=asked.school_class)
    rows = RecordVersion.objects.filter(
        record__kind=kind.id, number=F("record__version"), withdrawn=False, record__child__in=within.values("pk"),
        on_date__gte=asked.first, on_date__lte=asked.last,
    )  # fmt: skip
    for field, answer in layout.fixed.items():
        rows = rows.filter(**{f"answers__{field}": answer})
    return rows.select_related("record", "record__child", "record__child__school_unit")


def _key(said: list[str]) -> str:
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def _text(value: Any) -> str:
    """A stored answer as the database gives it as text."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _order(version: RecordVersion) -> tuple[Any, ...]:
    child = version.record.child
    assert child is not None
    return (child.grade, child.school_class, child.name_key, child.pk, version.on_date, version.record_id)


def _numbered(reach: Reach, children: list[int]) -> set[int]:
    """Of some children those whose numbers this person may see in full."""
    of = exposure.sights(reach)
    masked = exposure.Sights(of.person, tuple(h for h in of.held if h.rule.identity == "masked"), of.charges,
                             frozenset(), of.units)  # fmt: skip
    rows = Child.objects.filter(masked.where, pk__in=children)
    return set(rows.values_list("pk", flat=True))


def _says(version: RecordVersion, numbered: set[int], mothers: Mapping[int, Relative]) -> Mapping[str, Any]:
    child = version.record.child
    assert child is not None
    found = {
        "name": child.name, "sex": child.sex, "birth": child.birth_date, "grade": child.grade,
        "school_class": child.school_class, "area": child.area, "village": child.village,
    }  # fmt: skip
    if child.pk in numbered:
        found["number"] = sealing.opened(sealing.CHILD, sealing.NUMBER, child.pk, child.number_sealed)
        found["certificate"] = sealing.opened(sealing.CHILD, sealing.CERTIFICATE, child.pk, child.certificate_sealed)
    mother = mothers.get(child.pk)
    if mother is not None:
        found["mother"] = mother.name
        if child.pk in numbered:
            found["mother_number"] = sealing.opened(sealing.RELATIVE, sealing.NUMBER, mother.pk, mother.number_sealed)
            found["mother_phone"] = sealing.opened(sealing.RELATIVE, sealing.PHONE, mother.pk, mother.phone_sealed)
    return found


def _mothers(reach: Reach, children: list[int]) -> dict[int, Relative]:
    """Child → mother, as far as this person sees the relation."""
    units = exposure.sights(reach).units
    rows = Relation.objects.filter(child__in=children, kind=list_matching.MOTHER, to_date=None)
    rows = rows.filter(Q(sealed=False) | Q(child__unit__in=units)).select_related("relative").order_by("-pk")
    return {r.child_id: r.relative for r in rows}


@transaction.atomic
def _written_down(
    reach: Reach, layout: ListLayout, asked: OutAsked, children: list[int], purpose: str, data: bytes
) -> None:  # fmt: skip
    detail = {
        "layout": layout.id, "from": asked.first, "to": asked.last, "class": asked.school_class, "purpose": purpose,
        "rows": len(children), "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    audit.seen_each(
        reach.person, looking.TAKEN, object_type=looking.CHILD, object_ids=sorted(set(children)),
        detail={"purposes": purposes.daily(reach), "purpose": purpose},
    )  # fmt: skip
    looking.seen_rows(reach, looking.EXPORT, detail)
