"""Links and QR codes: tokens of 32 random bytes of which only the SHA-256 is kept; pages that count once; a limit by
address."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from django.core import signing
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.surveys.models import Link, Survey

MOST_LINKS = 500
"""So many links are made at once at most."""
STRETCH, MOST = timedelta(hours=1), 200
"""So many answers in so much time from one address (local settings; a school sits behind one address)."""
PAGE_LASTS = timedelta(hours=12)
"""So long after it was opened may a page be sent."""
SALT = "qingmiao.surveys.page"


class TooManyError(UserError):
    """More answers from one address than people give."""


@dataclass(frozen=True)
class NewLink:
    """A link just made; its token is told this once."""

    token: str
    area: str
    single: bool


def digest(text: str) -> str:
    """The SHA-256 under which a token is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def make(survey: Survey, *, count: int, single: bool, area: str, expires_at: datetime, now: datetime) -> list[NewLink]:
    """New links of a survey (inside its step). UserError for a count that nobody prints."""
    if not 1 <= count <= MOST_LINKS:
        raise UserError(f"一次做 1 到 {MOST_LINKS} 个链接")
    tokens = [secrets.token_urlsafe(32) for _ in range(count)]
    Link.objects.bulk_create(
        Link(survey=survey, digest=digest(t), area=area, single=single, expires_at=expires_at, made_at=now)
        for t in tokens
    )
    return [NewLink(t, area, single) for t in tokens]


def find(token: str) -> Link | None:
    """The link of a token."""
    return Link.objects.select_related("survey__unit").filter(digest=digest(token)).first() if token else None


def page_token(link: int) -> str:
    """What a page holds so that it can be sent once: signed, for this link, with a number of its own."""
    return signing.dumps([link, secrets.token_hex(16)], salt=SALT)


def page_number(given: str, link: int) -> str:
    """The number of a page that was sent, hashed. UserError where it is not ours, of another link, or too old."""
    try:
        of, number = signing.loads(given, salt=SALT, max_age=PAGE_LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        raise UserError("页面打开太久或不完整，请重新打开链接再填") from None
    if of != link:
        raise UserError("页面和链接对不上，请重新打开链接再填")
    return digest(str(number))


def count(address: str) -> None:
    """Count an answer from an address; TooManyError over the limit. The address itself is not kept."""
    key, now = salted_hmac("qingmiao.surveys.address", address, algorithm="sha256").hexdigest(), timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_rate (key, since_at, count) VALUES (%s, %s, 1) ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN surveys_rate.since_at < %s THEN 1 ELSE surveys_rate.count + 1 END, "
            "since_at = CASE WHEN surveys_rate.since_at < %s THEN excluded.since_at ELSE surveys_rate.since_at END "
            "RETURNING count",
            [key, now, now - STRETCH, now - STRETCH],
        )
        row = cursor.fetchone()
    if row is not None and row[0] > MOST:
        raise TooManyError(f"这个网络一小时内已经交了 {MOST} 份答卷，请稍后再交")


def qr(address: str) -> str:
    """A QR code of an address as SVG, made here."""
    return str(segno.make(address, error="m").svg_inline(scale=4, border=2))
