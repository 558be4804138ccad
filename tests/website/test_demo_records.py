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
LOOSE = {"altitude_m", "warning_signs"}
"""Columns that a form asks for at some visits only, where the demonstration's facts say them at every one."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pack = load_pack(ROOT / "content" / "xiangning")
    return generate(pack, tmp_path_factory.mktemp("county"), seed=16, children=250).folder


@pytest.fixture
def read(folder: Path) -> Callable[[], Collected]:
    from qingmiao.site import pack as site_pack

    return lambda: collect(site_pack.pack(), folder, on=timezone.localdate())


def load(folder: Path, collected: Collected, book: Path | None = None, lately: Collected | None = None) -> None:
    """As `site/first_start.py` does it."""
    from qingmiao.site import pack as site_pack
    from qingmiao.site.demo.records import loading

    found = loading.named(site_pack.pack(), folder, collected, lately)
    assert found is not None
    loading.begin()
    watched = loading.load(found)
    loading.keyed()
    if lately is not None:
        loading.publish_lately(site_pack.pack(), lately)
    loading.told(found, watched, book)


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
    from qingmiao.site import pack as site_pack
    from qingmiao.site.demo.records import loading

    before, collected = definitions(), read()
    lately = loading.read_lately(site_pack.pack(), folder)
    assert lately is not None
    load(folder, collected, lately=lately)
    assert definitions() == before  # every index and constraint is there again
    seen = {row["child_id"]: row for row in collected.tables["children"].to_pylist()}
    living = Child.objects.exclude(state="died")
    assert living.count() > 150
    first = Child.objects.order_by("pk")[0]
    assert first.pk > 1, "whoever grew up before the register begins has a number and no file"
    for child in (first, *living.order_by("pk")[:SAMPLE]):
        assert child.made_at.date() == min(s.from_date for s in child.stays.all())
    for child in living.order_by("pk")[:SAMPLE]:
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
                found = [t.tables[table] for t in (collected, lately) if table in t.tables]
                (row,) = [r for f in found for r in f.filter(_is(f[f.column_names[0]], record.pk)).to_pylist()]
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
    _rolls_are_what_counting_each_child_gives()


def _rolls_are_what_counting_each_child_gives() -> None:
    """The rolls that the worker publishes, against files counted one by one by the rules for one child."""
    from qingmiao.content.schedules import Schedule
    from qingmiao.schedules import due
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.facts import api as facts
    from qingmiao.site.apps.records import person, sealing
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
    from qingmiao.site.apps.records.models import Child
    from qingmiao.site.apps.records.rolls import publishing
    from qingmiao.standards.immunisation import child_schedule

    pack, on = site_pack.pack(), timezone.localdate().replace(month=6, day=30)
    assert publishing.publish_waiting(on) > 0
    assert publishing.publish_waiting(on) == 0
    schedule, first = pack.entries("schedules", Schedule)["child_health_0_6"], on.replace(month=1, day=1)
    here = [
        c for c in Child.objects.exclude(state="merged").order_by("-birth_date", "pk")
        if c.birth_date <= on and c.birth_date > on.replace(year=on.year - 18)
        and (c.left_date is None or c.left_date > on)
        and c.stays.filter(kind="residence", from_date__lte=on).exclude(to_date__lte=on).exists()
    ]  # fmt: skip
    rolls = {t: facts.current(pack, t, on.year).to_pylist() for t in ("managed_children", "vaccinations")}
    young = {sealing.pseudonym(c.pk) for c in here if c.birth_date > on.replace(year=on.year - 7)}
    assert {r["child_id"] for r in rolls["managed_children"]} == young
    assert {r["child_id"] for r in rolls["vaccinations"]} <= {sealing.pseudonym(c.pk) for c in here}
    ended, done, counted = 0, 0, 0
    for child in here[: 2 * SAMPLE]:
        name = sealing.pseudonym(child.pk)
        mine = {t: [r for r in rows if r["child_id"] == name] for t, rows in rolls.items()}
        said = RecordVersion.objects.filter(record__child=child, record__kind="vaccination").order_by("on_date")
        given = [(v.answers["vaccine"], v.on_date) for v in said if v.number == v.record.version]
        doses = {
            (d.vaccine, d.dose): d.given_date
            for d in child_schedule(child.birth_date, given=given, on=on, sex=child.sex)
            if d.due_date is not None and first <= d.due_date <= on and d.reason != "previous_dose_missing"
            and (d.state != "not_applicable" or d.reason == "too_old")
        }  # fmt: skip
        assert {(r["vaccine"], r["dose"]): r["given_date"] for r in mine["vaccinations"]} == doses
        records = HealthRecord.objects.filter(child=child).exclude(state="withdrawn")
        items = due(schedule, person.words(child), list(records.values_list("kind", "on_date")), on, pack.policy)
        over = [i for i in items if i.last is not None and first <= i.last <= on]
        met = [i for i in over if i.state == "done"]
        told = [(r["checks_due"], r["checks_done"]) for r in mine["managed_children"]]
        assert told == ([(len(over), len(met))] if name in young else [])
        ended, done, counted = ended + len(over), done + len(met), counted + len(doses)
    assert ended > done
    assert counted > SAMPLE


def _is(column: Any, record: int) -> Any:
    import pyarrow.compute as pc

    return pc.equal(column.cast("string"), f"record-{record}")


def _same(said: Any, row: Any) -> bool:
    if isinstance(row, int | float) and said is not None:
        return float(said) == float(row)
    return str(said) == str(row)


def test_every_list_of_the_records_has_something_and_a_second_start_names_the_facts_alike(
    make_person: Callable, folder: Path, read: Callable[[], Collected], tmp_path: Path
) -> None:
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.directory.models import Person
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.facts import api as facts
    from qingmiao.site.apps.records import api, sealing
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordFollowUp
    from qingmiao.site.apps.records.models import Child
    from qingmiao.site.demo.records import loading

    who, book = doctor(make_person), tmp_path / "accounts.json"
    first = read()
    load(folder, first, book)
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
    second = read()
    assert loading.named(site_pack.pack(), folder, second) is not None
    for name, table in first.tables.items():
        assert table.equals(second.tables[name]), name
    # Before the year from which records count (policy `from_records`), a withdrawn record says nothing of the facts.
    by = seen["child_health_doctor"]
    checks = HealthRecord.objects.filter(kind=KIND, child__state="here", state="recorded", on_date__year__lt=2026)
    record = checks.filter(unit=by.person.organisation, child__area__startswith=by.held[0].area).order_by("-pk")[0]
    api.withdraw(by, record.pk, version=record.version, reason="登记成了别人")
    told = facts.published(site_pack.pack(), "growth_checks")
    assert told.filter(_is(told["check_id"], record.pk)).num_rows == 0


def test_women_are_pregnant_and_have_borne_the_newest_children(
    make_person: Callable, folder: Path, read: Callable[[], Collected], tmp_path: Path
) -> None:
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import api
    from qingmiao.site.apps.records.mothers.models import ChildBorn, MotherFile
    from website.test_mothers import worker

    station = worker(make_person, "maternal_child_station")
    worker(make_person, "midwife")
    load(folder, read(), tmp_path / "accounts.json")
    today = timezone.localdate()
    bore = MotherFile.objects.filter(delivered_on__isnull=False)
    assert bore.count() >= 3
    assert MotherFile.objects.filter(delivered_on=None, expected_on__gte=today).count() >= 10
    born = [b.child for b in ChildBorn.objects.select_related("child").order_by("pk")]
    assert len(born) == bore.count(), "each birth found the child that was on the register, and made none"
    assert all(child.birth_date.year >= today.year - 1 for child in born)
    assert MotherFile.objects.filter(risk="orange").exists()
    seen = Reach(station)
    pages = [api.mothers.page_of(seen, m.pk) for m in MotherFile.objects.order_by("pk")]
    assert any(d.overdue for page in pages for d in page.due)
    assert any(not page.due for page in pages)
