"""Sessions: begun, looked up, listed, ended. A token is shown to the browser once and stored only as its hash."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Person, Session
from qingmiao.site.apps.directory.passwords import PROFILES
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.second_factor import digest

TOUCH = timedelta(minutes=1)
"""`seen_at` is written at most this often."""


def begin(person: Person, *, second_factor: bool, address: str, agent: str, now: datetime, waived: bool = False) -> str:
    """A new session; returns its token. Call inside a transaction."""
    token = secrets.token_urlsafe(32)
    Session.objects.create(
        token_hash=digest(token), person=person, second_factor=second_factor, waived=waived, created_at=now,
        seen_at=now,
        address=address[:45], agent=agent[:200],
    )  # fmt: skip
    audit.append(
        person,
        "directory.session.begin",
        object_type="person",
        object_id=person.username,
        detail={"second_factor": second_factor},
    )
    return token


def is_whole(session: Session, reach: Reach | None = None) -> bool:
    """Whether a login is complete: both factors, or the password where no role held now asks for a second one."""
    if session.second_factor or not session.waived:
        return session.second_factor
    return not (reach or Reach(session.person)).needs_codes


def find(token: str, *, now: datetime) -> Session | None:
    """The living session of a token: not ended, not idle too long, not too old, its person active."""
    if not token:
        return None
    session = (
        Session.objects.select_related("person__organisation").filter(token_hash=digest(token), ended_at=None).first()
    )
    if session is None or not session.person.is_active:
        return None
    profile = PROFILES[settings.ENVIRONMENT.password_profile]
    if now - session.seen_at > profile.idle or now - session.created_at > profile.absolute:
        Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now)
        return None
    if now - session.seen_at > TOUCH:
        Session.objects.filter(pk=session.pk, seen_at__lt=now).update(seen_at=now)
        session.seen_at = now
    return session


def is_young(session: Session, *, now: datetime) -> bool:
    """True when a session that was read before needs no second look: seen within `TOUCH` and not too old."""
    profile = PROFILES[settings.ENVIRONMENT.password_profile]
    return now - session.seen_at <= TOUCH and now - session.created_at <= profile.absolute


def living(person: Person, *, now: datetime) -> list[Session]:
    """The person's sessions that still live, the latest first."""
    profile = PROFILES[settings.ENVIRONMENT.password_profile]
    return list(
        person.sessions.filter(
            ended_at=None, seen_at__gt=now - profile.idle, created_at__gt=now - profile.absolute
        ).order_by("-seen_at")
    )


@transaction.atomic
def end(actor: audit.Actor, sessions: list[Session], *, now: datetime) -> int:
    """End sessions; how many were still living."""
    count = Session.objects.filter(pk__in=[s.pk for s in sessions], ended_at=None).update(ended_at=now)
    if count:
        audit.append(
            actor,
            "directory.session.end",
            object_type="person",
            object_id=sessions[0].person.username,
            detail={"sessions": count},
        )
    return count
