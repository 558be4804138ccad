"""The form of a checklist: an ordinary form, so that it is shown, judged and kept as every other.

An item is one field that is answered, and fields that appear when it calls for them: whether a measured number keeps
to its limit (computed from the limit, never typed), what was found, what was done on the spot, a photograph with when
and where it was taken (the house strips what a camera writes into the file), why it does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from qingmiao.content.base import Label
from qingmiao.content.checklist_items import HELD, LIMITS, ChecklistItem
from qingmiao.content.checklists import Checklist, ChecklistSection, Instrument
from qingmiao.content.citing import cited
from qingmiao.content.forms import FILLED_ON, Form, FormCheck, FormField, Option

CONFORM: Literal["conform"] = "conform"
NOT: Literal["not"] = "not"
NA: Literal["na"] = "na"
"""What is answered to an item of type `conform`; `NA` also to the others."""
_CONFORM = Option(code=CONFORM, label=Label(zh="符合", en="in order"))
_NOT = Option(code=NOT, label=Label(zh="不符合", en="not in order"))
_THERE = Option(code=CONFORM, label=Label(zh="有", en="there"))
_LACKING = Option(code=NOT, label=Label(zh="没有", en="lacking"))
_NA = Option(code=NA, label=Label(zh="不适用", en="not applicable"))
_APPLIES = Option(code="applies", label=Label(zh="适用", en="applicable"))


def form_of(checklist: Checklist) -> Form:
    """The form of a checklist, under its id and version: `asks`, then a group for each section."""
    measured = tuple(f for i in checklist.instruments for f in _instrument(i))
    sections = tuple(_section(s) for s in checklist.sections)
    return Form(
        id=checklist.id, version=checklist.version, label=checklist.label, purpose="record",
        fields=(*measured, *checklist.asks, *sections), source=checklist.source,
    )  # fmt: skip


def fails_if(item: ChecklistItem) -> str | None:
    """The expression that is true when the item is not in order; None for what is only recorded."""
    if not item.judged:
        return None
    if item.measured or item.dated:
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


def _instrument(one: Instrument) -> Iterator[FormField]:
    """An instrument past its calibration proves nothing: the record is not taken."""
    until = f"{one.id}_until"
    lapsed = FormCheck(
        id=f"{one.id}_calibrated", check=f"{until} >= {FILLED_ON}",
        message=Label(zh=f"{one.label.zh}的检定（校准）已经过期，测得的数不能作为判定依据，请换用在有效期内的仪器",
                      en="The calibration has lapsed: measure with another instrument"),
    )  # fmt: skip
    yield FormField(id=f"{one.id}_no", label=_with(one.label, "：编号", ": its number"), type="text")
    label = _with(one.label, "：检定（校准）有效期至", ": calibrated until")
    yield FormField(id=until, label=label, type="date", checks=(lapsed,))


def _fields(item: ChecklistItem) -> Iterator[FormField]:
    shown = item.applies_if
    said = ("限值由县里设置，还没有设置，只记录" if item.unset else item.limit_words, _basis(item))
    told = Label(zh="；".join(x for x in (item.help, *said) if x))
    if item.type == "photo":
        yield from _photo(item, item.id, item.label, shown)
        return
    if item.measured:
        if item.not_applicable:
            label = _with(item.label, "：是否适用", ": applicable")
            yield FormField(id=f"{item.id}_applies", label=label, type="code", options=(_APPLIES, _NA), show_if=shown)
            yield _why(item, f"{item.id}_applies = '{NA}'")
            shown = f"{item.id}_applies = 'applies'"
        yield _number_field(item, told, shown)
        if item.judged:
            label = _with(item.label, "：符合限值", ": keeps to the limit")
            yield FormField(id=f"{item.id}_ok", label=label, type="computed", compute=keeps_if(item), show_if=shown)
    else:
        plain = (_THERE, _LACKING) if item.type in HELD else (_CONFORM, _NOT)
        own = tuple(Option(code=g.code, label=g.label) for g in item.grades) or plain
        options = (*own, _NA) if item.not_applicable else own
        yield FormField(id=item.id, label=item.label, type="code", options=options, show_if=shown, help=told)
        if item.not_applicable:
            yield _why(item, f"{item.id} = '{NA}'")
        yield from _beside(item)
    yield from _called_for(item, fails_if(item), shown)


def _number_field(item: ChecklistItem, told: Label, shown: str | None) -> FormField:
    if item.compute is not None:
        return FormField(
            id=item.id,
            label=item.label,
            type="computed",
            compute=item.compute,
            unit=item.unit,
            show_if=shown,
            help=told,
        )
    kind: Any = "integer" if item.type == "count" else "number"
    return FormField(
        id=item.id, label=item.label, type=kind, unit=item.unit, min=item.min, max=item.max, show_if=shown, help=told
    )


def _why(item: ChecklistItem, shown: str) -> FormField:
    label = _with(item.label, "：不适用的原因", ": why it does not apply")
    return FormField(id=f"{item.id}_why", label=label, type="text", show_if=shown)


def _beside(item: ChecklistItem) -> Iterator[FormField]:
    """What is asked of a document or a person that is there, and how many were interviewed."""
    there = f"{item.id} = '{CONFORM}'"
    answered = f"{item.id} <> '{NA}'" if item.not_applicable else f"{item.id} is not null"
    if item.type == "interview":
        label = _with(item.label, "：询问人数（不写姓名）", ": how many were asked")
        yield FormField(id=f"{item.id}_asked", label=label, type="integer", min=1, max=9999, unit="人",
                        show_if=answered)  # fmt: skip
    if item.type == "person":
        label = _with(item.label, "：岗位", ": post")
        yield FormField(id=f"{item.id}_who", label=label, type="text", show_if=there)
    if item.type in HELD:
        label = _with(item.label, "：证书编号" if item.type == "person" else "：编号", ": number")
        yield FormField(id=f"{item.id}_no", label=label, type="text", show_if=there, required=False)
    if item.dated:
        label = _with(item.label, "：有效期至", ": valid until")
        yield FormField(id=f"{item.id}_until", label=label, type="date", show_if=there)
        label = _with(item.label, "：在有效期内", ": in force")
        compute = f"{there} and {item.id}_until >= {FILLED_ON}"
        yield FormField(id=f"{item.id}_ok", label=label, type="computed", compute=compute, show_if=answered)


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
        yield from _photo(item, f"{item.id}_photo", label, applies if item.photo == "always" else fails)


def _photo(item: ChecklistItem, id_: str, label: Label, shown: str | None) -> Iterator[FormField]:
    """A photograph, and when and where it was taken: one without them proves nothing."""
    yield FormField(id=id_, label=label, type="photo", show_if=shown)
    when, where = _with(item.label, "：拍摄时间", ": taken at"), _with(item.label, "：拍摄地点", ": taken where")
    yield FormField(id=f"{item.id}_photo_at", label=when, type="datetime", show_if=shown)
    yield FormField(id=f"{item.id}_photo_where", label=where, type="text", show_if=shown)


def _basis(item: ChecklistItem) -> str:
    return f"依据：{cited(item.source)}"


def _with(label: Label, zh: str, en: str) -> Label:
    return Label(zh=f"{label.zh}{zh}", en=f"{label.en}{en}" if label.en else "")


def _number(value: Decimal) -> str:
    return f"{value:f}" if value >= 0 else f"({value:f})"
