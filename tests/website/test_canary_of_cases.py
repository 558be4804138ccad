"""What is written of a case stands in its sealed columns and nowhere else: not in logs, notices, audit or
facts."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from qingmiao.site.apps.cases import api, clocks
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.config.logging import JsonLines
from website import cased

pytestmark = pytest.mark.django_db
NAME, FACTS, REPORTER, PHONE = "雀娃甲演示", "雀言手臂瘀伤自由文字", "雀报告人乙", "15447110815"
RECEIPT, FEEDBACK, NOTE = "雀号四七一一", "雀言反馈自由文字", "雀言备注自由文字"
MARKS = (NAME, FACTS, REPORTER, PHONE, RECEIPT, FEEDBACK, NOTE)
PLAIN_STANDS_IN = {("cases_step", "values"): {RECEIPT}}
"""A field that is 内部 by its programme may stand as it is in the case's own steps."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def columns() -> list[tuple[str, str]]:
    """Every column of every table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        return [(str(t), str(c)) for t, c in cursor.fetchall()]


def found_in_tables() -> set[tuple[str, str, str]]:
    """(table, column, mark) of every readable place."""
    found = set()
    with connection.cursor() as cursor:
        for table, column in columns():
            for mark in MARKS:
                where = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE position(%s in {}::text) > 0)")
                cursor.execute(where.format(sql.Identifier(table), sql.Identifier(column)).as_string(None), [mark])
                if cursor.fetchone() == (True,):
                    found.add((table, column, mark))
    return found


def test_nothing_that_was_written_leaves_the_case(make_person: Callable[..., Any], log: io.StringIO) -> None:
    people = cased.people(make_person, "teacher", "police", "office", "office2")
    number = cased.drafted(people["teacher"], child_name=NAME)
    said = {"facts_seen": FACTS, "reporter_name": REPORTER, "reporter_phone": PHONE}
    cased.taken(people["teacher"], number, "reported", cased.SEEN | said)
    cased.taken(people["police"], number, "received", {"receipt_number": RECEIPT, "record_made": True})
    api.add_note(Reach(people["police"]), number, NOTE)
    wrong = api.take_step(
        Reach(people["police"]), number, "protecting", {"measures": [FEEDBACK]}, seen=3, operation=cased.op()
    )
    assert not wrong.done
    with pytest.raises(api.AbsentError):
        api.take_step(
            Reach(people["teacher"]), number, "closed", {"close_note": FEEDBACK}, seen=3, operation=cased.op()
        )
    clocks.look(timezone.now() + timedelta(days=400))
    assert NAME in repr(api.case(Reach(people["police"]), number).fields)
    left = {f for f in found_in_tables() if f[2] not in PLAIN_STANDS_IN.get((f[0], f[1]), set())}
    assert left == set()
    assert [mark for mark in MARKS if mark in log.getvalue()] == []
