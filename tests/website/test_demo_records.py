"""The demonstration's children: files and records loaded in sets agree with the facts, and are files like any other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from qingmiao.collect.folder import Collected, collect
from qingmiao.content import load_pack
from qingmiao.demo import generate
from website.filed import KIND, doctor
from website.small_county import ROOT

pytestmark = pytest.mark.django_db
SAMPLE = 25
LOOSE = {"altitude_m", "warning_signs", "blood_screened", "hearing_screened"}
"""Columns that a form asks for at some visits only, where the demonstration's facts say them at every one; and those of
screenings, of which the demonstration has no records yet."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pack = load_pack(ROOT / "content" / "xiangning")
    return generate(pack, tmp_path_factory.mktemp("county"), seed=16, children=250).folder


@pytest.fixture
def read(folder: Path) -> Callable[[], Collected]:
    from qingmiao.site import pack as site_pack

    return lambda: collect(site_pack.pack(), folder, on=timezone.localdate())


def load(folder: Path, collected: Collected, book: Path | None = None) -> bool:
    from qingmiao.site import pack as site_pack
    from qingmiao.site.demo.records import loading

    return loading.load(site_pack.pack(), folder, collected, book=book)


def definitions() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text ~ '^records_' "
            "UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE tablename ~ '^records_' ORDER BY 1, 2"
        )
        return cursor.fetchall()


def test_every_record_gives_the_row_of_the_facts_that_it_was_made_of(
    make_person: Callable, folder: Path, read: Callable[[], Collected]
) -> None:
    from qingmiao.forms.recorded import fact_rows
    from qingmiao.site.apps.records import kinds, person, publishing, sealing, versions
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
    from qingmiao.site.apps.records.models import Child

    doctor(make_person)
    before, collected = definitions(), read()
    assert load(folder, collected)
    assert definitions() == before  # every index and constraint is there again
    seen = {row["child_id"]: row for row in collected.tables["children"].to_pylist()}
    living = Child.objects.exclude(state="died")
    assert living.count() > 150
    for child in living[:SAMPLE]:
        row = seen[sealing.pseudonym(child.pk)]
        assert (row["sex"], row["birth_date"], row["area_code"]) == (child.sex, child.birth_date, child.area[:9])
    compared = 0
    for kind in kinds.kinds().values():
        rows = HealthRecord.objects.filter(kind=kind.id, published=1).select_related("child").order_by("-pk")
        for record in rows[:SAMPLE]:
            filled = versions.filled(versions.newest(record))
            for table, said in fact_rows(
                kind,
                filled,
                person.words(record.child) | {"grade": filled.values.get("grade")},
                publishing.beside(kind, record.child),
            ):
                facts = collected.tables[table]
                key = facts.column_names[0]
                (row,) = facts.filter(_is(facts[key], record.pk)).to_pylist()
                wrong = {c: (v, row[c]) for c, v in said.items() if c not in LOOSE and not _same(v, row[c])}
                assert not {c: x for c, x in wrong.items() if x[0] is not None}, (kind.id, record.pk, wrong)
                assert row["child_id"] == sealing.pseudonym(record.child_id)
                compared += 1
    assert compared > 5 * SAMPLE
    corrected = HealthRecord.objects.filter(state="corrected")
    assert corrected.exists()
    for record in corrected[:5]:
        said = RecordVersion.objects.filter(record=record).order_by("number")
        assert [v.number for v in said] == list(range(1, record.version + 1))
        assert said[0].answers != said[1].answers


def _is(column: Any, record: int) -> Any:
    import pyarrow.compute as pc

    return pc.equal(column.cast("string"), f"record-{record}")


def _same(said: Any, row: Any) -> bool:
    if isinstance(row, int | float) and said is not None:
        return float(said) == float(row)
    return str(said) == str(row)


def test_every_list_of_the_records_has_something_and_a_second_start_adds_nothing(
    make_person: Callable, folder: Path, read: Callable[[], Collected], tmp_path: Path
) -> None:
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.directory.models import Person
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.facts import api as facts
    from qingmiao.site.apps.records import api, sealing
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordFollowUp
    from qingmiao.site.apps.records.models import Child

    who, book = doctor(make_person), tmp_path / "accounts.json"
    first = read()
    assert load(folder, first, book)
    made = json.loads(book.read_text("utf-8"))
    assert {one["role"] for one in made} >= {"child_health_doctor", "vaccinator", "school_doctor", "class_teacher"}
    seen = {one["role"]: Reach(Person.objects.get(username=one["username"])) for one in made}
    assert all(api.listed(reach) for reach in seen.values())
    few, all_ = len(api.listed(seen["class_teacher"])), len(api.listed(seen["school"]))
    assert 0 < few < all_  # the class in charge, not the school
    assert api.pairs(Reach(who))
    assert {c.state for c in Child.objects.all()} >= {"here", "died", "merged"}
    assert Child.objects.filter(name__endswith="之女", number_index=None).exists()
    assert RecordFollowUp.objects.filter(closed_by=None).exists()
    child = Child.objects.exclude(number_index=None).order_by("pk")[0]
    number = sealing.opened(sealing.CHILD, sealing.NUMBER, child.pk, child.number_sealed)
    assert [r.id for r in api.search(Reach(who), number)] == [child.pk]
    files, records, second = Child.objects.count(), HealthRecord.objects.count(), read()
    assert not load(folder, second, book)
    assert (Child.objects.count(), HealthRecord.objects.count()) == (files, records)
    for name, table in first.tables.items():
        assert table.equals(second.tables[name]), name
    # Before the year from which records count (policy `from_records`), a withdrawn record says nothing of the facts.
    by = seen["child_health_doctor"]
    checks = HealthRecord.objects.filter(kind=KIND, child__state="here", state="recorded", on_date__year__lt=2026)
    record = checks.filter(unit=by.person.organisation, child__area__startswith=by.held[0].area).order_by("-pk")[0]
    api.withdraw(by, record.pk, version=record.version, reason="登记成了别人")
    told = facts.published(site_pack.pack(), "growth_checks")
    assert told.filter(_is(told["check_id"], record.pk)).num_rows == 0
