"""A register of 100,000 entries: a page of its list asks as often as one of a few, and reads its rows by the index."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from website.registered import a_nursery
from website.role_ids import Role

pytestmark = pytest.mark.django_db
MANY = 100_000
COPIES = """
INSERT INTO registers_entry (register, unit_id, entered_unit_id, name, kind, area, key, answers, valid_from, state,
    version, made_by_id, made_at, changed_date, confirmed_year)
SELECT register, unit_id, entered_unit_id, '演示' || n, kind, area, 'name=' || n, answers, valid_from, 'open',
    1, made_by_id, made_at, changed_date - (n %% 2000), confirmed_year
FROM registers_entry, generate_series(1, %s) n WHERE id = %s
"""


def asked(browser: Any, where: str, **given: str) -> tuple[int, list[str], Any]:
    """How often a page asks, what it asks of entries, and the page."""
    browser.get(where, given)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(where, given)
    assert answer.status_code == 200
    return len(queries), [q["sql"] for q in queries if "registers_entry" in q["sql"]], answer


def test_a_page_of_many_asks_as_one_of_few_and_goes_by_the_index(
    directory: Any, make_person: Any, browser_of: Any
) -> None:
    number = a_nursery(make_person)
    browser = browser_of(make_person("health", Role.LIAISON, "register-keeper"))
    where = reverse("registers.entries", args=("nurseries",))
    few, _, _ = asked(browser, where)
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [MANY, number])
        cursor.execute("ANALYZE registers_entry")
    many, of_entries, page = asked(browser, where)
    assert many == few
    assert len(page.context["rows"]) == 100
    (listing,) = [sql for sql in of_entries if "ORDER BY" in sql]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT TEXT) " + listing)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "register_changed" in plan, plan
    assert "Seq Scan on registers_entry" not in plan.split("InitPlan")[0], plan
    after = page.context["following"]
    further, _, following = asked(browser, where, after=after)
    assert further == many
    assert {r.id for r in following.context["rows"]} & {r.id for r in page.context["rows"]} == set()
