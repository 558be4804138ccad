"""Password rules as named profiles, and their check.

Both: none of the most common passwords, no sequences of keys, no names of the person, unit or county (`guessable`).
`asvs`: OWASP ASVS 5.0 chapter 6.2: at least 12 characters (ours; ASVS requires 8 and recommends 15), any characters, no
change on a timetable. `djbh3`: 等级保护三级 (GB/T 22239-2019
8.1.4.1 asks for 复杂度 and 定期更换 without numbers; the numbers here are local settings, to be confirmed).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from qingmiao.site.apps.directory import guessable

MAX_LENGTH = 128


class QuickArgon2(Argon2PasswordHasher):
    """The same algorithm with the smallest cost, for tests and for the demonstration's made-up accounts.

    A demonstration's password is a random token of 96 bits, which no cost makes harder to guess; the first login hashes
    it anew with the full cost. In production nobody can ask for it.
    """

    time_cost = 1
    memory_cost = 64
    parallelism = 1


@dataclass(frozen=True)
class Profile:
    """One set of rules."""

    min_length: int
    min_classes: int
    """How many of: lower case, upper case, digits, others."""
    max_age: timedelta | None
    history: int
    """This many former passwords cannot come back."""
    idle: timedelta
    """A session ends after this time without a request."""
    absolute: timedelta
    """A session ends this long after login."""


PROFILES = {
    "asvs": Profile(12, 1, None, 0, timedelta(minutes=30), timedelta(hours=12)),
    "djbh3": Profile(8, 3, timedelta(days=90), 5, timedelta(minutes=15), timedelta(hours=8)),
}


def hashed(password: str, *, demo: bool) -> str:
    """The stored form of a password. `demo`: an account of the demonstration site, made together with dozens of
    others."""
    if demo and settings.ENVIRONMENT.mode == "demo":
        quick = QuickArgon2()
        return quick.encode(password, quick.salt())
    return make_password(password)


def faults(password: str, profile: Profile, *, context: Iterable[str] = (), former: Iterable[str] = ()) -> list[str]:
    """Everything that is wrong with a new password, in Chinese; an empty list when it may be used."""
    found = []
    if len(password) < profile.min_length:
        found.append(f"至少 {profile.min_length} 个字符（现在 {len(password)} 个）")
    if len(password) > MAX_LENGTH:
        return [f"最多 {MAX_LENGTH} 个字符（现在 {len(password)} 个）"]
    classes = sum((any(c.islower() for c in password), any(c.isupper() for c in password),
        any(c.isdigit() for c in password),
        any(not c.islower() and not c.isupper() and not c.isdigit() for c in password)))  # fmt: skip
    if classes < profile.min_classes:
        found.append(f"小写字母、大写字母、数字、符号中至少要有 {profile.min_classes} 种")
    if guessable.is_common(password):
        found.append("这是最常见的口令之一（前后加数字、符号也算），换一个")
    if guessable.is_sequence(password):
        found.append("不要用连续的字母、数字或键盘上相邻的键（如 abcd、1234、qwer）")
    if guessable.is_repeated(password):
        found.append("不要把同一段重复几遍")
    if guessable.named_in(password, context):
        found.append("口令里不要有用户名、姓名、单位、本县或系统的名称（汉字和拼音都算）")
    if len(set(password)) < 5:
        found.append("不同的字符太少")
    if any(check_password(password, old) for old in list(former)[: profile.history]):
        found.append(f"不能与最近 {profile.history} 次用过的口令相同")
    return found


def fresh(profile: Profile, *, context: Iterable[str] = ()) -> str:
    """A password for one login, of 16 characters and 96 random bits; it keeps to the rules."""
    names = tuple(context)
    while True:
        made = secrets.token_urlsafe(12)
        if not faults(made, profile, context=names):
            return made


def expired(password_at: datetime | None, profile: Profile, *, now: datetime) -> bool:
    """True when the profile wants a new password by now."""
    return profile.max_age is not None and (password_at is None or now - password_at > profile.max_age)
