"""The directory's door: load a pack's areas and units, make people, log in, change passwords and roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.content.roles import BUILT_IN
from qingmiao.kernel.areas import Area as PackArea
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import kept_roles, lockout, passwords, second_factor, sessions
from qingmiao.site.apps.directory.models import (
    Area,
    AreaVersion,
    Assignment,
    Organisation,
    Person,
    Post,
    RoleKept,
    Session,
)
from qingmiao.site.apps.directory.second_factor import new_secret as new_secret


def _end(area: PackArea, kind: str, before: AreaVersion | None, *, seen: bool) -> int:
    """Close the version of an area that no longer exists (made closed where the site never knew it); 1 if anything changed."""
    assert area.last is not None
    ends = area.last + timedelta(days=1)
    if before is not None:
        before.to_date = max(ends, before.from_date + timedelta(days=1))
        before.save()
    elif not seen:
        AreaVersion.objects.create(
            area_id=area.code, name=area.name, parent_id=area.parent, kind=kind,
            from_date=area.first or date(1900, 1, 1), to_date=ends,
        )  # fmt: skip
    return int(before is not None or not seen)


@transaction.atomic
def load_pack(actor: audit.Actor, pack: Pack, *, on: date) -> None:
    """Bring areas and units to what the pack says: new ones are added, changed names become dated versions."""
    present = {v.area_id: v for v in AreaVersion.objects.filter(to_date=None)}
    known = set(Area.objects.values_list("code", flat=True))
    changed = 0
    tree = pack.area_tree
    for old, former in tree.former.items():
        AreaVersion.objects.filter(area_id=old, to_date=None, from_date__lte=former.last).update(
            to_date=former.last + timedelta(days=1)
        )
    for area in sorted(tree, key=lambda a: a.level.depth):
        item = pack.areas[area.code]
        if item.code not in known:
            full = item.code.ljust(12, "0") if item.code.isdigit() else item.code
            Area.objects.create(code=item.code, full_code=full, level=item.level.value)
        before = present.get(item.code)
        if area.last is not None and area.last < on:
            changed += _end(area, item.kind, before, seen=item.code in known)
            continue
        if before and (before.name, before.parent_id, before.kind) == (item.name, area.parent, item.kind):
            continue
        if before and before.from_date == on:
            before.delete()
        elif before:
            before.to_date = on
            before.save()
        # The first version holds from the beginning of what the site knows.
        AreaVersion.objects.create(
            area_id=item.code,
            name=item.name,
            parent_id=area.parent,
            kind=item.kind,
            from_date=on if before else date(1900, 1, 1),
        )
        changed += 1
    site = pack.root_area
    Area.objects.exclude(pk=site.code if site else "").filter(is_site=True).update(is_site=False)
    if site is not None:
        Area.objects.filter(pk=site.code).update(is_site=True)
    kept_roles.keep(pack)
    paths: dict[str, str] = {}
    waiting = dict(pack.organisations)
    while waiting:
        ready = [o for o in waiting.values() if o.parent is None or o.parent in paths]
        for o in ready:
            paths[o.id] = f"{paths[o.parent] if o.parent else '/'}{o.id}/"
            Organisation.objects.update_or_create(
                id=o.id,
                defaults={
                    "label": o.label.zh, "label_en": o.label.en or "", "short": o.short or o.label.zh, "kind": o.kind,
                    "area_id": o.area, "parent_id": o.parent, "path": paths[o.id],
                },
            )  # fmt: skip
            del waiting[o.id]
    audit.append(
        actor,
        "directory.load",
        object_type="pack",
        object_id=pack.id,
        detail={"digest": pack.digest, "areas_changed": changed, "units": len(paths)},
    )


@transaction.atomic
def make_person(
    actor: audit.Actor, *, username: str, name: str, unit: Organisation, password: str, post: str = "", demo: bool = False,
    must_change: bool = True,
) -> Person:  # fmt: skip
    """A new account. Raises UserError when the name is taken or the password breaks the profile."""
    wrong = passwords.faults(password, profile(), context=(username, name, "qingmiao"))
    if wrong:
        raise UserError("口令不合要求：" + "；".join(wrong))
    if Person.objects.filter(username=username).exists():
        raise UserError(f"用户名 {username} 已经有人用")
    held = Post.objects.get_or_create(organisation=unit, title=post)[0] if post else None
    person = Person.objects.create(
        username=username, name=name, organisation=unit, post=held, password=passwords.hashed(password, demo=demo), is_demo=demo,
        must_change_password=must_change, password_at=timezone.now(),
    )  # fmt: skip
    audit.append(
        actor,
        "directory.person.make",
        object_type="person",
        object_id=username,
        detail={"name": name, "unit": unit.pk},
    )
    return person


@dataclass(frozen=True)
class RoleShown:
    """A role that can be given."""

    id: str
    label: str
    label_en: str


def roles() -> tuple[RoleShown, ...]:
    """The roles that can be given, the administrators' last."""
    rows = [RoleShown(r.id, r.label, r.label_en) for r in RoleKept.objects.filter(ended=False).order_by("id")]
    return tuple(sorted(rows, key=lambda r: r.id in BUILT_IN))


def role_labels() -> dict[str, str]:
    """The Chinese label of every role that was ever given; one that the pack no longer has says so."""
    return {r.id: r.label + ("（已取消）" if r.ended else "") for r in RoleKept.objects.all()}


