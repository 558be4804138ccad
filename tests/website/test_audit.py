"""The trail: a chain that shows every change, in the transaction of what it tells of, anchored outside."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from qingmiao.site.apps.audit import api
from qingmiao.site.apps.audit.chain import START, row_hash
from qingmiao.site.apps.audit.models import Event

NO_TRUNCATE = import_module("qingmiao.site.apps.audit.migrations.0002_append_only").NO_TRUNCATE


def write(count: int) -> None:
    """Events of as many transactions, not sealed."""
    for n in range(count):
        with transaction.atomic():
            api.append(api.SYSTEM, "test.write", object_type="thing", object_id=n, detail={"n": n, "text": "改"})


def some(count: int) -> None:
    """Sealed events."""
    write(count)
    api.seal()


def tamper(sql: str) -> None:
    """What somebody with the database's own password could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_a_whole_chain_verifies():
    some(5)
    verdict = api.verify()
    assert (verdict.events, verdict.faults) == (5, ())
    assert verdict.head == Event.objects.get(number=5).hash


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE audit_event SET actor = 'somebody' WHERE number = 3", "第 3 条内容被改动"),
        ("UPDATE audit_event SET detail = '{}' WHERE number = 1", "第 1 条内容被改动"),
        ("UPDATE audit_event SET at = at + interval '1 microsecond' WHERE number = 2", "第 2 条内容被改动"),
        ("UPDATE audit_event SET id = -1 WHERE number = 2", "第 2 条内容被改动"),
        ("UPDATE audit_event SET sealed_at = at WHERE number = 2", "第 2 条内容被改动"),
        ("UPDATE audit_event SET sealed_at = NULL WHERE number = 2", "第 2 条内容被改动"),
        (f"UPDATE audit_event SET hash = '{'f' * 64}' WHERE number = 4", "第 5 条不接前一条"),
        (f"UPDATE audit_event SET hash = '{'f' * 64}' WHERE number = 5", "第 5 条内容被改动"),
        (
            "UPDATE audit_event SET number = CASE number WHEN 2 THEN 1002 ELSE 1003 END WHERE number IN (2, 3);"
            "UPDATE audit_event SET number = CASE number WHEN 1002 THEN 3 ELSE 2 END WHERE number > 1000",
            "第 2 条不接前一条",
        ),
        ("DELETE FROM audit_event WHERE number = 3", "第 3 条缺失"),
        ("DELETE FROM audit_event WHERE number IN (2, 3)", "第 2–3 条缺失"),
        (
            "UPDATE audit_event SET number = NULL, previous = NULL, hash = NULL, sealed_at = NULL WHERE number = 3",
            "第 3 条缺失",
        ),
        ("DELETE FROM audit_event WHERE number = 5", "末尾被截掉"),
    ],
)
def test_every_change_is_found_and_named(sql, told, tmp_path):
    some(5)
    api.anchor(tmp_path / "anchors")
    tamper(sql)
    assert any(told in f for f in api.verify(tmp_path / "anchors").faults)


