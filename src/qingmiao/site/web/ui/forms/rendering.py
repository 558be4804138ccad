"""A form as HTML: native inputs in a fieldset for each group, with answers, faults and what they must be.

Works as a plain POST; frontend/src/form hides, computes and checks before that. Fields under a condition are all in the
page (without script a person sees the note that they depend on what stands above); what is hidden is dropped by the
server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from qingmiao.content.base import Label
from qingmiao.forms import FieldFault, Filled, ReadyField, ReadyForm
from qingmiao.forms.browser import browser_form, rows_most
from qingmiao.forms.kinds import KINDS, LONG_TEXT_MAX, TEXT_MAX, PlaceField
from qingmiao.forms.values import Position, decimal_text
from qingmiao.site.web.ui.forms.reading import EXPLAIN, FILES, kept_token
from qingmiao.site.web.ui.language import t

FEW = 8
"""So many options are shown as buttons to choose; more as a list to open."""


@dataclass(frozen=True)
class OptionShown:
    """One option of a field."""

    code: str
    label: Label
    chosen: bool


@dataclass(frozen=True)
class ShownField:
    """One field of the page: what its template needs, answers as texts."""

    field: ReadyField
    name: str
    """The name of its input, and the id that the summary of faults points to."""
    text: str = ""
    choices: tuple[OptionShown, ...] = ()
    parts: tuple[tuple[str, str, str], ...] = ()
    """(part, Chinese and English word in one, text) of a position."""
    kept: str = ""
    faults: tuple[str, ...] = ()
    queries: tuple[tuple[str, str, str], ...] = ()
    """(name of its explanation, message, what was said)."""
    fields: tuple[ShownField, ...] = ()
    rows: tuple[tuple[int, tuple[ShownField, ...]], ...] = ()
    blank_row: tuple[ShownField, ...] = ()
    most: int = 0
    longest: int = 0
    said: str = ""
    """In words, of a field that the house filled in: it is shown, not asked."""

    @property
    def template(self) -> str:
        """The word by which the template chooses the input."""
        if self.said:
            return "given"
        if self.field.type == "boolean":
            return "choose"
        if self.field.type in ("code", "area", "organisation") and self.field.choices:
            many = self.field.field.multiple
            return "choose_many" if many else "choose" if len(self.choices) <= FEW else "select"
        return self.field.type

    @property
    def label(self) -> Label:
        """The field's label."""
        return self.field.field.label or Label(zh=self.field.id)

    @property
    def unit(self) -> str:
        """The unit to show behind the label, unless the label says it."""
        unit = self.field.field.unit
        return "" if unit and f"（{unit}）" in self.label.zh else unit

    @property
    def described_by(self) -> str:
        """Ids of the help and of what is wrong."""
        help_ = f"{self.name}-help " if self.field.field.help else ""
        return f"{help_}{self.name}-fault"


def render(
    ready: ReadyForm,
    answers: Mapping[str, Any] | None = None,
    faults: Sequence[FieldFault] = (),
    *,
    on: date,
    filled: Filled | None = None,
    queries: Sequence[FieldFault] = (),
    explanations: Mapping[str, str] | None = None,
    draft: str = "",
    given: Collection[str] = (),
) -> SafeString:
    """The fields of a form (not the form element: its page has that, with the token and the button).

    `answers` are what was typed, chosen or stored, `faults` what is wrong with them, `queries` what is asked, `filled`
    the judged answers for computed values, `on` the day of filling, `draft` a name under which the browser keeps what
    is typed until it is sent, `given` the fields that the house filled in: shown in words and not asked.
    """
    values = filled.values if filled is not None else {}
    page = _FormPage(faults, queries, explanations or {}, values, frozenset(given))
    shown = page.fields(ready.fields, answers or {}, "")
    summary = [(page.name_of(f, ready), page.said(f)) for f in faults]
    context = {
        "fields": shown,
        "summary": summary,
        "whole": [page.query(q) for q in queries if not q.field],
        "form": {
            "tree": browser_form(ready),
            "day": on.isoformat(),
            "draft": draft,
            "compute": compute_address(),
        },
    }
    return SafeString(render_to_string("ui/forms/form.html", context))


def cells(columns: Sequence[ReadyField], answers: Mapping[str, Any], before: str) -> tuple[ShownField, ...]:
    """The fields of one line of a sheet; `before`: what the ids of its inputs begin with (their names are the
    fields')."""
    page = _FormPage((), (), {}, {})
    return tuple(replace(page.plain(one, answers, "", None), name=f"{before}{one.id}") for one in columns)


def compute_address() -> str:
    """Where a browser asks what functions of norms give."""
    return reverse("forms.compute")


