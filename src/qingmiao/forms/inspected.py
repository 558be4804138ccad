"""What a filled checklist comes to: the outcome of each item, and the result of the visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from qingmiao.content.checklist_forms import CONFORM, NA, NOT
from qingmiao.content.checklist_items import SEVERE, ChecklistItem
from qingmiao.content.checklists import Checklist, ChecklistSection
from qingmiao.forms.fill import Filled

ItemVerdict = Literal["conform", "not", "na", "recorded"]
VisitResult = Literal["conform", "mostly", "fails"]


@dataclass(frozen=True)
class ItemOutcome:
    """What one item came to on one round; `row` counts the rounds of a repeated section from 1, None elsewhere."""

    item: ChecklistItem
    section: str
    row: int | None
    where: str
    """What the round is called: the first text that was asked of it (the room's name), else empty."""
    verdict: ItemVerdict
    value: Decimal | None = None
    """The number that was measured."""
    said: str = ""
    done: str = ""
    photo: str = ""
    taken: str = ""
    """When and where the photograph was taken."""
    why: str = ""
    """Why it does not apply."""
    shown: str = ""
    """What was shown or said: the post, the number and the last day of a document, how many were asked."""
    points: Decimal = Decimal(0)

    @property
    def failed(self) -> bool:
        """It is not in order."""
        return self.verdict == "not"

    @property
    def key(self) -> str:
        """Names the item of one round within a visit."""
        return self.item.id if self.row is None else f"{self.item.id}.{self.row}"


def outcomes(checklist: Checklist, filled: Filled) -> tuple[ItemOutcome, ...]:
    """The outcome of every item that was shown and answered, in the checklist's order, round by round."""
    found: list[ItemOutcome] = []
    for section in checklist.sections:
        if not section.repeat:
            found += _round(section, filled.values, None)
            continue
        for row, values in enumerate(filled.values.get(section.id, ()), start=1):
            found += _round(section, values, row)
    return tuple(found)


def result(found: tuple[ItemOutcome, ...]) -> VisitResult:
    """`fails` with a severe finding, `mostly` with an ordinary one, else `conform` (advice changes nothing)."""
    weights = {o.item.severity for o in found if o.failed}
    if weights & set(SEVERE):
        return "fails"
    return "mostly" if "ordinary" in weights else "conform"


def points(found: tuple[ItemOutcome, ...]) -> tuple[Decimal, Decimal] | None:
    """(earned, possible) points of the items that applied; None for a checklist that gives none."""
    applied = [o for o in found if o.verdict != "na"]
    possible = sum((o.item.best for o in applied), Decimal(0))
    return (sum((o.points for o in applied), Decimal(0)), possible) if possible else None


def _round(section: ChecklistSection, values: Mapping[str, Any], row: int | None) -> Iterator[ItemOutcome]:
    where = next((str(values[a.id]) for a in section.asks if a.type == "text" and a.id in values), "")
    for item in section.items:
        verdict = _verdict(item, values)
        if verdict is None:
            continue
        value = values.get(item.id) if item.measured else None
        yield ItemOutcome(
            item, section.id, row, where, verdict, None if value is None else Decimal(value),
            said=str(values.get(f"{item.id}_said", "")), done=str(values.get(f"{item.id}_done", "")),
            photo=str(values.get(item.id if item.type == "photo" else f"{item.id}_photo", "")),
            taken=_taken(item, values), why=str(values.get(f"{item.id}_why", "")), shown=_shown(item, values),
            points=_points(item, values, verdict),
        )  # fmt: skip


def _verdict(item: ChecklistItem, values: Mapping[str, Any]) -> ItemVerdict | None:
    """None where the item was hidden or not answered."""
    answer = values.get(item.id)
    if NA in (answer, values.get(f"{item.id}_applies")):
        return "na"
    if answer is None:
        return None
    if not item.judged:
        return "recorded"
    if item.measured or item.dated:
        return CONFORM if values.get(f"{item.id}_ok") else NOT
    grade = next((g for g in item.grades if g.code == answer), None)
    return CONFORM if answer == CONFORM or (grade is not None and grade.conforms) else NOT


def _points(item: ChecklistItem, values: Mapping[str, Any], verdict: ItemVerdict) -> Decimal:
    grade = next((g for g in item.grades if g.code == values.get(item.id)), None)
    if grade is not None:
        return grade.score
    return item.score if verdict == CONFORM else Decimal(0)


def _taken(item: ChecklistItem, values: Mapping[str, Any]) -> str:
    at, where = values.get(f"{item.id}_photo_at"), values.get(f"{item.id}_photo_where", "")
    return f"{at} {where}".replace("T", " ") if at is not None else ""


def _shown(item: ChecklistItem, values: Mapping[str, Any]) -> str:
    """What stands on a document, a certificate, or how many were asked."""
    until, asked = values.get(f"{item.id}_until"), values.get(f"{item.id}_asked")
    parts = (
        str(values.get(f"{item.id}_who", "")),
        str(values.get(f"{item.id}_no", "")),
        f"有效期至 {until}" if until is not None else "",
        f"询问 {asked} 人" if asked is not None else "",
    )
    return "，".join(x for x in parts if x)
