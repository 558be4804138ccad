"""The stream of facts: published whole or not at all, once, in place of what the source said before, and heard by its
consumers."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from qingmiao.site.apps.facts import api
from qingmiao.site.apps.facts.models import Batch, Change, Publication

pytestmark = pytest.mark.django_db
TABLE = "evidence_items"


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    """A made-up kind of source, and one consumer that counts how often it is woken."""
    from qingmiao.site.apps.facts import outbox, sources

    monkeypatch.setattr(sources, "_kinds", dict(sources._kinds))
    api.register("note", label=lambda name: f"演示记录 {name}", address=lambda name: f"/notes/{name}/")
    woken: list[str] = []
    monkeypatch.setattr(outbox, "_consumers", {"reader": lambda: woken.append("reader")})
    return woken


def item(number: str, day: str = "2024-05-06", recorded: str = "2024-06-01", **other: object) -> dict[str, object]:
    row = {
        "evidence_id": number, "area_code": "141029", "made_on": day, "element": "S001", "kind": KIND, "title": "演示材料",
        "organisation": "演示单位", "state": STATE, "recorded_at": recorded,
    }  # fmt: skip
    return row | other


KIND, STATE = "", ""


@pytest.fixture(autouse=True)
def codes(pack):
    global KIND, STATE
    KIND = next(iter(pack.codes["evidence_kind"].codes))
    STATE = next(iter(pack.codes["evidence_state"].codes))


def ids(pack, partition: int | None = None) -> list[str]:
    return api.current(pack, TABLE, partition)["evidence_id"].to_pylist()


def publish(pack, rows, version: int = 1, source: str = "note:1", partition: int | None = None):
    return api.publish(TABLE, partition, rows, source=source, version=version, pack=pack)


def test_rows_lie_in_the_partition_of_their_day_and_are_read_in_the_order_of_their_keys(pack):
    made = publish(pack, [item("B"), item("A"), item("C", "2023-12-31")])
    assert (made.rows, made.partitions, made.new) == (3, (2023, 2024), True)
    assert ids(pack, 2024) == ["A", "B"]
    assert ids(pack) == ["A", "B", "C"]
    assert api.partitions(TABLE) == ((TABLE, 2023), (TABLE, 2024))


def test_the_same_version_twice_is_one_publication_and_other_rows_under_it_are_refused(pack, made_up):
    first = publish(pack, [item("A")])
    again = publish(pack, [item("A")])
    assert (again.id, again.new) == (first.id, False)
    assert Publication.objects.count() == 1
    assert made_up == ["reader"]
    with pytest.raises(api.RefusedFactsError, match="第 1 版已经发布过"):
        publish(pack, [item("A", title="另一个")])


def test_a_newer_version_counts_in_place_of_the_older_one_whose_rows_stay(pack):
    publish(pack, [item("A"), item("B", "2023-01-02")])
    publish(pack, [item("A", "2022-03-04")], version=2)
    assert ids(pack) == ["A"]
    assert ids(pack, 2024) == []
    assert ids(pack, 2022) == ["A"]
    assert Batch.objects.count() == 3
    told = [(t.partition, t.replaced) for t in api.untaken("reader") if t.version == 2]
    assert told == [(2022, False), (2023, True), (2024, True)]


def test_an_older_version_that_comes_late_does_not_count_and_nobody_is_woken(pack, made_up):
    publish(pack, [item("A", title="新")], version=2)
    publish(pack, [item("A", title="旧")], version=1)
    assert api.current(pack, TABLE)["title"].to_pylist() == ["新"]
    assert made_up == ["reader"]
    publish(pack, [item("A", title="更新")], version=3)
    assert api.current(pack, TABLE)["title"].to_pylist() == ["更新"]


def test_no_rows_take_back_everything_that_a_source_said(pack):
    publish(pack, [item("A")])
    publish(pack, [item("B")], source="note:2")
    publish(pack, [], version=2)
    assert ids(pack) == ["B"]


def test_of_two_sources_the_row_known_later_counts_and_one_taken_back_is_gone(pack):
    publish(pack, [item("A", recorded="2024-06-03", title="后")])
    publish(pack, [item("A", recorded="2024-06-02", title="先")], source="note:2")
    assert api.current(pack, TABLE)["title"].to_pylist() == ["后"]
    publish(pack, [item("A", recorded="2024-06-04", retracted=True)], source="note:3")
    assert ids(pack) == []


@pytest.mark.parametrize(
    ("wrong", "place", "why"),
    [
        ({"made_on": "2024-13-45"}, "列 made_on", "日期"),
        ({"kind": "no-such"}, "列 kind", "no-such"),
        ({"area_code": "999999"}, "列 area_code", "999999"),
        ({"title": None}, "列 title", "必填"),
        ({"made_on": "2090-01-01"}, "列 made_on", "晚于"),
    ],
)
def test_a_wrong_value_is_told_with_row_column_and_reason_and_nothing_is_written(pack, wrong, place, why):
    with pytest.raises(api.RefusedFactsError) as refused:
        publish(pack, [item("A"), item("B", **wrong)])
    (fault,) = refused.value.faults
    assert fault.line == 2
    assert fault.place == place
    assert why in fault.message
    assert not Publication.objects.exists()
    assert not Change.objects.exists()


def test_one_key_twice_an_unknown_column_and_another_year_are_refused(pack):
    with pytest.raises(api.RefusedFactsError, match="错误") as refused:
        publish(pack, [item("A"), item("A")])
    assert refused.value.faults[0].code == "duplicate_key"
    with pytest.raises(api.RefusedFactsError) as refused:
        publish(pack, [item("A", nonsense=1)])
    assert refused.value.faults[0].code == "unknown_column"
    with pytest.raises(api.RefusedFactsError) as refused:
        publish(pack, [item("A"), item("B", "2023-01-01")], partition=2024)
    assert "2023" in refused.value.faults[0].message
    assert refused.value.faults[0].line == 2
    with pytest.raises(api.NoSuchTableError, match="没有事实表"):
        api.publish("no_such", 2024, [item("A")], source="note:1", version=1, pack=pack)


def test_the_database_refuses_to_change_or_delete_what_was_published(pack):
    made = publish(pack, [item("A")])
    for change in (
        lambda: Batch.objects.update(rows=5),
        lambda: Batch.objects.all()._raw_delete("default"),
        lambda: Publication.objects.filter(pk=made.id).update(version=9),
        lambda: Publication.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
            change()


def test_what_is_taken_is_told_once_and_what_came_meanwhile_is_told_next(pack):
    publish(pack, [item("A")])
    told = api.untaken("reader")
    publish(pack, [item("B")], source="note:2")
    api.take(told)
    assert [t.source for t in api.untaken("reader")] == ["note:2"]


@pytest.mark.django_db(transaction=True)
def test_facts_need_the_transaction_of_what_they_tell_of_and_fall_with_it(pack):
    with pytest.raises(RuntimeError, match="transaction"):
        publish(pack, [item("A")])
    with transaction.atomic():
        publish(pack, [item("A")])
        transaction.set_rollback(True)
    assert not Publication.objects.exists()
    assert connection.in_atomic_block is False


def test_a_row_shows_where_it_came_from(pack):
    publish(pack, [item("A")], version=3)
    (file,) = api.current(pack, TABLE)["_file"].to_pylist()
    assert api.origin(file) == api.RowOrigin("演示记录 1（第 3 版）", "/notes/1/")
    assert api.origin("facts/cases.csv").label == "facts/cases.csv"


def test_many_sources_say_anew_what_they_know_as_each_would_alone(pack, made_up):
    publish(pack, [item("A"), item("B", "2023-01-02")], source="note:1")
    publish(pack, [item("C")], source="note:2", version=3)
    publish(pack, [item("D")], source="note:3")
    made_up.clear()
    before = {t.id for t in api.untaken("reader")}
    rows = [item("A", title="新"), item("E"), item("C", title="旧")]
    sheaves = [
        api.Sheaf("note:1", 2, 0, 1), api.Sheaf("note:4", 1, 1, 2), api.Sheaf("note:2", 2, 2, 3),
        api.Sheaf("note:3", 2, 3, 3), api.Sheaf("note:5", 1, 3, 3),
    ]  # fmt: skip
    assert api.renew_each(TABLE, rows, sheaves) == 3, "an older version and one with nothing to take back are left"
    said = dict(zip(ids(pack), api.current(pack, TABLE)["title"].to_pylist(), strict=True))
    assert said == {"A": "新", "C": "演示材料", "E": "演示材料"}
    told = {(t.source, t.partition, t.replaced) for t in api.untaken("reader") if t.id not in before}
    assert {("note:1", 2023, True), ("note:1", 2024, True), ("note:3", 2024, True), ("note:4", 2024, False)} == told
    assert made_up == ["reader"]
    assert api.renew_each(TABLE, rows, sheaves) == 0, "the same again does nothing"


def test_of_many_sources_one_bad_row_and_none_is_published(pack):
    rows = [item("A"), item("B", day="2024年")]
    with pytest.raises(api.RefusedFactsError):
        api.renew_each(TABLE, rows, [api.Sheaf("note:1", 1, 0, 1), api.Sheaf("note:2", 1, 1, 2)])
    assert not Publication.objects.exists()
