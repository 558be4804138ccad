"""A real PostgreSQL for the site's tests (started once for all test processes), a small made-up world, logged-in
browsers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from qingmiao.content.pack import Pack
from website.databases import Kept

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "content" / "xiangning"
NEEDS_ONE = re.compile(r'INSERT INTO "audit_event"|\bFOR (NO KEY )?UPDATE\b|\bpg_advisory_xact_lock\b|\bSET LOCAL\b')
"""Statements that are refused, or that do nothing, outside a transaction."""


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any) -> None:
    """The test database of this process, in the place of pytest-django's own making."""
    from django.db import connection

    from website import databases

    databases.start()
    for database in settings.DATABASES.values():
        database["OPTIONS"] = {}  # no pool: each test process holds one connection
    with django_db_blocker.unblock():
        databases.clone()
        with connection.cursor() as cursor:
            # Tables are emptied after tests with real commits: the trail of the test database must allow that.
            cursor.execute("DROP TRIGGER audit_no_truncate ON audit_event")


@pytest.fixture(autouse=True)
def strict_transactions() -> Iterator[None]:
    """While a page is asked for, what needs a transaction has one of its own: that which a test is in, and a site never
    has, counts for none."""
    from django.core.signals import request_finished, request_started
    from django.db import connection

    served: list[bool] = []

    def strict(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        own = any(not block._from_testcase for block in connection.atomic_blocks)
        assert not (served and not own and NEEDS_ONE.search(str(sql))), f"outside a transaction: {str(sql)[:120]}"
        return execute(sql, params, many, context)

    def begins(**_: object) -> None:
        served.append(True)

    def ends(**_: object) -> None:
        served.clear()

    request_started.connect(begins)
    request_finished.connect(ends)
    with connection.execute_wrapper(strict):
        yield
    request_started.disconnect(begins)
    request_finished.disconnect(ends)


@pytest.fixture(scope="session")
def pack():
    from qingmiao.content import load_pack

    return load_pack(PACK)


@pytest.fixture(scope="session")
def kept_directory() -> Kept:
    """What `directory` left the first time."""
    return Kept()


@pytest.fixture
def directory(db: None, pack, kept_directory: Kept) -> None:
    """The areas and units of the county, and one unit of another county."""
    kept_directory.make(lambda: load_directory(pack))


def load_directory(pack: Pack) -> None:
    """Load the pack's areas and units, and add the other county."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.models import Area, AreaVersion, Organisation

    api.load_pack(audit.SYSTEM, pack, on=date(2024, 1, 1))
    other = Area.objects.create(code="141030", full_code="141030000000", level="county")
    AreaVersion.objects.create(area=other, name="邻县", parent_id="141000", kind="县", from_date=date(1900, 1, 1))
    for name in ("health", "committee_office", "statistics", "education"):
        Organisation.objects.create(
            id=f"other.{name}",
            label=f"邻县{name}",
            short="邻县",
            kind=pack.organisations[name].kind,
            area=other,
            path=f"/other.{name}/",
        )


@pytest.fixture
def make_person(directory: None) -> Callable[..., object]:
    """make_person("health", Role.LIAISON) → a person with that role at that unit."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.models import Organisation
    from website.role_ids import Role

    made = {}
    wide = {Role.COMMITTEE_OFFICE, Role.STATISTICS, Role.AUDITOR}

    def make(unit_id: str, role: Role, username: str = "", *, active: bool = True):
        key = (unit_id, role, username)
        if key not in made:
            unit = Organisation.objects.get(pk=unit_id)
            person = api.make_person(
                audit.SYSTEM,
                username=username or f"{unit_id.replace('.', '-')}-{role.value}",
                name=f"演示·{unit.short}",
                unit=unit,
                password="made-up river 4711",
                demo=True,
                must_change=False,
            )
            api.guided(person)
            person.refresh_from_db()
            area = (
                ("141029" if not unit_id.startswith("other.") else "141030")
                if role in wide or "admin" in role.value
                else unit.area_id
            )
            api.grant(audit.SYSTEM, person, role, on=date(2024, 1, 1), area=area)
            if not active:
                person.is_active = False
                person.save()
            made[key] = person
        return made[key]

    return make


@pytest.fixture
def browser_of() -> Callable[..., Client]:
    """browser_of(person) → a client with a whole session of that person."""
    from django.db import transaction

    from qingmiao.site.apps.directory import sessions
    from qingmiao.site.web.ui.sessions import COOKIE

    def log_in(person, **kwargs: object) -> Client:
        client = Client(**kwargs)
        with transaction.atomic():
            token = sessions.begin(person, second_factor=True, address="127.0.0.1", agent="test", now=timezone.now())
        client.cookies[COOKIE] = token
        return client

    return log_in
