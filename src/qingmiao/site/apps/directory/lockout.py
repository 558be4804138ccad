"""Slowing down guesses without locking out a unit.

A county unit sits behind one address, so an address alone never locks a person out. Failures are counted by user name
and device: a device that logged this person in before (a signed cookie) has a counter of its own, all other attempts on
that name from one address share one. Somebody who guesses at all names of a unit from the unit's own network slows only
unknown devices; everybody who has worked there before still gets in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.core import signing
from django.db import transaction

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.models import LoginFailures
from qingmiao.site.apps.directory.second_factor import digest

FREE = 5
"""Failures before the first wait (local setting)."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
FORGET = timedelta(hours=1)
ADDRESS_FREE = 60
"""Failures of unknown devices from one address, over all names, before that address waits for unknown devices."""
SALT = "qingmiao.device"


@dataclass(frozen=True)
class Attempt:
    """One try to log in: the name, the address, and whether the device is known for that name."""

    username: str
    address: str
    known_device: str = ""

    @property
    def keys(self) -> tuple[tuple[str, int], ...]:
        """The counters that this attempt meets, each with its number of free failures."""
        if self.known_device:
            return ((digest(f"device:{self.username}:{self.known_device}"), FREE),)
        return (
            (digest(f"name:{self.username}:{self.address}"), FREE),
            (digest(f"address:{self.address}"), ADDRESS_FREE),
        )


@dataclass(frozen=True)
class OwnPassword:
    """One try to say the present password on the page that changes it."""

    username: str

    @property
    def keys(self) -> tuple[tuple[str, int], ...]:
        """The one counter of the person."""
        return ((digest(f"own:{self.username}"), FREE),)


class CountedTry(Protocol):
    """Whatever is counted, so that it slows down."""

    @property
    def keys(self) -> tuple[tuple[str, int], ...]:
        """Its counters, each with its number of free failures."""


class WaitError(UserError):
    """Too many failures: how long to wait, in words."""

    def __init__(self, left: timedelta) -> None:
        super().__init__(f"试得太多，请 {in_words(left)} 后再试")


def in_words(left: timedelta) -> str:
    """A time to wait: 45 秒, 3 分钟 (begun ones count)."""
    seconds = int(left.total_seconds()) + 1
    return f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"


def wait(attempt: CountedTry, *, now: datetime) -> timedelta:
    """How long this attempt still has to wait (zero: go ahead)."""
    until = LoginFailures.objects.filter(key__in=[k for k, _ in attempt.keys], until_at__gt=now).values_list(
        "until_at", flat=True
    )
    return max((u - now for u in until if u), default=timedelta(0))


@transaction.atomic
def failed(attempt: CountedTry, *, now: datetime) -> None:
    """Count a failure; from the free number on each further one doubles the wait."""
    for key, free in sorted(attempt.keys):
        LoginFailures.objects.get_or_create(key=key, defaults={"last_at": now})
        row = LoginFailures.objects.select_for_update().get(key=key)
        row.count = 1 if now - row.last_at > FORGET else row.count + 1
        row.last_at = now
        over = row.count - free
        row.until_at = now + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else None
        row.save()


def succeeded(attempt: CountedTry) -> None:
    """A success clears the person's own counter, not the address's."""
    LoginFailures.objects.filter(key=attempt.keys[0][0]).delete()


def device_cookie(username: str, device: str) -> str:
    """The signed value that marks a device as known for a user name."""
    return signing.dumps([username, device], salt=SALT)


def known_device(cookie: str, username: str) -> str:
    """The device of a cookie when it is genuine and belongs to this user name, else ""."""
    name, device = _read(cookie)
    return device if name == username else ""


def device_owner(cookie: str) -> str:
    """The user name of a genuine cookie, else ""."""
    return _read(cookie)[0]


def _read(cookie: str) -> tuple[str, str]:
    try:
        name, device = signing.loads(cookie, salt=SALT, max_age=timedelta(days=180)) if cookie else ("", "")
    except (signing.BadSignature, ValueError, TypeError):
        return "", ""
    return str(name), str(device)
