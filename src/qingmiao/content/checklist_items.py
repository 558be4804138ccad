"""What a checklist looks at, item by item: how each is answered, which limit judges it, how much it weighs.

A limit stands in the checklist with its source, or is the county's to set (`local`): then it ships empty, the number is
only recorded, and `limits` of the county's `policy.yaml` says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Label, MisplacedError, Name, Source
from qingmiao.content.forms import Option

Severity = Literal["immediate", "major", "ordinary", "advice"]
SEVERITIES: dict[Severity, Label] = {
    "immediate": Label(zh="立即危险", en="immediate danger"),
    "major": Label(zh="重大", en="major"),
    "ordinary": Label(zh="一般", en="ordinary"),
    "advice": Label(zh="建议", en="advice"),
}
"""How much a finding weighs, from heavy to light; advice is told and orders nothing."""
ORDERED: tuple[Severity, ...] = ("immediate", "major", "ordinary")
"""What must be put right, within a time each."""
SEVERE: tuple[Severity, ...] = ("immediate", "major")
"""With a finding of these the visit's result is `fails`."""
LIMITS = {
    "at_least": ("不低于", ">="),
    "more_than": ("高于", ">"),
    "at_most": ("不高于", "<="),
    "less_than": ("低于", "<"),
}
"""Key of a limit → its word, and how an expression says it."""
LimitKey = Literal["at_least", "more_than", "at_most", "less_than"]
SUFFIXES = (
    "_applies", "_why", "_asked", "_who", "_no", "_until", "_ok", "_said", "_done", "_photo", "_photo_at",
    "_photo_where",
)  # fmt: skip
"""What the form's fields of one item are called after its id (`checklist_forms`)."""
ItemType = Literal["conform", "measure", "count", "derived", "grade", "document", "person", "interview", "photo"]
NUMERIC: tuple[ItemType, ...] = ("measure", "count", "derived")
HELD: tuple[ItemType, ...] = ("document", "person")
"""What is shown on the spot and has a last day."""


class LimitSetting(Content):
    """What a county sets of the limits of one item that are its own to set."""

    at_least: Decimal | None = None
    more_than: Decimal | None = None
    at_most: Decimal | None = None
    less_than: Decimal | None = None
    note: str = ""

    def written(self) -> dict[str, Decimal]:
        """The limits that it says."""
        return {key: value for key in LIMITS if (value := getattr(self, key)) is not None}


class ItemGrade(Option):
    """One grade of a graded item: whether it conforms, and the points that it earns."""

    conforms: bool
    score: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(0)


