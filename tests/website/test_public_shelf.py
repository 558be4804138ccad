"""The shelf: what two people released, suppressed; its own database role reads it and nothing else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from qingmiao.figures.public_numbers import part_of
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import api
from qingmiao.site.apps.publishing.editions import PUBLIC
from qingmiao.site.apps.shelf import api as shelf
from qingmiao.site.apps.shelf.models import PublicEdition, PublicItem
from website.measured import a_run
from website.role_ids import Role


@pytest.fixture
def office(make_person):
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


@pytest.fixture
def second(make_person):
    return make_person("statistics", Role.STATISTICS)


def put(source: str = "edition:1", people: tuple[int, int] = (1, 2), **more: Any) -> PublicEdition:
    with transaction.atomic():
        return shelf.put(
            audit.SYSTEM, source=source, people=people, seen=more.pop("seen", shelf.newest()), year=2023,
            title={"zh": "演示", "en": "Demo"}, at=timezone.now(), is_demo=True,
            items=more.pop("items", [shelf.ShelvedItem("plan", "", {"year": 2023})]),
        )  # fmt: skip


def released(office, second, year: int = 2023):
    """An edition that went from its start to its release."""
    from qingmiao.site.apps.publishing.models import Edition

    a_run()
    made = api.start(office, year=year)
    api.make(made.pk)
    api.move(office, made, "submit", version=Edition.objects.get(pk=made.pk).version)
    api.prepare(made.pk)
    made.refresh_from_db()
    api.move(second, made, "approve", version=made.version)
    made.refresh_from_db()
    return made


def test_a_released_report_brings_its_numbers_to_the_shelf(office, second):
    edition = released(office, second)
    [public] = PublicEdition.objects.all()
    assert (public.source, public.year) == (f"edition:{edition.pk}", 2023)
    assert PUBLIC in edition.files
    plan = public.items.get(kind="plan").content
    assert len(plan["fields"]) == 7
    imr = public.items.get(kind="indicator", key="health.imr").content
    rows = {row["year"]: row for row in imr["county"]}
    for row in rows.values():
        assert row["numerator"] is None or row["numerator"] % 5 == 0
        assert row["value"] == "" or row["numerator"] is not None
    assert all(n is None or n % 5 == 0 for town in imr["towns"] for r in town["rows"] for n in (r["numerator"],))
    [event] = audit.of_object("public_edition", public.pk)
    assert event.action == "shelf.put"
    assert event.detail["people"] == [office.pk, second.pk]


def test_no_small_count_of_the_run_is_on_the_shelf(office, second):
    """Every number on the shelf is a multiple of five; a small county count has no value, nor has any of its parts."""
    released(office, second)
    state = monitoring.current()
    small = 0
    for item in PublicItem.objects.filter(kind="indicator"):
        places = [(state.root, item.content["county"]), *((t["code"], t["rows"]) for t in item.content["towns"])]
        for area, rows in places:
            for row in rows:
                point = state.series(item.key, area).at(row["year"])
                for side in ("numerator", "denominator"):
                    true, shown = getattr(point, side), row[side]
                    assert shown is None or shown % 5 == 0
                    if true is not None and 0 < true < 8:
                        small += 1
                        assert shown is None
                        assert row["value"] == ""
    assert small > 0


def test_townships_are_suppressed_beside_the_county() -> None:
    """One township of 3 among large ones: another is hidden with it, though the county's own number is shown."""
    part = part_of("about", 243, {"甲": 3, "乙": 40, "丙": 90, "丁": 110}, {})
    assert part.county == 245
    assert part.towns == {"甲": None, "乙": None, "丙": 90, "丁": 110}
    alone = part_of("about", 103, {"甲": 3, "乙": 100}, {})
    assert alone.towns == {"甲": None, "乙": None}
    assert part_of("about", 5, {"甲": 5, "乙": 0}, {}).county is None


def test_a_small_rest_of_the_county_is_not_found() -> None:
    """The county counts 4 who are of no township: the townships that would give them away are hidden as well."""
    part = part_of("about", 204, {"甲": 90, "乙": 110}, {})
    assert part.county == 205
    assert None in part.towns.values()


def test_one_person_cannot_release(db):
    with pytest.raises(shelf.ShelfError, match="两个人"):
        put(people=(7, 7))


def test_what_was_compared_with_an_older_shelf_is_refused(db):
    put()
    with pytest.raises(shelf.ShelfError, match="重新送审"):
        put("edition:2", seen=0)
    with pytest.raises(IntegrityError):
        put("edition:1")


@pytest.mark.parametrize("table", shelf.TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_nothing_on_the_shelf_changes(db, table: str, change: str):
    put()
    with pytest.raises(ProgrammingError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


def test_earlier_tables_are_read_for_comparing(db):
    part = part_of("about", 243, {"甲": 3, "乙": 40, "丙": 90, "丁": 110}, {})
    put(items=[shelf.ShelvedItem(shelf.NUMBERS, "x", {"tables": [part.stored()]})])
    before = shelf.tables_before()
    again = part_of("about", 243, {"甲": 3, "乙": 40, "丙": 90, "丁": 110}, before)
    assert again == part
    grown = part_of("about", 300, {"甲": 60, "乙": 40, "丙": 90, "丁": 110}, before)
    assert grown.towns["甲"] is None


@pytest.mark.django_db(transaction=True)
def test_the_portal_reads_the_shelf_and_nothing_else(db):
    """Every table and view of the database, by the portal's own role: two can be read, none can be written."""
    made = put()
    edition = shelf.newest_edition()
    assert edition is not None
    assert edition.number == made.pk
    assert shelf.documents(made.pk, "plan") == {"": {"year": 2023}}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S') AND n.nspname NOT IN ('pg_catalog', 'pg_toast')"
            " AND n.nspname !~ '^pg_temp' AND n.nspname <> 'information_schema'"
        )
        relations = {name for (name,) in cursor.fetchall()}
    assert len(relations) > 60
    assert set(shelf.TABLES) < relations
    with shelf.connected() as own:
        assert own.execute("SELECT current_user").fetchone() == (shelf.ROLE,)
        read = set()
        for name in sorted(relations):
            try:
                own.execute(f"SELECT * FROM {name} LIMIT 1").fetchall()
                read.add(name)
            except psycopg.errors.InsufficientPrivilege:
                continue
        assert read == set(shelf.TABLES)
        own.execute("SET default_transaction_read_only = off")
        for name in shelf.TABLES:
            for write in (f"INSERT INTO {name} DEFAULT VALUES", f"DELETE FROM {name}", f"UPDATE {name} SET id = 1"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    own.execute(write)
        for escape in ("SET ROLE postgres", "CREATE TABLE mine (a int)", "SELECT pg_read_file('PG_VERSION')",
                       "COPY shelf_publicitem TO PROGRAM 'cat'", "SELECT pg_ls_dir('.')"):  # fmt: skip
            with pytest.raises(psycopg.Error):
                own.execute(escape)
