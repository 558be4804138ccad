"""An entry judged by its register: what is wrong with it, its key, the first day on which something of it expires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from qingmiao.content.codes import CodeList
from qingmiao.content.facts import Fact
from qingmiao.content.register_forms import register_form
from qingmiao.content.registers import RegisterKind
from qingmiao.forms import FieldFault, Filled, ReadyForm, fill
from qingmiao.forms.answers import document
from qingmiao.forms.ready import Places, ready_form
from qingmiao.registers.expiring import first_end
from qingmiao.registers.keys import credit_code_fault, unique_key


@dataclass(frozen=True)
class ReadyRegister:
    """A register with its form ready."""

    kind: RegisterKind
    form: ReadyForm

    @property
    def labels(self) -> dict[str, str]:
        """Field → its Chinese name."""
        return {f.id: f.field.words for f in self.form.every()}


@dataclass(frozen=True)
class JudgedEntry:
    """An entry as it was judged. `answers`: as they are stored; `expires`: None where nothing of it does."""

    filled: Filled
    answers: Mapping[str, Any]
    faults: tuple[FieldFault, ...]
    key: str
    expires: date | None

    @property
    def values(self) -> Mapping[str, Any]:
        """Field → answer or computed value."""
        return self.filled.values


def ready_register(
    kind: RegisterKind, facts: Mapping[str, Fact], codes: Mapping[str, CodeList], places: Places
) -> ReadyRegister:
    """A checked register ready, with the fact tables, code lists, areas and units of its pack."""
    return ReadyRegister(kind, ready_form(register_form(kind), facts, codes, places))


def judge(
    ready: ReadyRegister, answers: Mapping[str, Any], *, on: date, within: int | None = None, person: int | None = None
) -> JudgedEntry:
    """Judge an entry as of a day. `within`, `person`: numbers of what it belongs to and of whose post it is.

    An entry without a key is a fault: nothing would keep it from being entered twice.
    """
    filled = fill(ready.form, answers, on=on)
    faults = list(filled.faults)
    code = filled.values.get("credit_code")
    if isinstance(code, str) and (why := credit_code_fault(code.strip().upper())):
        faults.append(FieldFault("credit_code", why))
    key = unique_key(ready.kind, filled.values, within=within, person=person)
    if not key and not filled.faults:
        names = "；或 ".join("、".join(ready.labels.get(n, n) for n in rule) for rule in ready.kind.unique)
        faults.append(FieldFault("", f"认不出是哪一条登记，请填写：{names}"))
    kept = document(ready.form, filled)["answers"]
    return JudgedEntry(filled, kept, tuple(faults), key, first_end(ready.kind, filled.values))
