"""How often each page of children's and mothers' files asks the database: as often for many as for one, and no more
than the table says."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from website.filed import a_child, a_kept_record, born, doctor, held_anywhere
from website.filed_mothers import a_kept_mother
from website.growing import a_pupil, ago, days_ago

pytestmark = pytest.mark.django_db
CEILINGS = {
    "records.list": 10, "records.work": 22, "records.slips": 11, "records.one": 22, "records.growth": 12,
    "records.eyes": 12, "records.fitness": 12, "records.vaccines": 17, "records.known": 21, "records.looked": 8,
    "records.sheet": 19, "mothers.list": 8, "mothers.one": 17,
}  # fmt: skip
"""Page → queries, of somebody with four roles, with those that every page asks (session, rights, notices)."""


@pytest.fixture
def counted(make_person, browser_of):
    """counted(child, mother) → page → queries, for somebody who sees every part of the files."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api as directory

    who = doctor(make_person)
    held_anywhere()
    for role in ("school_doctor", "maternal_child_station", "vaccinator"):
        directory.grant(audit.SYSTEM, who, role, on=ago(700), area=who.organisation.area_id)
    browser = browser_of(who)

    def count(child: int, mother: int) -> dict[str, int]:
        found = {}
        for name in CEILINGS:
            lists = ("records.list", "records.work", "records.slips", "mothers.list")
            number = mother if name == "mothers.one" else child
            where = reverse(name, args=() if name in lists else (number,))
            said = {"day": ago(1).isoformat()} if name == "records.known" else {}
            browser.get(where)  # what a process remembers is remembered
            with CaptureQueriesContext(connection) as asked:
                answer = browser.get(where, said)
            assert answer.status_code == 200, name
            found[name] = len(asked)
        return found

    return who, count


def test_a_page_asks_as_often_for_many_as_for_one_and_no_more_than_the_table_says(counted):
    from qingmiao.site.apps.records.due_counting import count_all

    who, count = counted
    with days_ago(3):
        child = a_pupil(who)
    mother = a_kept_mother(who, who.organisation_id).relative_id
    count_all()
    one = count(child, mother)
    for n, name in enumerate(("演示二", "演示三", "演示四")):
        a_kept_record(a_child(who, name, birth=born(700 + n), reason="确实是另一名儿童"))
        a_kept_record(child)
    many = count(child, mother)
    assert one == many
    assert {name: n for name, n in many.items() if n > CEILINGS[name]} == {}
    assert {name: n for name, n in many.items() if n < CEILINGS[name] - 3} == {}, "the table may be lower"