@dataclass(frozen=True)
class _FormPage:
    faults: Sequence[FieldFault]
    queries: Sequence[FieldFault]
    explanations: Mapping[str, str]
    values: Mapping[str, Any]
    given: frozenset[str] = frozenset()

    def said(self, fault: FieldFault) -> str:
        return t(fault.message, fault.message_en)

    def query(self, fault: FieldFault) -> tuple[str, str, str]:
        return f"{EXPLAIN}{fault.key}", self.said(fault), self.explanations.get(fault.key, "")

    def name_of(self, fault: FieldFault, ready: ReadyForm) -> str:
        """The input that a fault is about; empty for the form as a whole."""
        group = next((f for f in ready.fields if f.field.repeat and fault.field in {x.id for x in f.fields}), None)
        known = fault.field in {f.id for f in ready.every()}
        return f"{group.id}.{fault.row}.{fault.field}" if group and fault.row else fault.field if known else ""

    def fields(
        self, fields: tuple[ReadyField, ...], answers: Mapping[str, Any], before: str, row: int | None = None
    ) -> tuple[ShownField, ...]:
        return tuple(self.field(one, answers, before, row) for one in fields)

    def field(self, one: ReadyField, answers: Mapping[str, Any], before: str, row: int | None) -> ShownField:
        said = tuple(self.said(f) for f in self.faults if (f.field, f.row) == (one.id, row))
        asked = tuple(self.query(q) for q in self.queries if (q.field, q.row) == (one.id, row))
        return replace(self.plain(one, answers, before, row), faults=said, queries=asked)

    def plain(self, one: ReadyField, answers: Mapping[str, Any], before: str, row: int | None) -> ShownField:
        """The field with its answer, without what is wrong with it."""
        name = before + one.id
        if one.type == "group" and not one.field.repeat:
            return ShownField(one, name, fields=self.fields(one.fields, answers, before, row))
        given = answers.get(one.id)
        if one.type == "group":
            rows = given if isinstance(given, list | tuple) else ()
            least = max(int(one.field.min or 0), 0 if rows else 1)
            filled = [*rows, *({} for _ in range(least - len(rows)))]
            shown = tuple((n, self.fields(one.fields, r, f"{name}.{n}.", n)) for n, r in enumerate(filled, start=1))
            blank = self.fields(one.fields, {}, f"{name}.__n__.")
            return ShownField(one, name, rows=shown, blank_row=blank, most=rows_most(one))
        if one.type == "computed":
            value = self.values.get(one.id)
            return ShownField(one, name, text="" if value is None else KINDS[one.type].show(one, value))
        if one.type == "place":
            return ShownField(one, name, parts=_parts(given))
        if one.type in FILES:
            return ShownField(one, name, text=_text(given), kept=kept_token(given) if given else "")
        if one.id in self.given and not before:
            return ShownField(one, name, text=_text(given), said=_words(one, given))
        longest = LONG_TEXT_MAX if one.type == "long_text" else TEXT_MAX
        return ShownField(one, name, text=_text(given), choices=_choices(one, given), longest=longest)


def _words(one: ReadyField, given: Any) -> str:
    """What the house filled in, in words; a dash where it knows nothing."""
    if given is None or given == "":
        return "—"
    label = next((o.label for o in one.field.options if o.code == given), None)
    return t(label.zh, label.en) if label is not None else one.choices.get(str(given)) or _text(given)


def _choices(one: ReadyField, given: Any) -> tuple[OptionShown, ...]:
    if one.type == "boolean":
        labels = {"是": Label(zh="是", en="Yes"), "否": Label(zh="否", en="No")}
    else:
        own = {o.code: o.label for o in one.field.options}
        labels = {c: own.get(c) or Label(zh=text) for c, text in one.choices.items()}
    chosen = set(map(str, given)) if isinstance(given, list | tuple) else {_text(given)}
    return tuple(OptionShown(c, label, c in chosen) for c, label in labels.items())


def _parts(given: Any) -> tuple[tuple[str, str, str], ...]:
    words = (t("北纬（度）", "Latitude"), t("东经（度）", "Longitude"), t("精度（米）", "Precision (m)"))
    if isinstance(given, Position):
        given = {n: getattr(given, n) for n in PlaceField.names}
    of = given if isinstance(given, Mapping) else {}
    return tuple((n, w, _text(of.get(n))) for n, w in zip(PlaceField.names, words, strict=True))


def _text(given: Any) -> str:
    """An answer as its input holds it."""
    if given is None:
        return ""
    if isinstance(given, bool):
        return "是" if given else "否"
    if isinstance(given, date):
        return given.isoformat()
    return (
        given if isinstance(given, str) else decimal_text(given) if not isinstance(given, list | tuple | dict) else ""
    )
