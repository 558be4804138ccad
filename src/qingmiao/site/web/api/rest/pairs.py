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
    After,
    Number,
    OperationId,
    PageShape,
    ShapeGiven,
    ShapeTaken,
    Size,
    VersionSeen,
    WrittenShape,
    marks,
    page,
    whole_mark,
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
    """A page of the pairs that nobody has decided."""

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


class ChargeTaken(ShapeTaken):
    """What is put in whose charge: a village, or a class."""

    username: Annotated[str, Field(max_length=150, title="账号")]
    """Whose charge it becomes."""
    area: Annotated[str, Field(max_length=12, title="乡镇（街道）")] = ""
    """The area of the village, by its code."""
    village: Annotated[str, Field(max_length=60, title="村（社区）")] = ""
    """The village."""
    school_class: Annotated[str, Field(max_length=40, title="班级")] = ""
    """The class, in place of a village."""


class ChargeEndTaken(ShapeTaken):
    """A charge that ends."""

    version: VersionSeen
    """The version that was seen."""


class ColleagueShape(ShapeGiven):
    """Somebody of the unit."""

    username: Annotated[str, Field(title="账号")]
    """The user name."""
    name: Annotated[str, Field(title="姓名")]
    """The name."""


class ColleaguesShape(PageShape):
    """A page of people of the unit."""

    rows: list[ColleagueShape]


@router.get("/duplicates", response=PairsShape, summary="疑似重复的档案")
def duplicates(request: HttpRequest, after: After = "", size: Size = 50) -> PairsShape:
    """The pairs of files of which this account sees both, the newest first."""
    with marks():
        before = whole_mark(after) if after else 0
    found = api.pairs(bearer(request).reach, before=before, size=size + 1)
    rows = [
        PairShape(
            number=p.id, version=p.version, left=p.left.id, right=p.right.id, probability=p.probability,
            reasons=list(p.reasons),
        )
        for p in found[:size]
    ]  # fmt: skip
    return PairsShape(rows=rows, following=str(found[size - 1].id) if len(found) > size else "")


@router.post("/duplicates/{number}/decision", response=WrittenShape, summary="判断是否重复")
def decide_duplicate(request: HttpRequest, number: Number, operation: OperationId, sent: DecisionTaken) -> WrittenShape:
    """Say whether two files are of one child."""

    def act() -> str:
        api.decide_pair(bearer(request).reach, number, same=sent.same, version=sent.version, reason=sent.reason)
        return "/api/v1/duplicates"

    return once(request, operation, act)


@router.get("/charges", response=ChargesShape, summary="分工")
def charges(request: HttpRequest, after: After = "", size: Size = 100) -> ChargesShape:
    """What is in whose charge in the account's unit, those that hold first."""
    found, following = page(api.charges(bearer(request).reach), lambda c: str(c.id), after=after, size=size)
    rows = [
        ChargeShape(
            number=c.id, version=c.version, person=c.person, where=c.where, since=c.from_date, until=c.to_date
        )
        for c in found
    ]  # fmt: skip
    return ChargesShape(rows=rows, following=following)


@router.post("/charges", response=WrittenShape, summary="分工：交给一个人")
def give_charge(request: HttpRequest, operation: OperationId, sent: ChargeTaken) -> WrittenShape:
    """Put a village of the unit's area, or a class of the unit itself, in somebody's charge from today."""

    def act() -> str:
        api.give_charge(
            bearer(request).reach, sent.username, area=sent.area, village=sent.village, school_class=sent.school_class
        )
        return "/api/v1/charges"

    return once(request, operation, act)


@router.post("/charges/{number}/end", response=WrittenShape, summary="分工：今天结束")
def end_charge(request: HttpRequest, number: Number, operation: OperationId, sent: ChargeEndTaken) -> WrittenShape:
    """A charge ends today."""

    def act() -> str:
        api.end_charge(bearer(request).reach, number, version=sent.version)
        return "/api/v1/charges"

    return once(request, operation, act)


@router.get("/charges/people", response=ColleaguesShape, summary="可以分工的人员")
def charge_people(request: HttpRequest, after: After = "", size: Size = 100) -> ColleaguesShape:
    """The people of the account's unit to whom a village or class can be given."""
    found, following = page(api.charge_people(bearer(request).reach), lambda p: p[0], after=after, size=size)
    return ColleaguesShape(rows=[ColleagueShape(username=u, name=n) for u, n in found], following=following)
