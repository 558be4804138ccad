"""Files that may be of one child, and what is in whose charge."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from qingmiao.site.apps.records import api
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.shapes import (
    Number,
    OperationId,
    PageShape,
    ShapeGiven,
    ShapeTaken,
    Size,
    VersionSeen,
    WrittenShape,
)
from qingmiao.site.web.api.rest.writing import once

router = Router(tags=["疑似重复和分工 Duplicates and charges"])


class PairShape(ShapeGiven):
    """Two files that may be of one child."""

    number: Annotated[int, Field(title="编号")]
    """Its number."""
    version: Annotated[int, Field(title="版本")]
    """Sent with the decision as the one that was seen."""
    left: Annotated[int, Field(title="一份档案")]
    """The number of one file."""
    right: Annotated[int, Field(title="另一份档案")]
    """The number of the other file."""
    probability: Annotated[float, Field(title="是同一名儿童的可能性")]
    """0 to 1."""
    reasons: Annotated[list[str], Field(title="理由")]
    """Why, in Chinese."""


class PairsShape(PageShape):
    """The pairs that nobody has decided, the likeliest first."""

    rows: list[PairShape]


class DecisionTaken(ShapeTaken):
    """Whether two files are of one child."""

    same: Annotated[bool, Field(title="是同一名儿童")]
    """True: the younger file goes into the older one."""
    version: VersionSeen
    """The version that was seen."""
    reason: Annotated[str, Field(max_length=500, title="理由")]
    """Why."""


class ChargeShape(ShapeGiven):
    """A village or class in somebody's charge."""

    number: Annotated[int, Field(title="编号")]
    """Its number."""
    version: Annotated[int, Field(title="版本")]
    """Its version."""
    person: Annotated[str, Field(title="负责人")]
    """Whose charge it is."""
    where: Annotated[str, Field(title="范围")]
    """The village or class, in Chinese."""
    since: Annotated[date, Field(title="开始日期")]
    """Its first day."""
    until: Annotated[date | None, Field(title="结束日期")]
    """The day on which it ended; null as long as it holds."""


class ChargesShape(PageShape):
    """The charges of the account's unit."""

    rows: list[ChargeShape]


@router.get("/duplicates", response=PairsShape, summary="疑似重复的档案")
def duplicates(request: HttpRequest, size: Size = 50) -> PairsShape:
    """The pairs of files of which this account sees both, the likeliest first, at most `size`."""
    rows = [
        PairShape(
            number=p.id, version=p.version, left=p.left.id, right=p.right.id, probability=p.probability,
            reasons=list(p.reasons),
        )
        for p in api.pairs(bearer(request).reach, size=size)
    ]  # fmt: skip
    return PairsShape(rows=rows, following="")


@router.post("/duplicates/{number}/decision", response=WrittenShape, summary="判断是否重复")
def decide_duplicate(request: HttpRequest, number: Number, operation: OperationId, sent: DecisionTaken) -> WrittenShape:
    """Say whether two files are of one child."""

    def act() -> str:
        api.decide_pair(bearer(request).reach, number, same=sent.same, version=sent.version, reason=sent.reason)
        return "/api/v1/duplicates"

    return once(request, operation, act)


@router.get("/charges", response=ChargesShape, summary="分工")
def charges(request: HttpRequest) -> ChargesShape:
    """What is in whose charge in the account's unit."""
    rows = [
        ChargeShape(
            number=c.id, version=c.version, person=c.person, where=c.where, since=c.from_date, until=c.to_date
        )
        for c in api.charges(bearer(request).reach)
    ]  # fmt: skip
    return ChargesShape(rows=rows, following="")
