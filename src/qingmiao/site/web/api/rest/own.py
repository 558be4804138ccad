"""Whose token it is, and what was done with it."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.shapes import After, PageShape, ShapeGiven, Size, marks, moment, whole_mark

router = Router(tags=["本账号 This account"])


class AccountShape(ShapeGiven):
    """The account of the token."""

    username: Annotated[str, Field(title="用户名")]
    """Its user name."""
    name: Annotated[str, Field(title="姓名")]
    """Its name."""
    unit: Annotated[str, Field(title="单位标识")]
    """The id of its unit."""
    roles: Annotated[list[str], Field(title="角色")]
    """The ids of the roles that it holds."""
    scopes: Annotated[list[str], Field(title="令牌的范围")]
    """What the token may be used for."""


class DeedShape(ShapeGiven):
    """Something that the account did."""

    number: Annotated[int, Field(title="编号")]
    """Its place in the trail."""
    at: Annotated[str, Field(title="时间")]
    """When (ISO 8601)."""
    action: Annotated[str, Field(title="操作")]
    """The id of the action."""
    about: Annotated[str, Field(title="对什么")]
    """The kind of thing that it was done to."""
    thing: Annotated[str, Field(title="哪一个")]
    """Which one."""
    detail: Annotated[dict[str, Any], Field(title="详细")]
    """What else was written down."""


class DeedsShape(PageShape):
    """A page of what the account did, newest first."""

    rows: list[DeedShape]


@router.get("/me", response=AccountShape, summary="本账号")
def me(request: HttpRequest) -> AccountShape:
    """The account of the token, its roles and the token's scopes."""
    found = bearer(request)
    person = found.reach.person
    return AccountShape(
        username=person.username, name=person.name, unit=person.unit_id,
        roles=sorted({h.role for h in found.reach.held}), scopes=sorted(found.scopes),
    )  # fmt: skip


@router.get("/trail", response=DeedsShape, summary="本账号的操作记录")
def trail(request: HttpRequest, after: After = "", size: Size = 100) -> DeedsShape:
    """What this account did, newest first, as the audit trail holds it."""
    with marks():
        before = whole_mark(after) if after else None
    rows = audit.trail(actors=[bearer(request).reach.person.username], before=before, limit=size + 1)
    shown = [
        DeedShape(number=e.id, at=moment(e.at), action=e.action, about=e.object_type, thing=e.object_id,
                  detail=dict(e.detail))
        for e in rows[:size]
    ]  # fmt: skip
    return DeedsShape(rows=shown, following=str(shown[-1].number) if len(rows) > size else "")
