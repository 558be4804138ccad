"""The form of a checklist: an ordinary form, so that it is shown, judged and kept as every other.

An item is one field that is answered, and fields that appear when it calls for them: whether a measured number keeps
to its limit (computed from the limit, never typed), what was found, what was done on the spot, a photograph.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from qingmiao.content.base import Label
from qingmiao.content.checklists import LIMITS, Checklist, ChecklistItem, ChecklistSection
from qingmiao.content.citing import cited
from qingmiao.content.forms import Form, FormField, Option

CONFORM: Literal["conform"] = "conform"
NOT: Literal["not"] = "not"
NA: Literal["na"] = "na"
"""What is answered to an item of type `conform`; `NA` also to the others."""
_CONFORM = Option(code=CONFORM, label=Label(zh="符合", en="in order"))
_NOT = Option(code=NOT, label=Label(zh="不符合", en="not in order"))
_NA = Option(code=NA, label=Label(zh="不适用", en="not applicable"))
_APPLIES = Option(code="applies", label=Label(zh="适用", en="applicable"))


def form_of(checklist: Checklist) -> Form:
    """The form of a checklist, under its id and version: `asks`, then a group for each section."""
    sections = tuple(_section(s) for s in checklist.sections)
    return Form(
        id=checklist.id, version=checklist.version, label=checklist.label, purpose="record",
        fields=(*checklist.asks, *sections), source=checklist.source,
    )  # fmt: skip


def fails_if(item: ChecklistItem) -> str | None:
    """The expression that is true when the item is not in order; None for what is only recorded."""
    if not item.judged:
        return None
    if item.measured:
        return f"not {item.id}_ok"
    codes = [g.code for g in item.grades if not g.conforms] or [NOT]
    return f"{item.id} in ({', '.join(repr(c) for c in codes)})"


def keeps_if(item: ChecklistItem) -> str:
    """The expression that is true when a measured number keeps to its limits: 'lux >= 300'."""
    return " and ".join(f"{item.id} {LIMITS[key][1]} {_number(value)}" for key, value in item.limits())


def _section(section: ChecklistSection) -> FormField:
    inner = (*section.asks, *(f for item in section.items for f in _fields(item)))
    rows: dict[str, Any] = {"repeat": True, "min": section.min or 1, "max": section.max} if section.repeat else {}
    return FormField(id=section.id, label=section.label, type="group", fields=inner, **rows)


def _fields(item: ChecklistItem) -> Iterator[FormField]:
    shown = item.applies_if
    told = Label(zh="；".join(x for x in (item.help, item.limit_words, _basis(item)) if x))
    if item.measured:
        if item.not_applicable:
            label = _with(item.label, "：是否适用", ": applicable")
            yield FormField(id=f"{item.id}_applies", label=label, type="code", options=(_APPLIES, _NA), show_if=shown)
            shown = f"{item.id}_applies = 'applies'"
        kind: Any = "integer" if item.type == "count" else "number"
        yield FormField(
            id=item.id, label=item.label, type=kind, unit=item.unit, min=item.min, max=item.max, show_if=shown,
            help=told,
        )  # fmt: skip
        if item.judged:
            label = _with(item.label, "：符合限值", ": keeps to the limit")
            yield FormField(id=f"{item.id}_ok", label=label, type="computed", compute=keeps_if(item), show_if=shown)
    else:
        own = tuple(Option(code=g.code, label=g.label) for g in item.grades) or (_CONFORM, _NOT)
        options = (*own, _NA) if item.not_applicable else own
        yield FormField(id=item.id, label=item.label, type="code", options=options, show_if=shown, help=told)
    yield from _called_for(item, fails_if(item), shown)


def _called_for(item: ChecklistItem, fails: str | None, shown: str | None) -> Iterator[FormField]:
    """What appears when an item is not in order, and its photograph."""
    if fails is not None:
        label = _with(item.label, "：发现的问题", ": what was found")
        yield FormField(id=f"{item.id}_said", label=label, type="long_text", show_if=fails)
        if item.severity == "immediate":
            label = _with(item.label, "：当场采取的措施", ": what was done on the spot")
            yield FormField(id=f"{item.id}_done", label=label, type="long_text", show_if=fails)
    if item.photo == "always" or (item.photo == "if_not" and fails is not None):
        label = _with(item.label, "：照片", ": photograph")
        applies = f"{item.id} <> '{NA}'" if item.not_applicable and not item.measured else shown
        yield FormField(
            id=f"{item.id}_photo", label=label, type="photo", show_if=applies if item.photo == "always" else fails
        )


def _basis(item: ChecklistItem) -> str:
    return f"依据：{cited(item.source)}"


def _with(label: Label, zh: str, en: str) -> Label:
    return Label(zh=f"{label.zh}{zh}", en=f"{label.en}{en}" if label.en else "")


def _number(value: Decimal) -> str:
    return f"{value:f}" if value >= 0 else f"({value:f})"
