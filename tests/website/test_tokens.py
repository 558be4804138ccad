"""Keys for other programs: shown once, kept as a hash, ended at once, good for a person's own rights and no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import tokens
from qingmiao.site.apps.directory.access import NotAllowedError
from qingmiao.site.apps.directory.models import ApiToken
from website.addresses import interfaces
from website.role_ids import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def health(make_person: Any) -> Any:
    return make_person("health", Role.LIAISON)


def given(person: Any, *scopes: str) -> str:
    return tokens.make(audit.SYSTEM, person.username, purpose="演示系统", scopes=scopes or ["fhir.read"], days=9)[1]


def test_the_key_itself_is_kept_nowhere(health: Any) -> None:
    key = given(health, "fhir.read", "fhir.write")
    row = ApiToken.objects.get()
    assert key not in str([getattr(row, f.attname) for f in row._meta.concrete_fields])
    assert key not in "".join(str(e.detail) for e in Event.objects.all())
    assert (found := tokens.find(key)) is not None
    assert (found.reach.person.pk, found.scopes) == (health.pk, {"fhir.read", "fhir.write"})
    assert [(t.state, t.username) for t in tokens.listed()] == [("在用", health.username)]


def test_ended_expired_or_of_a_disabled_account_it_opens_nothing(health: Any) -> None:
    key = given(health)
    ApiToken.objects.update(expires_at=timezone.now())
    assert tokens.find(key) is None
    assert tokens.listed()[0].state == "到期"
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert tokens.find(key) is not None
    health.is_active = False
    health.save()
    assert tokens.find(key) is None
    health.is_active = True
    health.save()
    tokens.revoke(audit.SYSTEM, ApiToken.objects.get().pk)
    assert tokens.find(key) is None
    with pytest.raises(NotAllowedError):
        tokens.revoke(audit.SYSTEM, ApiToken.objects.get().pk)


@pytest.mark.parametrize(
    ("username", "purpose", "scopes", "days"),
    [
        ("nobody", "演示系统", ["fhir.read"], 9),
        ("", "演示系统", ["fhir.read"], 0),
        ("", "演示系统", ["fhir.read"], 367),
        ("", " ", ["fhir.read"], 9),
        ("", "演示系统", [], 9),
        ("", "演示系统", ["everything"], 9),
    ],
)
def test_what_cannot_be_made(health: Any, username: str, purpose: str, scopes: list[str], days: int) -> None:
    with pytest.raises(UserError):
        tokens.make(audit.SYSTEM, username or health.username, purpose=purpose, scopes=scopes, days=days)
    assert not ApiToken.objects.exists()


ARGUMENTS = {"kind": "Questionnaire", "id": "x", "name": "expand", "number": "1"}


@pytest.mark.parametrize("name", sorted(p.name for p in interfaces()))
def test_every_address_asks_for_a_token_with_its_scope_and_for_nothing_else(
    name: str, health: Any, browser_of: Any
) -> None:
    pattern = next(p for p in interfaces() if p.name == name)
    named = (
        pattern.pattern.regex.groupindex if not hasattr(pattern.pattern, "converters") else pattern.pattern.converters
    )
    url = reverse(name, kwargs={n: ARGUMENTS[n] for n in named})
    elsewhere = given(health, *(s for s in tokens.SCOPES if s.partition(".")[0] != name.partition(".")[0]))
    for method in pattern.callback.access.methods:
        for client, header in (
            (Client(), ""),
            (browser_of(health), ""),
            (Client(), "Bearer qm_wrong"),
            (Client(), "Basic x"),
        ):
            got = client.generic(method, url, "{}", "application/fhir+json", headers={"Authorization": header})
            assert got.status_code == 401, (method, header)
            assert got["WWW-Authenticate"] == "Bearer"
        got = Client().generic(
            method, url, "{}", "application/fhir+json", headers={"Authorization": f"Bearer {elsewhere}"}
        )
        assert got.status_code == 403