@pytest.mark.django_db
def test_a_chain_made_again_from_scratch_does_not_fit_its_anchor(tmp_path):
    some(3)
    api.anchor(tmp_path / "anchors")
    previous = START
    for e in Event.objects.order_by("number"):
        row = {
            k: getattr(e, k)
            for k in (
                "id",
                "sealed_at",
                "number",
                "at",
                "unit",
                "action",
                "object_type",
                "object_id",
                "detail",
            )
        }
        made = row_hash(**row, actor="somebody", previous=previous)
        tamper(
            f"UPDATE audit_event SET actor = 'somebody', previous = '{previous}', hash = '{made}' WHERE number = "
            f"{e.number}"
        )
        previous = made
    assert api.verify().faults == ()
    assert any("锚点" in f for f in api.verify(tmp_path / "anchors").faults)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET actor = 'x'",
        "UPDATE audit_event SET id = -1",
        "UPDATE audit_event SET sealed_at = now()",
        "UPDATE audit_event SET number = NULL, previous = NULL, hash = NULL, sealed_at = NULL",
        "UPDATE audit_event SET actor = 'x', number = 9, previous = 'p', hash = 'h', sealed_at = now()",
        "UPDATE audit_event SET number = 9, previous = 'p', hash = 'h'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
    ],
)
@pytest.mark.parametrize("make", [some, write], ids=["sealed", "unsealed"])
def test_the_database_itself_refuses_changes(sql, make):
    make(1)
    with connection.cursor() as cursor:
        cursor.execute(NO_TRUNCATE)  # the test database goes without it (conftest)
    with (
        pytest.raises(DatabaseError, match="append only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.django_db
def test_the_event_falls_with_its_transaction():
    def write_and_fail() -> None:
        with transaction.atomic():
            api.append(api.SYSTEM, "test.write")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nothing_is_appended():
    with pytest.raises(RuntimeError, match="transaction"):
        api.append(api.SYSTEM, "test.write")


@pytest.mark.django_db
def test_anchors_grow_only_when_the_chain_does_and_a_torn_line_is_taken_away(tmp_path):
    path = tmp_path / "anchors"
    some(1)
    assert api.anchor(path).number == 1
    assert api.anchor(path) is None
    with path.open("a") as file:
        file.write('{"number": 2, "ha')
    assert [a.number for a in api.read_anchors(path).anchors] == [1]
    assert "第 2 行" in api.verify(path).faults[0]
    some(1)
    assert api.anchor(path).number == 2
    assert api.verify(path).faults == ()


ROW = '{"at": "2024-01-01T00:00:00+00:00", "number": 9, "hash": "' + "0" * 64 + '"}\n'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "没有了"),
        ("", "是空的"),
        ("\n", "第 1 行"),
        ("[1]\n", "第 1 行"),
        ("null\n", "第 1 行"),
        ('{"number": "1", "hash": "x", "at": ""}\n', "第 1 行"),
        (ROW.replace("9", "true"), "第 1 行"),
        (ROW + ROW, "序号没有增加"),
        (ROW.replace("+00:00", ""), "第 1 行"),
        ("[" * 5000 + "\n", "第 1 行"),
        ("\ufffd\x00\n", "第 1 行"),
    ],
    ids=["missing", "empty", "blank", "list", "null", "texts", "boolean", "twice", "no zone", "deep", "bytes"],
)
def test_anchors_that_are_missing_empty_or_misshapen_are_faults(tmp_path, text, told):
    path = tmp_path / "anchors"
    if text is not None:
        path.write_text(text, "utf-8")
    if not text:
        assert api.verify(path).faults == (), "nothing was written yet: there is nothing to anchor"
    some(2)
    assert any(told in f for f in api.verify(path).faults)


@pytest.mark.django_db
def test_anchors_that_are_no_file_are_a_fault(tmp_path):
    some(1)
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "fifo")
    for name in ("dangling", "fifo", ""):
        assert any("不是普通文件" in f for f in api.verify(tmp_path / name).faults), name


@pytest.mark.django_db
def test_a_file_of_anchors_begun_anew_is_told(tmp_path):
    path = tmp_path / "anchors"
    some(3)
    api.anchor(path)
    tamper("UPDATE audit_event SET sealed_at = sealed_at - interval '1 day' WHERE number = 1")
    assert any("才开始" in f for f in api.verify(path).faults)


def test_the_hash_covers_every_field():
    row = {
        "id": 1, "number": 1, "at": datetime(2024, 1, 1, tzinfo=UTC), "actor": "a", "unit": "u", "action": "x.y",
        "object_type": "t",
        "object_id": "1", "detail": {"k": 1}, "previous": START, "sealed_at": datetime(2024, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    base = row_hash(**row)
    other = {
        "id": 2,
        "number": 2,
        "sealed_at": datetime(2024, 1, 2, tzinfo=UTC),
        "at": datetime(2024, 1, 2, tzinfo=UTC),
        "detail": {"k": 2},
        "previous": "1" * 64,
    }
    for name in row:
        assert row_hash(**row | {name: other.get(name, "other")}) != base, name
    assert json.dumps(row["detail"]) == '{"k": 1}'
