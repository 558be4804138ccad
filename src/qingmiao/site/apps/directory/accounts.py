"""Accounts and the roles of their people: every write is a step of the account's flow, taken through its door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access, administrators, kept_roles, naming, passwords, second_factor, sessions
from qingmiao.site.apps.directory.access import By, ConflictError, Doing, Door, Seen
from qingmiao.site.apps.directory.models import AreaVersion, Assignment, Organisation, Person, Post
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import SECURITY_ADMIN
from qingmiao.site.apps.directory.workflow import FLOW

ENDED = "这个角色已经收回"
ASKED_FOR = timedelta(hours=24)
"""So long may the second administrator agree to take a second factor away (local setting)."""
FORMER = 12
"""So many former passwords are kept (their hashes)."""


def make_person(
    by: By, *, username: str, name: str, unit: Organisation, password: str, post: str = "", demo: bool = False,
    must_change: bool = True,
) -> Person:  # fmt: skip
    """A new account. Raises NotAllowedError: a name or password does not fit, ConflictError for a taken name."""
    person = Person(
        username=username, name=name, organisation=unit, is_demo=demo, must_change_password=must_change
    )  # fmt: skip
    try:
        return access.create(by, person, "make", {"password": password, "post": post})
    except ConflictError as e:
        raise ConflictError(f"用户名 {username} 已经有人用，请换一个", who=e.who, when=e.when) from e


def set_active(by: By, person: Person, active: bool) -> Person:
    """Disable or enable an account; disabling ends its sessions at once. Raises ConflictError: somebody was first."""
    return access.perform(by, person, "enable" if active else "disable", Seen("disabled" if active else "active"))


def grant(by: By, person: Person, role: str, *, on: date, unit: Organisation | None = None, area: str = "") -> Person:
    """Give a role over a unit (default the person's own) and an area (default the unit's).

    Raises NotAllowedError for a role that the pack lacks, that is held already, that a unit of this kind may not
    hold, or that the person cannot hold beside another (held anywhere): the administrators are three people. Raises
    AbsentError for whoever gives no roles over that unit.
    """
    scope = unit or person.organisation
    access.require(by, person, "grant")
    _gives_over(by, scope)
    answers = {"role": str(role), "unit": scope.pk, "area": area or scope.area_id, "on": on}
    return access.perform(by, person, "grant", Seen(), answers)


def revoke(by: By, person: Person, assignment: int, *, on: date) -> Person:
    """End a role; it counts until the day before. A role that began today is taken away whole.

    Raises NotAllowedError where the person does not hold it any more.
    """
    access.require(by, person, "revoke")
    held = Assignment.objects.select_related("organisation").filter(pk=assignment).first()
    if held is None or held.person_id != person.pk:
        raise access.NotAllowedError(ENDED)
    _gives_over(by, held.organisation)
    answers = {"role": held.role, "unit": held.organisation_id, "on": on}
    return access.perform(by, person, "revoke", Seen(), answers)


def reset_password(by: By, person: Person, new: str) -> Person:
    """A new password from the system administrator, for one login. Raises NotAllowedError: it breaks the rules."""
    return access.perform(by, person, "reset_password", Seen(), {"password": new})


def renew_password(by: audit.NamedActor, person: Person, new: str) -> Person:
    """A new password for one login, for the only system administrator, whom nobody on the site can give one.

    Raises NotAllowedError where the person is none, or another one is in use.
    """
    return access.perform(by, person, "renew_password", Seen(), {"password": new})


def change_password(by: By, person: Person, new: str) -> Person:
    """A new password from the person. Raises NotAllowedError when it breaks the rules."""
    return access.perform(by, person, "change_password", Seen(), {"password": new})


def set_codes(by: By, person: Person, secret: str, *, step: int = 0) -> Person:
    """Set the secret of the second factor; `step` is the time step whose code proved it."""
    return access.perform(by, person, "set_codes", Seen(), {"secret": secret, "step": step})


def ask_codes_reset(by: By, person: Person) -> Person:
    """An administrator asks that a lost second factor be taken away; good for a day."""
    return access.perform(by, person, "ask_codes_reset", Seen())


def reset_codes(by: By, person: Person) -> Person:
    """Another administrator agrees: the second factor is taken away, sessions end, the next login sets up a new one.

    Raises NotAllowedError where nobody else has asked within `ASKED_FOR`.
    """
    return access.perform(by, person, "reset_codes", Seen())


def lose_codes(by: audit.NamedActor, person: Person) -> Person:
    """A second factor that the site's key cannot open any more is taken away."""
    return access.perform(by, person, "lose_codes", Seen())


def profile() -> passwords.Profile:
    """The password rules in force."""
    return passwords.PROFILES[settings.ENVIRONMENT.password_profile]


def names(person: Person) -> tuple[str, ...]:
    """What a password must not hold: the names of the person, the unit, the areas that it lies in, the system."""
    unit = person.organisation
    codes = {unit.area_id[:length] for length in (6, 9, 12)}
    areas = AreaVersion.objects.filter(area__in=codes, to_date=None).order_by("area").values_list("name", flat=True)
    shorter = [a[:-1] for a in areas if len(a) > 2]  # the name without 县, 镇, 乡
    return (person.username, person.name, unit.label, unit.short, *areas, *shorter, "qingmiao", "青苗")


