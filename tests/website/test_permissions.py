"""Every address × role × ownership: who gets in, who finds nothing. A new address without a row fails.

permissions/*.yaml has one entry an address:

    people.one:
      args: {username: target}      # arguments; a fixture world makes them (worlds.py)
      own: [system_admin]           # roles that get in to what lies in their own reach; everybody else finds nothing
      other_unit: []                # roles that get in to another unit's
      other_county: []              # … another county's
      anonymous: false
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api
from qingmiao.site.apps.directory.models import Assignment, Organisation
from qingmiao.site.apps.directory.permissions import Reach
from website import filed, worlds
from website.addresses import MATRIX, patterns
from website.role_ids import Role


def test_every_address_has_a_row_and_every_row_an_address():
    assert sorted(p.name for p in patterns()) == sorted(MATRIX)


def test_every_view_says_who_may_open_it():
    unguarded = [p.name for p in patterns() if not hasattr(p.callback, "access")]
    assert unguarded == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(MATRIX))
def test_who_gets_in(name: str, make_person, browser_of):
    row = MATRIX[name]
    wrong = []
    for ownership in ("own", "other_unit", "other_county"):
        if ownership != "own" and not row.get("args"):
            continue
        allowed = row.get(ownership, [])
        for role in Role:
            person = make_person(worlds.UNIT_OF[role], role)
            url = reverse(name, kwargs=worlds.arguments(name, row.get("args") or {}, ownership, role, make_person))
            got = _open(browser_of(person), url, row)
            want = allowed == "all" or role.value in allowed
            inside = got.status_code not in (403, 404, 405) and not (
                got.status_code == 302 and got.url.startswith("/login?next=")
            )
            if inside != want:
                wrong.append(
                    f"{role.value} {ownership}: {got.status_code}, expected {'in' if want else 'nothing found'}"
                )
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(n for n, row in MATRIX.items() if not row.get("anonymous")))
def test_a_role_held_in_another_county_opens_nothing_here(name: str, make_person, browser_of):
    """Office, statistics, auditor and administrator there, liaison here: every page answers as to a liaison alone."""
    row = MATRIX[name]
    plain, both = make_person("health", Role.LIAISON, "plain"), make_person("health", Role.LIAISON, "both")
    there = Organisation.objects.get(pk="other.statistics")
    filed.held_anywhere()
    for role in (Role.COMMITTEE_OFFICE, Role.STATISTICS, Role.AUDITOR):
        api.grant(audit.SYSTEM, both, role, on=date(2024, 1, 1), unit=there)
    # Nobody is given this beside business; it would open nothing here all the same.
    Assignment.objects.create(
        person=both, role=Role.SYSTEM_ADMIN, organisation=there, area=there.area, from_date=date(2024, 1, 1)
    )
    for ownership in ("own", "other_unit", "other_county") if row.get("args") else ("own",):
        url = reverse(name, kwargs=worlds.arguments(name, row.get("args") or {}, ownership, Role.LIAISON, make_person))
        if ownership == "other_county" and "number" in (row.get("args") or {}):
            continue  # there the role is held
        if name == "people.one" and ownership == "other_county":
            continue
        answers = [_open(browser_of(who), url, row).status_code for who in (plain, both)]
        assert answers[0] == answers[1], (ownership, answers)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(n for n, row in MATRIX.items() if not row.get("anonymous")))
def test_nobody_without_login_or_with_a_disabled_account(name: str, make_person, browser_of):
    row = MATRIX[name]
    url = reverse(name, kwargs=worlds.arguments(name, row.get("args") or {}, "own", Role.COMMITTEE_OFFICE, make_person))
    disabled = make_person("committee_office", Role.COMMITTEE_OFFICE, "gone", active=False)
    for client in (Client(), browser_of(disabled)):
        got = _open(client, url, row)
        assert got.status_code == 302
        assert got.url.startswith("/login")


NOBODY = frozenset({"nobody"})


@pytest.mark.django_db
def test_each_role_of_a_page_taken_away_or_given_to_all_turns_the_matrix_red(
    make_person, browser_of, monkeypatch, capsys
):
    """Each page × each role that it names: somebody whom the matrix lets in by that role alone is out without it.

    And with the page given to everybody, somebody whom the matrix keeps out gets in, or the view refuses as well:
    those pages are counted apart.
    """
    people = {role: make_person(worlds.UNIT_OF[role], role) for role in Role}
    browsers = {role: browser_of(person) for role, person in people.items()}
    reaches = {role: Reach(person).roles for role, person in people.items()}

    def inside(name: str, row: dict, role: Role) -> bool:
        url = reverse(name, kwargs=worlds.arguments(name, row.get("args") or {}, "own", role, make_person))
        with transaction.atomic():
            got = _open(browsers[role], url, row)
            transaction.set_rollback(True)
        return got.status_code not in (403, 404, 405) and not (
            got.status_code == 302 and got.url.startswith("/login?next=")
        )

    unnoticed, taken, given, twice = [], 0, 0, []
    for pattern in patterns():
        name, access, row = pattern.name, pattern.callback.access, MATRIX[pattern.name]
        if access.open or access.half:
            continue
        may = [r for r in Role if row.get("own") == "all" or r.value in row.get("own", ())]
        if not may:
            continue  # only for roles of children's files: opened by their own tests
        for one in sorted(access.roles) or [""]:
            left = (access.roles - {one}) or NOBODY
            by_it = [r for r in may if not reaches[r] & left]
            with monkeypatch.context() as patched:
                patched.setattr(pattern.callback, "access", replace(access, roles=left))
                if not any(not inside(name, row, r) for r in by_it[:1]):
                    unnoticed.append(f"{name}: {one or 'everybody'} taken away")
            taken += 1
        out = [r for r in Role if r not in may]
        if access.roles and out:
            with monkeypatch.context() as patched:
                patched.setattr(pattern.callback, "access", replace(access, roles=frozenset()))
                given += 1
                if not any(inside(name, row, r) for r in out):
                    twice.append(name)
    assert unnoticed == []
    assert len(twice) < given
    with capsys.disabled():
        print(
            f"\n{taken} roles of pages taken away in turn, each noticed; {given} pages given to everybody: "
            f"{given - len(twice)} noticed, {len(twice)} held by the view too ({', '.join(sorted(twice))})"
        )


def _open(client: Client, url: str, row: dict):
    query = worlds.QUERIES.get(row.get("query", ""), "")
    if query and row["query"] in worlds.MEASURED:
        worlds.measured()
    if row.get("method") == "POST":
        return client.post(url, dict(part.split("=") for part in query.split("&")) if query else {})
    return client.get(f"{url}?{query}" if query else url)
