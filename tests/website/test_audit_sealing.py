"""Sealing: writers never wait for each other; soon everything stands in one chain; unsealed is told apart from
missing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.migrations.state import ProjectState

from qingmiao.site.apps.audit import api, sealing, tasks
from qingmiao.site.apps.audit.chain import START, row_hash
from qingmiao.site.apps.audit.models import Event
from waiting import ENDS, until
from website.role_ids import Role
from website.test_audit import some, tamper, write

at_once = pytest.mark.django_db(transaction=True)


def chain() -> list[tuple[int, str]]:
    """Number and object of the sealed events."""
    return list(Event.objects.filter(number__isnull=False).order_by("number").values_list("number", "object_id"))


@at_once
def test_a_writer_does_not_wait_for_another_whose_transaction_is_open_and_both_are_sealed():
    began, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                api.append(api.SYSTEM, "test.write", object_id="slow")
                began.set()
                go_on.wait(ENDS)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(ENDS)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20s'")  # waiting for the other is an error
            api.append(api.SYSTEM, "test.write", object_id="quick")
        assert api.seal() == 1
        assert chain() == [(1, "quick")]
    finally:
        go_on.set()
        thread.join()
    assert [e.object_id for e in Event.objects.order_by("id")] == ["slow", "quick"], "read in the order of writing"
    assert api.seal() == 1
    assert chain() == [(1, "quick"), (2, "slow")]
    assert api.verify().faults == ()


@at_once
def test_writers_and_sealers_at_once_make_one_chain_without_gaps(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 3)
    monkeypatch.setattr(sealing, "EVERY", 0.01)

    def work() -> None:
        try:
            write(10)
            api.seal()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    with api.Sealer(), api.Sealer():
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    verdict = api.verify()
    assert (verdict.events, verdict.unsealed, verdict.faults) == (8 * 10, 0, ())


@at_once
def test_a_sealer_seals_what_an_earlier_one_left_and_what_comes():
    write(2)
    with api.Sealer():
        until(lambda: not sealing.unsealed())
        write(3)
        until(lambda: not sealing.unsealed())
    assert [n for n, _ in chain()] == [1, 2, 3, 4, 5]


@at_once
def test_what_is_left_at_the_end_is_sealed(monkeypatch):
    looked, look = threading.Event(), sealing.unsealed

    def looking() -> bool:
        found = look()
        looked.set()
        return found

    monkeypatch.setattr(sealing, "unsealed", looking)
    monkeypatch.setattr(sealing, "EVERY", ENDS)
    with api.Sealer():
        assert looked.wait(ENDS)
        write(2)
    assert [n for n, _ in chain()] == [1, 2]


@at_once
def test_a_sealer_goes_on_after_a_lost_connection(monkeypatch):
    monkeypatch.setattr(sealing, "EVERY", 0.01)
    whole, failures = sealing.seal, [OperationalError("gone"), LookupError("vanished")]

    def failing(*, wait: bool) -> int:
        if failures:
            raise failures.pop()
        return whole(wait=wait)

    monkeypatch.setattr(sealing, "seal", failing)
    with api.Sealer():
        write(1)
        until(lambda: not sealing.unsealed())
    assert failures == []


@at_once
def test_while_somebody_seals_a_second_sealer_does_nothing():
    write(1)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing.LOCK])
                held.set()
                go_on.wait(ENDS)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(ENDS)
    try:
        assert api.seal(wait=False) == 0
        assert chain() == []
    finally:
        go_on.set()
        thread.join()
    assert api.seal(wait=False) == 1


@pytest.mark.django_db
def test_more_than_one_batch_is_sealed_in_the_order_of_writing(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 3)
    write(7)
    assert api.seal() == 7
    assert chain() == [(n + 1, str(n)) for n in range(7)]
    assert api.verify().faults == ()
    assert api.seal() == 0


@pytest.mark.django_db
def test_a_batch_of_which_a_row_vanishes_meanwhile_is_not_sealed_at_all(monkeypatch):
    write(3)
    gone = Event.objects.order_by("id")[1].pk

    def hashing(**row: object) -> str:
        if row["id"] == gone:
            tamper(f"DELETE FROM audit_event WHERE id = {gone}")
        return row_hash(**row)

    monkeypatch.setattr(sealing, "row_hash", hashing)
    with pytest.raises(LookupError, match="1 of 3"):
        api.seal()
    assert chain() == []


@pytest.mark.django_db
def test_unsealed_is_told_apart_from_missing_and_late_from_young():
    some(3)
    write(2)
    before = api.verify()
    assert (before.events, before.unsealed, before.late, before.broken, before.faults) == (3, 2, 0, 0, ())
    tamper("UPDATE audit_event SET at = at - interval '61 seconds' WHERE number IS NULL AND object_id = '0'")
    verdict = api.verify()
    assert (verdict.events, verdict.unsealed, verdict.late, verdict.broken) == (3, 2, 1, 0)
    assert len(verdict.faults) == 1
    assert "1 条写入超过一分钟还没有封存" in verdict.faults[0]
    tamper("DELETE FROM audit_event WHERE number = 2")
    verdict = api.verify()
    # 2 is not there, and 3 does not follow on 1
    assert (verdict.events, verdict.unsealed, verdict.late, verdict.broken) == (2, 2, 1, 2)


@pytest.mark.django_db
def test_an_old_event_that_is_sealed_while_the_verifier_waits_is_not_late(monkeypatch):
    write(1)
    tamper("UPDATE audit_event SET at = at - interval '1 hour'")
    monkeypatch.setattr("qingmiao.site.apps.audit.verifying.time.sleep", lambda _: api.seal())
    verdict = api.verify(patience=1)
    assert (verdict.events, verdict.unsealed, verdict.faults) == (1, 0, ())


@pytest.mark.django_db
def test_the_verifier_seals_nothing():
    write(2)
    api.verify()
    assert sealing.unsealed()


@pytest.mark.django_db
def test_an_unsealed_event_that_was_deleted_leaves_a_gap_as_a_transaction_rolled_back_does(tmp_path):
    some(1)
    gaps = api.verify().gaps
    write(2)
    tamper("DELETE FROM audit_event WHERE number IS NULL AND object_id = '1'")
    try:
        with transaction.atomic():
            api.append(api.SYSTEM, "test.write")
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    api.seal()
    verdict = api.verify()
    assert (verdict.gaps - gaps, verdict.faults) == (2, ())


@pytest.mark.django_db
def test_everything_after_an_anchored_head_that_is_cut_off_counts_as_broken(tmp_path):
    some(5)
    api.anchor(tmp_path / "anchors")
    tamper("DELETE FROM audit_event WHERE number > 2")
    verdict = api.verify(tmp_path / "anchors")
    assert (verdict.events, verdict.broken) == (2, 3)


@pytest.mark.django_db
def test_the_minute_job_seals_before_it_anchors(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "HOME", tmp_path)
    write(2)
    tasks.anchor(0)
    assert [a.number for a in api.read_anchors(tmp_path / api.ANCHORS).anchors] == [2]


@pytest.mark.django_db
def test_unsealed_events_are_shown_at_once_newest_first(make_person, browser_of):
    some(2)
    write(2)
    assert [e.object_id for e in api.of_object("thing", 1)] == ["1", "1"]
    assert [e.number is None for e in api.of_object("thing", 1)] == [True, False]
    # Also when numbers say otherwise: the earlier of two, sealed later.
    first, second = (api.of_object("thing", 0)[n].id for n in (1, 0))
    tamper(f"UPDATE audit_event SET number = 90, previous = 'p', hash = 'h' WHERE id = {first}")
    tamper(f"UPDATE audit_event SET number = 80, previous = 'p', hash = 'h', sealed_at = now() WHERE id = {second}")
    assert [e.id for e in api.of_object("thing", 0)] == [second, first]
    got = browser_of(make_person("committee_office", Role.AUDITOR)).get("/audit/", {"action": "test.write"})
    shown = list(got.context["events"])
    assert [e.id for e in shown] == sorted((e.id for e in shown), reverse=True)
    assert [e.number is None for e in shown] == [True, False, False, False]
    assert got.content.decode().count("待封存") == 1


@pytest.mark.django_db
def test_a_chain_of_before_stays_valid_and_goes_on():
    """The migration itself, on a table of before whose rows do not lie in the order of their numbers."""
    migrations = [
        import_module(f"qingmiao.site.apps.audit.migrations.{name}").Migration(name, "audit")
        for name in ("0001_start", "0002_append_only", "0003_sealed_later")
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA before; SET LOCAL search_path TO before")
    state = ProjectState()
    for migration in migrations[:2]:
        with connection.schema_editor() as editor:
            state = migration.apply(state, editor)
    made, previous = [], START
    for number in (1, 2, 3):
        row = {
            "number": number, "at": datetime(2024, 1, 1, tzinfo=UTC),
            "actor": "a", "unit": "", "action": "x.y", "object_type": "t", "object_id": "1", "detail": {"k": number},
            "previous": previous,
        }  # fmt: skip
        previous = row_hash(**row)
        made.append(row | {"hash": previous})
    old = state.apps.get_model("audit", "Event")
    for row in reversed(made):
        old.objects.create(**row)
    with connection.schema_editor() as editor:
        migrations[2].apply(state, editor)
    assert api.verify().faults == ()
    assert api.verify().events == 3
    write(2)
    assert [e.id for e in Event.objects.order_by("id")] == [1, 2, 3, 4, 5]
    api.seal()
    verdict = api.verify()
    assert (verdict.events, verdict.gaps, verdict.faults) == (5, 0, ())
    tamper("UPDATE audit_event SET id = 9 WHERE number = 2")
    assert api.verify().faults == ("第 2 条内容被改动",)
