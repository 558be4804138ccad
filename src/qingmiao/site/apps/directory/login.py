"""Logging in: name and password, then the one-time code; the person's own sessions and password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access, accounts, lockout, second_factor, sessions
from qingmiao.site.apps.directory.models import Person, Session
from qingmiao.site.apps.directory.permissions import Reach

Outcome = Literal["code", "enrol", "whole", "wrong", "wait"]


@dataclass(frozen=True)
class Login:
    """How a login went on: `token` of the new session (half of one; whole where no role asks for a second factor),
    or how long to wait."""

    outcome: Outcome
    token: str = ""
    wait: timedelta = timedelta(0)


_DUMMY = make_password("dummy") if settings.configured else ""


def check_login(*, username: str, password: str, address: str, agent: str, device: str, now: datetime) -> Login:
    """First step: name and password. An unknown name takes the time and gets the answer of a wrong password."""
    attempt = lockout.Attempt(username, address, lockout.known_device(device, username))
    left = lockout.wait(attempt, now=now)
    if left:
        return Login("wait", wait=left)
    person = Person.objects.select_related("organisation").filter(username=username).first()
    right = check_password(password, person.password if person else _DUMMY)
    if person is None or not right or not person.is_active:
        with transaction.atomic():
            lockout.failed(attempt, now=now)
            audit.append(
                audit.ANONYMOUS,
                "directory.login.fail",
                object_type="person",
                object_id=username[:40],
                detail={"address": address},
            )
        return Login("wrong")
    enough = not person.totp and not Reach(person).needs_codes
    with access.work(person, person, "log_in"):
        token = sessions.begin(person, second_factor=False, waived=enough, address=address, agent=agent, now=now)
        if enough:
            lockout.succeeded(attempt)
    return Login("whole" if enough else "code" if person.totp else "enrol", token)


def check_code(session: Session, code: str, *, device: str, now: datetime) -> str | timedelta | None:
    """Second step: the one-time code. A new token for the whole session, the time to wait, or None for a wrong code.

    Raises NotAllowedError where the site's key was changed, so that the stored secret cannot be opened.
    """
    person = session.person
    attempt = lockout.Attempt(person.username, session.address, lockout.known_device(device, person.username))
    left = lockout.wait(attempt, now=now)
    if left:
        return left
    with access.work(person, person, "log_in"):
        locked = Person.objects.select_for_update().get(pk=person.pk)
        secret = _secret(locked)
        step = second_factor.step_of(secret, code, after=locked.totp_step, now=now.timestamp()) if secret else None
        if step is None:
            lockout.failed(attempt, now=now)
            audit.append(person, "directory.code.fail", object_type="person", object_id=person.username)
            return None
        locked.totp_step = step
        if second_factor.is_of_former_key(locked.totp or b""):
            locked.totp = second_factor.encrypt(secret)
        locked.save(update_fields=["totp", "totp_step"])
        lockout.succeeded(attempt)
        return _whole(session, now=now)


def _secret(person: Person) -> str:
    """The secret of a person's second factor, "" for none."""
    try:
        return second_factor.decrypt(person.totp) if person.totp else ""
    except second_factor.UnreadableSecretError as e:
        raise access.NotAllowedError(KEY_CHANGED) from e


def enrol(session: Session, secret: str, code: str, *, now: datetime) -> str | None:
    """The first second factor of a person without one: the code proves that the device has the secret."""
    step = second_factor.step_of(secret, code, after=0, now=now.timestamp())
    if step is None:
        return None
    with access.work(session.person, session.person, "log_in"):
        person = Person.objects.select_for_update().get(pk=session.person_id)
        if person.totp:
            return None
        accounts.set_codes(person, person, secret, step=step)
        return _whole(session, now=now)


def _whole(session: Session, *, now: datetime) -> str:
    """Replace the half session by a whole one with a new token (no fixation)."""
    Session.objects.filter(pk=session.pk).update(ended_at=now)
    return sessions.begin(session.person, second_factor=True, address=session.address, agent=session.agent, now=now)


KEY_CHANGED = (
    "站点的密钥改过，您的动态口令验不了。请两名管理员为您重置（一人提出，一人批准），下次登录时重新设置；"
    "管理员自己也进不来的，请运维人员在服务器上运行 qingmiao renew-codes"
)

Stage = Literal["code", "enrol", "whole"]


def stage(session: Session) -> Stage:
    """What a login still needs: a code, the first set-up of codes, or nothing."""
    if sessions.is_whole(session):
        return "whole"
    return "code" if session.person.totp else "enrol"


@dataclass(frozen=True)
class SessionShown:
    """One living session of a person; `present`: the one that asks."""

    id: int
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    present: bool


def own_sessions(session: Session) -> tuple[SessionShown, ...]:
    """The living sessions of the person of a session, the latest first."""
    return tuple(
        SessionShown(s.pk, s.agent, s.address, s.created_at, s.seen_at, s.pk == session.pk)
        for s in sessions.living(session.person, now=timezone.now())
    )


def end_sessions(session: Session, chosen: set[int]) -> bool:
    """End some of the person's own living sessions; whether the asking one was among them."""
    now = timezone.now()
    ending = [s for s in sessions.living(session.person, now=now) if s.pk in chosen]
    if ending:
        with access.work(session.person, session.person, "end_sessions"):
            sessions.end(session.person, ending, now=now)
    return any(s.pk == session.pk for s in ending)


def change_own_password(session: Session, present: str, new: str) -> None:
    """A new password from the person, who knows the present one; all other sessions end.

    Raises NotAllowedError when the present one is wrong (which is counted and audited) or the new one breaks the rules,
    WaitError after too many wrong ones.
    """
    who, now = session.person, timezone.now()
    attempt = lockout.OwnPassword(who.username)
    left = lockout.wait(attempt, now=now)
    if left:
        raise lockout.WaitError(left)
    if not check_password(present, who.password):
        with access.work(who, who, "change_password"):
            lockout.failed(attempt, now=now)
            audit.append(who, "directory.password.fail", object_type="person", object_id=who.username)
        raise access.NotAllowedError("现在的口令不对")
    with transaction.atomic():
        accounts.change_password(who, who, new)
        end_sessions(session, {s.id for s in own_sessions(session) if not s.present})
        lockout.succeeded(attempt)
