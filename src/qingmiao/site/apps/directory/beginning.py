"""The ways into a site that nobody can enter: three administrators, made once; second factors after a lost key."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from qingmiao.content.roles import ADMINISTRATORS
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import accounts, administrators, second_factor
from qingmiao.site.apps.directory.models import Area, Assignment, Organisation, Person, RoleKept

LOCK = 0x716D0014
"""The advisory lock under which they are made, so that of two who begin at once one is refused."""


@dataclass(frozen=True)
class FirstAccount:
    """An account with the password of its first login, which is stored nowhere."""

    username: str
    label: str
    password: str


@transaction.atomic
def first_administrators(unit_id: str) -> tuple[FirstAccount, ...]:
    """Make one account for each administrator's role at a unit, over the whole site; the passwords must be changed at
    once.

    Raises UserError where the site has no units yet, the unit does not exist, or any administrator was ever made here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if not Organisation.objects.exists():
        raise UserError("站点里还没有单位：先启动一次站点（qingmiao serve 会载入内容包），再做这一步")
    if Assignment.objects.filter(role__in=ADMINISTRATORS).exists():
        raise UserError("站点已经有过管理员，不能再这样建立；请由系统管理员在“账号”里新建，由安全管理员授权")
    unit = Organisation.objects.filter(pk=unit_id, is_active=True).first()
    if unit is None:
        known = "、".join(Organisation.objects.order_by("path").values_list("pk", flat=True)[:8])
        raise UserError(f"没有单位「{unit_id}」：--unit 写单位编号，例如 {known}")
    site = Area.objects.filter(is_site=True).values_list("pk", flat=True).first() or unit.area_id
    made = []
    for role in ADMINISTRATORS:
        label, username = RoleKept.objects.get(pk=role).label, role.replace("_", "-")
        password = accounts.first_password(Person(username=username, name=label, organisation=unit))
        person = accounts.make_person(audit.SYSTEM, username=username, name=label, unit=unit, password=password)
        accounts.grant(audit.SYSTEM, person, role, on=timezone.localdate(), area=site)
        made.append(FirstAccount(username, label, password))
    return tuple(made)


@transaction.atomic
def reset_administrator(username: str = "") -> FirstAccount:
    """Give the only system administrator a password for one login: nobody on the site can. Sessions end, codes stay.

    `username` may say who it is. Raises UserError where there is none in use, it is somebody else, or there are more.
    """
    in_use = list(administrators.system_administrators())
    if not in_use:
        raise UserError(
            "站点没有在用的系统管理员：新站点先运行 qingmiao first-admin；角色被收回的，请安全管理员在“账号”里重新授权"
        )
    person = next((p for p in in_use if p.username == (username or p.username)), None)
    if person is None:
        raise UserError(f"「{username}」不是在用的系统管理员；在用的是 {'、'.join(p.username for p in in_use)}")
    password = accounts.first_password(person)
    accounts.renew_password(audit.SYSTEM, person, password)
    return FirstAccount(person.username, person.name, password)


@transaction.atomic
def renew_codes() -> tuple[str, ...]:
    """Take away every second factor that no key of the site opens; their people set up a new one at the next login.

    Returns their user names. Nothing that can be opened is touched, so this weakens no login that still works.
    """
    lost = []
    for person in Person.objects.exclude(totp=None).order_by("username"):
        try:
            second_factor.decrypt(person.totp or b"")
        except second_factor.UnreadableSecretError:
            accounts.lose_codes(audit.SYSTEM, person)
            lost.append(person.username)
    return tuple(lost)