@transaction.atomic
def grant(
    actor: audit.Actor,
    person: Person,
    role: str,
    *,
    on: date,
    unit: Organisation | None = None,
    area: str = "",
) -> Assignment:
    """Give a role over a unit (default the person's own) and an area (default the unit's).

    Raises UserError for a role that the pack does not have, one that a unit of this kind may not hold, or one that the person
    cannot hold beside another (held anywhere): system, security and audit administrators are three people.
    """
    scope = unit or person.organisation
    kept_roles.may_hold(person, role, scope)
    made, _ = Assignment.objects.get_or_create(
        person=person,
        role=str(role),
        organisation=scope,
        to_date=None,
        defaults={"area_id": area or scope.area_id, "from_date": on},
    )
    audit.append(
        actor,
        "directory.role.grant",
        object_type="person",
        object_id=person.username,
        detail={"role": str(role), "unit": scope.pk},
    )
    return made


@transaction.atomic
def revoke(actor: audit.Actor, assignment: Assignment, *, on: date) -> None:
    """End a role; it counts until the day before. A role that began today is taken away whole."""
    if assignment.from_date >= on:
        assignment.delete()
    else:
        assignment.to_date = on
        assignment.save()
    audit.append(
        actor,
        "directory.role.revoke",
        object_type="person",
        object_id=assignment.person.username,
        detail={"role": assignment.role},
    )


@transaction.atomic
def set_active(actor: audit.Actor, person: Person, active: bool) -> None:
    """Disable or enable an account; disabling ends its sessions at once."""
    person.is_active = active
    person.save(update_fields=["is_active"])
    if not active:
        sessions.end(actor, list(person.sessions.filter(ended_at=None)), now=timezone.now())
    audit.append(
        actor,
        "directory.person.enable" if active else "directory.person.disable",
        object_type="person",
        object_id=person.username,
    )


Outcome = Literal["code", "enrol", "wrong", "wait"]


@dataclass(frozen=True)
class Login:
    """How a login went on: `token` of the new half session (password accepted), or how long to wait."""

    outcome: Outcome
    token: str = ""
    wait: timedelta = timedelta(0)


_DUMMY = make_password("dummy") if settings.configured else ""


def check_login(*, username: str, password: str, address: str, agent: str, device: str, now: datetime) -> Login:
    """First step: name and password. An unknown name costs the same time and gets the same answer as a wrong password."""
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
    with transaction.atomic():
        token = sessions.begin(person, second_factor=False, address=address, agent=agent, now=now)
    return Login("code" if person.totp else "enrol", token)


def check_code(session: Session, code: str, *, device: str, now: datetime) -> str | timedelta | None:
    """Second step: the one-time code. A new token for the whole session, the time to wait, or None for a wrong code."""
    person = session.person
    attempt = lockout.Attempt(person.username, session.address, lockout.known_device(device, person.username))
    left = lockout.wait(attempt, now=now)
    if left:
        return left
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        step = (
            second_factor.step_of(second_factor.decrypt(locked.totp), code, after=locked.totp_step, now=now.timestamp())
            if locked.totp
            else None
        )
        if step is None:
            lockout.failed(attempt, now=now)
            audit.append(person, "directory.code.fail", object_type="person", object_id=person.username)
            return None
        locked.totp_step = step
        locked.save(update_fields=["totp_step"])
        lockout.succeeded(attempt)
        return _whole(session, now=now)


def enrol(session: Session, secret: str, code: str, *, now: datetime) -> str | None:
    """The first second factor of a person without one: the code proves that the device has the secret."""
    step = second_factor.step_of(secret, code, after=0, now=now.timestamp())
    if step is None:
        return None
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=session.person_id)
        if person.totp:
            return None
        set_totp(person, person, secret, step=step)
        return _whole(session, now=now)


def _whole(session: Session, *, now: datetime) -> str:
    """Replace the half session by a whole one with a new token (no fixation)."""
    Session.objects.filter(pk=session.pk).update(ended_at=now)
    return sessions.begin(session.person, second_factor=True, address=session.address, agent=session.agent, now=now)


@transaction.atomic
def set_totp(actor: audit.Actor, person: Person, secret: str | None, *, step: int = 0) -> None:
    """Set or reset (None) the second factor."""
    person.totp = second_factor.encrypt(secret) if secret else None
    person.totp_step = step
    person.save(update_fields=["totp", "totp_step"])
    audit.append(
        actor,
        "directory.totp.set" if secret else "directory.totp.reset",
        object_type="person",
        object_id=person.username,
    )


@transaction.atomic
def change_password(actor: audit.Actor, person: Person, new: str, *, temporary: bool = False) -> list[str]:
    """Set a new password; what is wrong with it, or an empty list. `temporary`: it must be changed at the next login."""
    rules = profile()
    wrong = passwords.faults(
        new,
        rules,
        context=(person.username, person.name, "qingmiao"),
        former=[person.password, *person.former_passwords],
    )
    if wrong:
        return wrong
    person.former_passwords = [person.password, *person.former_passwords][:12]
    person.password = make_password(new)
    person.password_at = timezone.now()
    person.must_change_password = temporary
    person.save(update_fields=["password", "former_passwords", "password_at", "must_change_password"])
    audit.append(actor, "directory.password.change", object_type="person", object_id=person.username)
    return []


def profile() -> passwords.Profile:
    """The password rules in force."""
    return passwords.PROFILES[settings.ENVIRONMENT.password_profile]


def must_change(person: Person, *, now: datetime) -> bool:
    """True when the person has to choose a new password before going on."""
    return person.must_change_password or passwords.expired(person.password_at, profile(), now=now)
