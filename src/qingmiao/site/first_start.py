"""What the first start loads: the pack's areas and units; in the demonstration also made-up accounts and data."""

from __future__ import annotations

import json
import os
import secrets
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from qingmiao.collect.folder import collect
from qingmiao.content import load_pack
from qingmiao.content.pack import Pack
from qingmiao.site.apps.acting import staging as acting_staging
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory import second_factor
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import tasks as publishing_tasks
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.returns import staging as returns_staging
from qingmiao.site.config.environment import Environment
from qingmiao.site.config.parts import Parts


def load(environment: Environment, *, data: Path | None, parts: Parts) -> None:
    """Bring the directory to the pack; load the demonstration once (a second start keeps what was entered)."""
    parts.begin("读内容包")
    pack = load_pack(environment.pack)
    directory.load_pack(audit.SYSTEM, pack, on=timezone.localdate())
    if environment.mode == "demo" and not Person.objects.exists():
        parts.begin("建立演示账号")
        make_accounts(pack, environment.home.parent / "accounts.json", on=timezone.localdate())
    if data is not None and monitoring.current() is None:
        parts.begin("读演示数据", about=f"（{data}）")
        collected = collect(pack, data, on=timezone.localdate())
        parts.begin("载入报表")
        returns.import_accepted(audit.SYSTEM, pack, collected)
        if collected.demo:
            returns_staging.stage(on=timezone.localdate())
            returns_staging.upload_one()
        parts.begin("计算全部指标")
        monitoring.load(audit.SYSTEM, pack, collected, accepted=True)
        if collected.demo:
            parts.begin("加入演示的任务、会议和项目")
            acting_staging.stage(pack, on=timezone.localdate())
            publishing_tasks.demonstrate.defer()
    parts.end()


SINGLE = {
    Role.COMMITTEE_OFFICE: "committee_office",
    Role.STATISTICS: "statistics",
    Role.AUDITOR: "committee_office",
    Role.SYSTEM_ADMIN: "government_service",
    Role.SECURITY_ADMIN: "government_service",
    Role.AUDIT_ADMIN: "government_service",
    Role.SCHOOL: "education",
    Role.HOSPITAL: "mch_hospital",
}
"""Where the one demonstration account of a role sits, if the pack has that unit; else at the first unit of its kind."""


def make_accounts(pack: Pack, path: Path, *, on: date) -> None:
    """Two people in the office and in statistics, a liaison and a leader for every reporting unit, one for each other role.

    Names say what they are; passwords and TOTP secrets are random, made anew for each demonstration and written to
    `path` with mode 0600.
    """
    accounts: list[dict[str, str]] = []
    labels = directory.role_labels()

    def make(role: Role, unit_id: str, username: str, name: str) -> None:
        unit = Organisation.objects.get(pk=unit_id)
        password, secret = secrets.token_urlsafe(12), second_factor.new_secret()
        person = directory.make_person(
            audit.SYSTEM,
            username=username,
            name=name,
            unit=unit,
            password=password,
            demo=True,
            must_change=False,
        )
        area = (
            pack.root_area.code
            if pack.root_area and role not in (Role.SUPERVISOR, Role.VILLAGE_DIRECTOR)
            else unit.area_id
        )
        directory.grant(audit.SYSTEM, person, role, on=on, area=area)
        directory.set_totp(audit.SYSTEM, person, secret)
        accounts.append(
            {
                "role": role.value, "role_label": labels[role], "unit": unit_id, "unit_label": unit.label, "username": username,
                "name": name, "password": password, "totp": secret,
            }
        )  # fmt: skip

    units = list(pack.organisations.values())
    first = units[0].id
    with transaction.atomic():
        for role, unit_id in SINGLE.items():
            where = unit_id if unit_id in pack.organisations else first
            make(role, where, role.value, f"演示·{labels[role]}")
        for role in (Role.COMMITTEE_OFFICE, Role.STATISTICS):
            where = SINGLE[role] if SINGLE[role] in pack.organisations else first
            make(role, where, f"{role.value}2", f"演示·{labels[role]}负责人")
        reporters = sorted({r.reporter for r in pack.returns.values()} | {lead.lead for lead in pack.leads})
        for unit_id in reporters:
            if unit_id in pack.organisations:
                short = unit_id.replace(".", "-")
                label = pack.organisations[unit_id].short or pack.organisations[unit_id].label.zh
                make(Role.LIAISON, unit_id, f"{short}-liaison", f"演示·{label}联络员")
                make(Role.LEADER, unit_id, f"{short}-leader", f"演示·{label}分管领导")
        for unit in units:
            if unit.kind == "township":
                make(Role.SUPERVISOR, unit.id, f"supervisor-{unit.area}", f"演示·{unit.short}督导员")
                make(Role.VILLAGE_DIRECTOR, unit.id, f"village-{unit.area}", f"演示·{unit.short}儿童主任")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=1)
    part.replace(path)
