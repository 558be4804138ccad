"""Keys by which other programs call the interfaces: made once and shown once, bound to a person, to scopes and a day.

A program may never do more than the person of its token: each call goes through the same door with her roles.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, By, Door, Seen, nothing_more
from qingmiao.site.apps.directory.models import ApiToken, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.second_factor import digest
from qingmiao.site.apps.directory.workflow import TOKEN_FLOW

SCOPES: Mapping[str, str] = {
    "fhir.read": "读取健康档案（FHIR）",
    "fhir.write": "写入健康档案（FHIR）",
    "rest.read": "读取其他数据（REST）",
    "rest.write": "写入其他数据（REST）",
    "rest.copy": "按已经同意的监护人申请取得档案副本（REST）",
}
LONGEST = 366
"""Days that a token lasts at most (local setting)."""
HOURLY = timedelta(hours=1)
PREFIX = "qm_"
"""What every token begins with, so that one that got into a file is recognised."""


@dataclass(frozen=True)
class TokenShown:
    """A token as the list shows it; never the key itself."""

    number: int
    username: str
    person: str
    purpose: str
    scopes: tuple[str, ...]
    state: str
    """在用, 作废, 到期."""
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Bearer:
    """Whose token a request brings, and what for."""

    number: int
    reach: Reach
    scopes: frozenset[str]


def make(by: By, username: str, *, purpose: str, scopes: Sequence[str], days: int) -> tuple[int, str]:
    """A new token (its number, the key): 32 random bytes, kept as SHA-256. Raises UserError where it cannot be made."""
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise UserError(f"没有在用的账号「{username}」；令牌以这个账号的角色办事，先由系统管理员建立账号并授权")
    if not 1 <= days <= LONGEST:
        raise UserError(f"有效期要在 1 到 {LONGEST} 天之间")
    now, key = timezone.now(), PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        digest=digest(key), person=person, purpose=purpose.strip(), scopes=sorted(set(scopes)), created_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    return access.create(by, token, "make").pk, key


def revoke(by: By, number: int) -> None:
    """End a token at once. Raises AbsentError where there is none, NotAllowedError where it is revoked."""
    token = ApiToken.objects.filter(pk=number).first()
    if token is None:
        raise AbsentError("没有这个令牌")
    access.perform(by, token, "revoke", Seen())


def listed() -> list[TokenShown]:
    """All tokens, newest first."""
    now = timezone.now()
    return [
        TokenShown(
            t.pk, t.person.username, t.person.name, t.purpose, tuple(t.scopes),
            "到期" if t.state == "active" and t.expires_at <= now else TOKEN_FLOW.state(t.state).label,
            t.created_at, t.expires_at, t.used_at,
        )
        for t in ApiToken.objects.select_related("person").order_by("-id")
    ]  # fmt: skip


def find(key: str) -> Bearer | None:
    """Whose token it is; None for one that is unknown, revoked or expired, or whose person is disabled."""
    now = timezone.now()
    good = {"state": "active", "expires_at__gt": now, "person__is_active": True}
    token = ApiToken.objects.select_related("person__organisation").filter(digest=digest(key), **good).first()
    if token is None:
        return None
    if token.used_at is None or now - token.used_at > HOURLY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return Bearer(token.pk, Reach(token.person), frozenset(token.scopes))


def _well_made(token: ApiToken, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    if not 2 <= len(token.purpose) <= 80:
        return no("写明令牌给哪个系统用，2 到 80 个字")
    unknown = sorted(set(token.scopes) - set(SCOPES))
    if unknown or not token.scopes:
        return no(f"范围要从 {'、'.join(SCOPES)} 里选" + (f"，没有 {'、'.join(unknown)}" if unknown else ""))
    return YES


access.register(
    Door(
        ApiToken, TOKEN_FLOW, "这个令牌", "token", "directory.token", unit=lambda t: t.person.organisation,
        guards={"well_made": _well_made}, changes=nothing_more, versioned=False,
        relations=lambda t, who: ("self",) if t.person_id == who.pk else (),
    )
)  # fmt: skip
