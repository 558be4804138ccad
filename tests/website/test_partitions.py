"""Files brought up to what was published since equal those of everything read anew; values measured in part equal those
of all."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from qingmiao.collect import collect
from qingmiao.measure.recompute import compare_values
from qingmiao.measure.run import measure
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.monitoring import api, measuring, partitions
from qingmiao.site.apps.monitoring.partitions import Files

pytestmark = pytest.mark.django_db
CHILDREN, CHECKS, ITEMS = 4, 8, 6


@pytest.fixture
def note(monkeypatch):
    """A made-up kind of source; only the monitoring listens, without jobs."""
    from qingmiao.site.apps.facts import outbox, sources

    monkeypatch.setattr(sources, "_kinds", dict(sources._kinds))
    facts.register("note", label=lambda name: f"演示记录 {name}")
    monkeypatch.setattr(outbox, "_consumers", {api.CONSUMER: lambda: None})


def check(rng: random.Random) -> dict[str, object]:
    """A made-up vision check of one of few children, in school years that meet in a calendar year."""
    day = date(2021, 3, 1) + timedelta(days=rng.randrange(1000))
    return {
        "check_id": f"C{rng.randrange(CHECKS)}", "child_id": f"K{rng.randrange(CHILDREN)}", "area_code": "141029",
        "school_id": "Z1", "check_date": day, "grade": "P3", "sex": rng.choice(["M", "F"]),
        "birth_date": date(2013, 5, 6),
        "acuity_right": rng.choice([4.5, 5.1]), "acuity_left": 5.1, "sphere_right": rng.choice([-2.0, 0.5]),
        "cylinder_right": 0.0, "sphere_left": 0.5, "cylinder_left": 0.0,
        "recorded_at": date(2024, 1, 1) + timedelta(days=rng.randrange(5)), "retracted": rng.random() < 0.15,
    }  # fmt: skip


def item(rng: random.Random, pack) -> dict[str, object]:
    """A made-up piece of evidence for an element that an indicator counts."""
    return {
        "evidence_id": f"E{rng.randrange(ITEMS)}", "area_code": "141029",
        "made_on": date(2021 + rng.randrange(3), 7, 1),
        "element": rng.choice(["E-5-3", "S001"]), "kind": rng.choice(list(pack.codes["evidence_kind"].codes)),
        "title": "演示", "organisation": "演示单位", "state": rng.choice(list(pack.codes["evidence_state"].codes)),
        "recorded_at": date(2024, 1, 1) + timedelta(days=rng.randrange(5)), "retracted": rng.random() < 0.1,
    }  # fmt: skip


def publish_one(rng: random.Random, pack, versions: dict[str, int]) -> None:
    """A new source, a correction of an old one, or one taken back; sometimes an old version that comes late."""
    table = rng.choice(["vision_checks", "evidence_items"])
    make = check if table == "vision_checks" else lambda r: item(r, pack)
    key = "check_id" if table == "vision_checks" else "evidence_id"
    source = f"note:{table}{rng.randrange(5)}"
    versions[source] = version = versions.get(source, 0) + rng.choice([1, 1, 2])
    rows = {row[key]: row for row in (make(rng) for _ in range(rng.randrange(4)))}
    facts.publish(table, None, list(rows.values()), source=source, version=version, pack=pack, on=date(2024, 6, 1))


def equal(pack, folder: Path, one: Files, other: Files) -> None:
    """The same rows in the same partitions of the same tables."""
    for table in {*one.tables, *other.tables}:
        mine, theirs = one.tables.get(table, {}), other.tables.get(table, {})
        assert set(mine) == set(theirs), table
        for partition in mine:
            a, b = (pq.read_table(folder / of[partition]) for of in (mine, theirs))
            assert a.select(sorted(a.column_names)).equals(b.select(sorted(b.column_names))), (table, partition)


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_what_is_brought_up_is_what_is_read_anew(note, directory, pack, tmp_path, seed):
    rng, versions, files = random.Random(seed), {}, Files({})
    for _ in range(12):
        for _ in range(rng.randrange(1, 3)):
            publish_one(rng, pack, versions)
        told = facts.untaken(api.CONSUMER)
        files = partitions.brought_up(pack, tmp_path, files, told)
        if rng.random() < 0.8:
            facts.take(told)  # else they are heard once more: a job that ran twice
        equal(pack, tmp_path, files, partitions.everything(pack, tmp_path))


def test_measuring_what_changed_gives_what_measuring_everything_gives(note, directory, pack):
    rng, versions, seen = random.Random(7), {}, set()
    for _ in range(3):
        publish_one(rng, pack, versions)
    for _ in range(4):
        run = api.refresh(audit.SYSTEM)
        if run is not None:
            state = api.of_run(run.pk)
            assert compare_values(state.values, measure(pack, state.snapshot).values) == []
            seen.add(len(run.measured))
        publish_one(rng, pack, versions)
        publish_one(rng, pack, versions)
    assert {n for n in seen if n}
    assert max(seen) < len(pack.indicators)


def test_a_partition_that_nothing_was_told_of_keeps_its_file(note, directory, pack, tmp_path):
    rng = random.Random(1)
    rows = [
        item(rng, pack) | {"evidence_id": f"E{y}", "made_on": date(y, 1, 2), "retracted": False} for y in (2021, 2022)
    ]
    facts.publish("evidence_items", None, rows, source="note:1", version=1, pack=pack)
    before = partitions.brought_up(pack, tmp_path, Files({}), facts.untaken(api.CONSUMER))
    facts.take(facts.untaken(api.CONSUMER))
    facts.publish("evidence_items", 2022, [rows[1] | {"evidence_id": "E9"}], source="note:2", version=1, pack=pack)
    after = partitions.brought_up(pack, tmp_path, before, facts.untaken(api.CONSUMER))
    assert after.changed(before) == {("evidence_items", 2022)}
    assert "vision_checks" not in after.tables
    only = measuring.read_by(pack, after.changed(before))
    assert only
    assert len(only) < len(pack.indicators) / 4


def test_a_site_of_before_partitions_is_carried_over_once(directory, pack):
    """Its run names one file a table and nothing was published: the next refresh publishes and measures everything."""
    from django.conf import settings

    from qingmiao.site.apps.facts.models import Publication
    from website.measured import collected

    folder = Path(settings.HOME) / "facts"
    old = {n: partitions.keep(folder, n, t) for n, t in collected().tables.items()}
    before = measuring.make_run(pack, Files.from_json(old), reason="旧版", before=None)
    run = api.refresh(audit.SYSTEM)
    assert run is not None
    files = Files.from_json(run.tables)
    assert not files.whole
    assert {2022, 2023} <= set(files.tables["series"])
    assert Publication.objects.get(table="series").source == "load:series.csv"
    now, then = (api.of_run(r.pk).text("health.imr", "141029", 2023) for r in (run, before))
    assert now == then != ""
    assert api.refresh(audit.SYSTEM) is None


def checks_with_corrections(folder: Path) -> Path:
    """Three files of made-up checks: corrected in another file (to another year too), taken back, and plain ones."""
    facts_of = folder / "facts" / "vision_checks"
    facts_of.mkdir(parents=True)
    names = "check_id,child_id,check_date,acuity_right,recorded_at,retracted"
    same = {
        "area_code": "141029", "school_id": "Z1", "grade": "P3", "sex": "M", "birth_date": "2013-05-06",
        "acuity_left": "5.1", "sphere_right": "-1", "sphere_left": "0", "cylinder_right": "0", "cylinder_left": "0",
    }  # fmt: skip
    files = {
        "a": ["C1,K1,2021-03-01,4.5,2024-01-01,", "C2,K2,2021-03-02,4.5,2024-01-01,", "C3,K3,2022-10-01,5,2024-01-01,"],
        "b": ["C1,K1,2021-03-01,5.1,2024-01-02,", "C4,K4,2022-10-03,4.5,2024-01-01,"],
        "c": ["C2,K2,2021-03-02,4.5,2024-01-03,true", "C4,K4,2021-10-03,4.5,2024-01-04,"],
        "d": ["C5,K5,2023-10-01,5.1,2024-01-01,"],
    }
    for file, rows in files.items():
        text = [",".join([names, *same]), *(",".join([row, *same.values()]) for row in rows)]
        (facts_of / f"{file}.csv").write_text("\n".join(text) + "\n", "utf-8")
    return folder


def test_the_first_facts_have_the_files_of_everything_read_anew_and_keep_each_version(note, directory, pack, tmp_path):
    collected = collect(pack, checks_with_corrections(tmp_path / "data"))
    run = api.load(audit.SYSTEM, pack, collected)
    files = Files.from_json(run.tables, run.crossing)
    again = partitions.everything(pack, Path(settings.HOME) / "facts")
    assert files == again
    assert files.crossing == {"vision_checks"}, "C4 was corrected to another year"
    kept = facts.published(pack, "vision_checks")
    told = sorted(zip(kept["check_id"].to_pylist(), kept["recorded_at"].to_pylist(), strict=True))
    assert [c for c, _ in told] == ["C1", "C1", "C2", "C2", "C3", "C4", "C4", "C5"]
    assert facts.current(pack, "vision_checks")["check_id"].to_pylist() == ["C1", "C3", "C4", "C5"]