def first_password(person: Person) -> str:
    """A password for one login that fits the person (who need not be stored yet)."""
    return passwords.fresh(profile(), context=names(person))


def must_change(person: Person, *, now: datetime) -> bool:
    """True when the person has to choose a new password before going on."""
    return person.must_change_password or passwords.expired(person.password_at, profile(), now=now)


def _gives_over(by: By, scope: Organisation) -> None:
    """Raises AbsentError for a person who gives no roles over that unit (the flow asks over the account's own unit)."""
    if isinstance(by, audit.NamedActor):
        return
    reach = by if isinstance(by, Reach) else Reach(by)
    if not reach.holds({SECURITY_ADMIN}, over=scope):
        raise access.AbsentError("没有这个单位")


def _well_named(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    asked = (
        naming.username_fits(person.username),
        naming.words_fit("姓名", person.name, naming.MOST_NAME, least=1),
        naming.words_fit("职务", str(answers.get("post") or ""), naming.MOST_POST),
    )
    return next((d for d in asked if not d), YES)


def _password_fits(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    wrong = passwords.faults(
        answers["password"],
        profile(),
        context=names(person),
        former=[p for p in (person.password, *person.former_passwords) if p],
    )
    return no("口令不合要求：" + "；".join(wrong)) if wrong else YES


def _has_codes(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return YES if person.totp else no(f"{person.name} 没有设置动态口令，不用重置：下次登录时自己设置")


def asked_for_codes(person: Person, *, now: datetime) -> Person | None:
    """The administrator who asked to take the second factor away, as long as that is good."""
    fresh = person.codes_asked_at is not None and now - person.codes_asked_at <= ASKED_FOR
    return person.codes_asked_by if fresh else None


def _asked_by_another(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    asker = asked_for_codes(person, now=at)
    if asker is None:
        return no("重置动态口令要两名管理员：先由一人提出，24 小时内由另一人批准")
    return no("是您提出的，要由另一名管理员批准") if asker.username == who.id else YES


def _another(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return no("不能改自己的账号和角色") if who.id == person.username else YES


def _may_hold(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return kept_roles.may_hold(person, answers["role"], Organisation.objects.get(pk=answers["unit"]))


def _is_held(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return YES if _held(person, answers).exists() else no(ENDED)


def _held(person: Person, answers: Mapping[str, Any]) -> QuerySet[Assignment]:
    return person.assignments.filter(role=answers["role"], organisation=answers["unit"], to_date=None)


def _columns(person: Person, doing: Doing) -> dict[str, Any]:
    """The columns that a step sets beside the state."""
    step, answers = doing.step.name, doing.answers
    if step == "make":
        post = doing.said("post")
        return {
            "post": Post.objects.get_or_create(organisation=person.organisation, title=post)[0] if post else None,
            "password": passwords.hashed(answers["password"], demo=person.is_demo),
            "password_at": doing.at,
        }
    if step in ("reset_password", "renew_password", "change_password"):
        return {
            "former_passwords": [person.password, *person.former_passwords][:FORMER],
            "password": passwords.hashed(answers["password"], demo=False),
            "password_at": doing.at,
            "must_change_password": step != "change_password",
        }
    if step == "ask_codes_reset":
        return {"codes_asked_by": doing.person, "codes_asked_at": doing.at}
    if step in ("set_codes", "reset_codes", "lose_codes"):
        secret = answers.get("secret")
        codes = {"totp": second_factor.encrypt(secret) if secret else None, "totp_step": answers.get("step", 0)}
        return {**codes, "codes_asked_by": None, "codes_asked_at": None}
    return {}


def _logged_out(person: Person, doing: Doing) -> dict[str, Any]:
    return {"sessions": sessions.end(doing.actor, list(person.sessions.filter(ended_at=None)), now=doing.at)}


def _given(person: Person, doing: Doing) -> dict[str, Any]:
    role, unit, area, on = (doing.answers[name] for name in ("role", "unit", "area", "on"))
    Assignment.objects.create(person=person, role=role, organisation_id=unit, area_id=area, from_date=on)
    return {"role": role, "unit": unit, "area": area}


def _taken(person: Person, doing: Doing) -> dict[str, Any]:
    held, on = _held(person, doing.answers).get(), doing.answers["on"]
    if held.from_date >= on:
        held.delete()
    else:
        held.to_date = on
        held.save(update_fields=["to_date"])
    return {"role": held.role, "unit": held.organisation_id}


def _relations(person: Person, who: Person) -> Iterable[str]:
    return ("self",) if person.pk is not None and person.pk == who.pk else ()


access.register(
    Door(
        Person, FLOW, "这个账号", "person", "directory.person", unit=lambda p: p.organisation,
        guards={
            "well_named": _well_named, "password_fits": _password_fits, "another": _another, "has_codes": _has_codes,
            "alone": administrators.alone,
            "asked_by_another": _asked_by_another, "may_hold": _may_hold,
            "is_held": _is_held,
        },
        effects={"logged_out": _logged_out, "given": _given, "taken": _taken},
        changes=_columns,
        stored=lambda state: {"is_active": state == "active"},
        versioned=False,
        name=lambda p: p.username,
        relations=_relations,
    )
)  # fmt: skip