class ChecklistItem(Content):
    """One thing that is looked at, with the rule that asks for it.

    `conform`: in order or not; `measure` a number, `count` a whole one, `derived` one that `compute` makes of the
    answers above it, all three judged by their limits (both ends as their words say; none at all: only recorded);
    `grade`: one of its grades; `document`, `person`: whether it is there, its number (who it is) and its last day,
    past which it fails (`undated`: it has none); `interview`: in order by what so many people said; `photo`: a
    photograph that is only kept. `local`: limits that the county sets. `instrument`: what it is measured with.
    `applies_if` reads the fields of `asks`. `score`: points where it is in order.
    """

    id: Annotated[Name, Field(max_length=40)]
    label: Label
    type: ItemType = "conform"
    severity: Severity
    source: Source
    unit: str = ""
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    at_most: Decimal | None = None
    less_than: Decimal | None = None
    local: tuple[LimitKey, ...] = ()
    set_by: Literal["", "policy"] = ""
    """Whether the county has set what is `local`."""
    instrument: Name | None = None
    compute: str | None = None
    undated: bool = False
    min: float | None = None
    max: float | None = None
    """What can be measured at all: anything else is a slip of the pen."""
    grades: tuple[ItemGrade, ...] = ()
    score: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(0)
    photo: Literal["no", "if_not", "always"] = "no"
    """Whether a photograph is asked: never, where it is not in order, always."""
    not_applicable: bool = False
    applies_if: str | None = None
    help: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for wrong, message, at in self._slips():
            if wrong:
                raise MisplacedError(message, at=(at,))
        return self

    def _slips(self) -> Iterator[tuple[bool, str, str]]:
        limits, numbers = dict(self.limits()), self.measured
        first = next(iter(limits), "type")
        told = "只用于 type: measure、count 或 derived"
        yield bool(limits) and not numbers, f"限值{told}", first
        yield bool(self.local) and not numbers, f"local {told}", "local"
        typed = self.set_by == "" and next((k for k in self.local if k in limits), None)
        yield bool(typed), "写在 local 里的限值由县里在 policy.yaml 的 limits 设置，这里不写数", typed or "local"
        yield bool(self.unit) and not numbers, f"unit {told}", "unit"
        ranged = numbers and self.type != "derived"
        yield (self.min is not None or self.max is not None) and not ranged, "min、max 只用于测量的数", "type"
        yield (self.type == "derived") != (self.compute is not None), "type: derived 要写 compute，其他类型不写", "type"
        yield self.instrument is not None and self.type != "measure", "instrument 只用于 type: measure", "instrument"
        yield self.undated and self.type not in HELD, "undated 只用于 type: document 或 person", "undated"
        yield self.type == "photo" and self.photo != "no", "type: photo 本身就是照片，不写 photo", "photo"
        yield self.type == "photo" and bool(self.score), "照片不判定，不写 score", "score"
        for one, other in (("at_least", "more_than"), ("at_most", "less_than")):
            yield {one, other} <= set(limits), f"{one} 和 {other} 只写一个", other
        low, high = self._end("at_least", "more_than"), self._end("at_most", "less_than")
        empty = low is not None and high is not None and (low > high or (low == high and self._open_ended))
        yield empty, "限值的下限高于上限，没有数能符合", first
        yield bool(self.grades) != (self.type == "grade"), "type: grade 要写 grades，其他类型不写", "grades"
        codes = [g.code for g in self.grades]
        yield len(set(codes)) < len(codes) or "na" in codes, "grades 的代码重复，或用了 na（不适用）", "grades"
        whole = {g.conforms for g in self.grades}
        yield self.type == "grade" and whole != {True, False}, "grades 里要有符合的，也要有不符合的", "grades"
        yield self.type == "grade" and bool(self.score), "分级的项把分写在各级，不写 score", "score"
        yield numbers and not limits and bool(self.score), "没有限值的测量不判定，不写 score", "score"

    def _end(self, *keys: str) -> Decimal | None:
        return next((x for x in (getattr(self, k) for k in keys) if x is not None), None)

    @property
    def _open_ended(self) -> bool:
        return self.more_than is not None or self.less_than is not None

    @property
    def measured(self) -> bool:
        """A number is taken."""
        return self.type in NUMERIC

    @property
    def dated(self) -> bool:
        """It fails past its last day."""
        return self.type in HELD and not self.undated

    @property
    def judged(self) -> bool:
        """Whether it can fail: a photograph and a number without a limit are only kept."""
        return self.type != "photo" and (not self.measured or bool(dict(self.limits())))

    @property
    def may_be_judged(self) -> bool:
        """Whether it can fail here or in a county that sets its limits."""
        return self.judged or bool(self.local)

    @property
    def key(self) -> bool:
        """Without it the visit is not passed (关键项); every other is a general item."""
        return self.severity in SEVERE

    @property
    def unset(self) -> bool:
        """The county has not set its limits: it is only recorded."""
        return bool(self.local) and not self.judged

    def set_to(self, setting: LimitSetting | None) -> Self:
        """With the limits that the county has set; a fault where it sets one that is not its own."""
        if setting is None:
            return self
        return type(self).model_validate(self.model_dump() | setting.written() | {"set_by": "policy"})

    def limits(self) -> Iterator[tuple[str, Decimal]]:
        """(key, value) of the limits that are written, the lower one first."""
        for key in LIMITS:
            value = getattr(self, key)
            if value is not None:
                yield key, value

    @property
    def limit_words(self) -> str:
        """The limits as people read them: 不低于 300 lx; empty where there are none."""
        unit = f" {self.unit}" if self.unit else ""
        return "、".join(f"{LIMITS[key][0]} {value:f}{unit}" for key, value in self.limits())

    @property
    def best(self) -> Decimal:
        """The points that it can earn."""
        return max((g.score for g in self.grades), default=self.score)
