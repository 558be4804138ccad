"""The form of a document's kind, kept as it was when the document was recorded: answers are shown and judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from qingmiao.content.documents import DocumentKind
from qingmiao.content.evaluations import EvaluationScheme, form_of
from qingmiao.content.forms import Form
from qingmiao.forms import FieldFault, Filled, ReadyForm, fill
from qingmiao.forms.answers import document, shown
from qingmiao.forms.frozen import freeze_form, thaw
from qingmiao.forms.ready import places, ready_form
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.pack import pack


class UnfilledError(UserError):
    """The answers cannot be kept: `faults` block, `queries` want a word of explanation. Nothing was stored."""

    def __init__(self, filled: Filled, unexplained: tuple[FieldFault, ...]) -> None:
        self.filled = filled
        found = (*filled.faults, *unexplained)
        super().__init__(f"有 {len(found)} 处要改好或说明，第一处：{found[0].message}")


def ready_for(kind: DocumentKind) -> ReadyForm | None:
    """The form that a new document of a kind is filled in by; None where the kind has none."""
    form = _form(kind)
    return ready_form(form, pack().facts, pack().codes, places(pack())) if form is not None else None


def _form(kind: DocumentKind) -> Form | None:
    """A kind's form; one that is scored by a scheme has the form that is made of it."""
    if kind.scheme is not None:
        return form_of(pack().entries("evaluations", EvaluationScheme)[kind.scheme], pack().policy)
    return pack().forms[kind.form] if kind.form is not None else None


def ready_of(activity: Activity) -> ReadyForm | None:
    """The form that a document was recorded by, whatever its kind says today; None where there was none."""
    return thaw(activity.frozen, places(pack())) if activity.frozen is not None else None


def fill_new(
    activity: Activity, kind: DocumentKind, answers: Mapping[str, Any], explanations: Mapping[str, str], on: date
) -> None:
    """Give a document that is not yet stored its kind's form and answers. UnfilledError where they cannot be kept."""
    ready, form = ready_for(kind), _form(kind)
    if ready is None or form is None:
        if answers:
            raise UserError(f"“{kind.label.zh}”没有表单，不收表单的内容")
        return
    activity.frozen = freeze_form(pack(), form)
    for name, value in kept(ready, answers, explanations, on).items():
        setattr(activity, name, value)


def kept(ready: ReadyForm, answers: Mapping[str, Any], explanations: Mapping[str, str], on: date) -> dict[str, Any]:
    """The columns of judged answers. Raises UnfilledError while something is wrong or asked and not explained."""
    filled = fill(ready, answers, on=on)
    asked = filled.unexplained(explanations)
    if filled.faults or asked:
        raise UnfilledError(filled, asked)
    said = {q.key: explanations[q.key] for q in filled.queries}
    return {"answers": document(ready, filled)["answers"], "explanations": said, "filled_date": on}


def lines_of(activity: Activity) -> list[tuple[str, str]]:
    """(label, answer in words) of what a document's form holds, in its order."""
    ready = ready_of(activity)
    if ready is None or activity.filled_date is None:
        return []
    return shown(ready, fill(ready, activity.answers, on=activity.filled_date))


def differ(ready: ReadyForm, answers: Mapping[str, Any], kept: Mapping[str, Any], on: date) -> bool:
    """Whether what is typed says something else than what a document's form holds, both judged on a day."""
    typed, held = (fill(ready, x, on=on) for x in (answers, kept))
    return bool(typed.faults) or typed.values != held.values


def open_answers(ready: ReadyForm, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that the trail may keep: those of no field that is 敏感 or 核心."""
    closed = {f.id for f in ready.every() if f.field.sensitivity in ("敏感", "核心")}
    inner = {f.id: {x.id for x in f.fields} for f in ready.fields if f.field.repeat}
    found = {k: v for k, v in answers.items() if k not in closed}
    return {k: v for k, v in found.items() if not inner.get(k, set()) & closed}
