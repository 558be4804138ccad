"""What a page or another program sends about a child's file, field by field as text, read as the app takes it.

One reading for both: the names of fields are those of the page's forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from qingmiao.identity import numbers
from qingmiao.site.apps.records import given
from qingmiao.site.apps.records.given import ClassGiven, FieldReading, IdentityGiven, RelativeGiven, StayGiven

Texts = Mapping[str, str]
"""Field → text; of a checkbox only that it is there says yes."""


def identity(texts: Texts) -> IdentityGiven:
    """Who a child is. Raises UserError naming every field that is wrong; so do the others."""
    return given.identity(
        name=texts.get("name", ""), sex=texts.get("sex", ""), birth_date=texts.get("birth_date", ""),
        certainty=texts.get("certainty", "day"), number=texts.get("number", ""),
        certificate=texts.get("certificate", ""), former=texts.get("former", ""),
    )  # fmt: skip


def begun(text: str) -> Texts:
    """What the form of a new file holds when it begins from one whole number: an identity number with the birth and sex
    that it says, or a birth certificate's number; nothing for what is neither."""
    r = FieldReading("号码")
    if (said := r.number("号码", text, numbers.read_birth_certificate)) is not None:
        return {"certificate": said.text}
    if (said := r.number("号码", text)) is None:
        return {}
    born = said.birth.isoformat() if said.birth is not None else ""
    return {"number": said.text, "birth_date": born, "sex": said.sex or ""}


def stay(texts: Texts, kind: str = "residence") -> StayGiven:
    """Where a child lives (`residence`) or is registered (`registration`), today where no day is said."""
    return given.stay(
        kind=kind, area=texts.get("area", ""), village=texts.get("village", ""), address=texts.get("address", ""),
        from_date=texts.get("from_date", "") or _today(),
    )  # fmt: skip


def relative(texts: Texts) -> RelativeGiven:
    """A relative, today where no day is said."""
    return given.relative(
        name=texts.get("relative_name", ""), kind=texts.get("relative_kind", ""),
        number=texts.get("relative_number", ""), phone=texts.get("phone", ""), guardian="guardian" in texts,
        carer="carer" in texts, sealed="sealed" in texts, from_date=texts.get("related_from", "") or _today(),
    )  # fmt: skip


def attendance(texts: Texts) -> ClassGiven:
    """The class that a child goes to, today where no day is said."""
    return given.attendance(
        school_unit=texts.get("school_unit", "")[:120], school_class=texts.get("school_class", ""),
        grade=texts.get("grade", ""), from_date=texts.get("attends_from", "") or _today(),
    )  # fmt: skip


def _today() -> str:
    return timezone.localdate().isoformat()


def _day(texts: Texts, what: str) -> date:
    reading = FieldReading(what)
    found = reading.day(what, texts.get("on", ""), ahead=True)
    reading.done()
    return found


def _number(text: str) -> int:
    """A file's or relation's number; 0, which none has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


SAID: Mapping[str, Callable[[Texts], Mapping[str, Any]]] = {
    "amend": lambda t: {"identity": identity(t), "reason": t.get("reason", "")},
    "reside": lambda t: {"stays": (stay(t, "registration" if t.get("stay") == "registration" else "residence"),)},
    "return": lambda t: {"stays": (stay(t),)},
    "relate": lambda t: {"relative": relative(t)},
    "part": lambda t: {"relation": _number(t.get("relation", "")), "reason": t.get("reason", "")},
    "attend": lambda t: {"attendance": attendance(t)},
    "hand_over": lambda t: {"unit": t.get("unit", "")[:120], "reason": t.get("reason", "")},
    "move_out": lambda t: {"on": _day(t, "迁出日期"), "to": t.get("to", "")},
    "die": lambda t: {"on": _day(t, "死亡日期"), "reason": t.get("reason", "")},
    "reopen": lambda t: {"reason": t.get("reason", "")},
    "merge": lambda t: {"into": _number(t.get("into", "")), "reason": t.get("reason", "")},
    "unmerge": lambda t: {"reason": t.get("reason", "")},
}
"""Step of a child's file → what comes with it."""
