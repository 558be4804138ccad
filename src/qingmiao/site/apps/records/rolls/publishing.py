"""Rolls as facts: worked out by the worker for the townships in which something changed, published where they differ.

A roll is worked out for the years from which its table counts from records (`from_records` of the policy); nothing is
worked out of a table that departments alone say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

import pyarrow as pa
from django.db import connection, transaction
from django.db.models.functions import Substr
from django.utils import timezone

from qingmiao.content.rolls import Roll
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import bulk
from qingmiao.site.apps.records.models import Child, Stay
from qingmiao.site.apps.records.rolls import computing
from qingmiao.site.apps.records.rolls.models import RollKept, RollWaiting

SOURCE = "roll"
LENGTH = 9
"""Digits of a township's code."""
LOCK = 7_301_016
"""The advisory lock under which rolls are published, one township after the other."""


def wanted() -> dict[str, Roll]:
    """The rolls whose tables count from records, by id."""
    pack = site_pack.pack()
    return {r.id: r for r in pack.entries("rolls", Roll).values() if r.fact in pack.policy.from_records}


def years(roll: Roll, today: date) -> range:
    """The years of a roll up to the running one."""
    return range(site_pack.pack().policy.from_records[roll.fact], today.year + 1)


def changed(children: Iterable[int]) -> None:
    """Something was said of these children: the rolls of every township where one of them lives or lived wait to be
    worked out. In the transaction of what was said."""
    if not wanted():
        return
    numbers = bulk.among(children)
    stays = Stay.objects.filter(child__in=numbers, kind="residence")
    lived = set(stays.values_list(Substr("area", 1, LENGTH), flat=True))
    _wait(lived | set(Child.objects.filter(pk__in=numbers).values_list(Substr("area", 1, LENGTH), flat=True)))


def every() -> None:
    """A new day has begun: every township waits."""
    if wanted():
        _wait(_townships())


def _wait(townships: Iterable[str]) -> None:
    RollWaiting.objects.bulk_create([RollWaiting(township=t) for t in sorted(townships)])


def _townships() -> set[str]:
    """The townships in which somebody lives, and those of which something was published."""
    lived = set(Child.objects.values_list(Substr("area", 1, LENGTH), flat=True).distinct())
    return lived | set(RollKept.objects.values_list("township", flat=True).distinct())


def publish_waiting(on: date | None = None) -> int:
    """Work out and publish what waits, each township in a transaction of its own; how many publications there were.

    A roll of which a year was never published (a new line in the policy, a new year) is worked out for everybody.
    """
    today, rolls, made = on or timezone.localdate(), wanted(), 0
    had = set(RollKept.objects.values_list("roll", "year").distinct())
    if any((r.id, y) not in had for r in rolls.values() for y in years(r, today)):
        every()
    for code in sorted(set(RollWaiting.objects.values_list("township", flat=True))):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            RollWaiting.objects.filter(township=code).delete()
            made += _publish(code, rolls.values(), today)
    return made


def _publish(code: str, rolls: Iterable[Roll], today: date) -> int:
    """Every roll and year of a township."""
    made, by_day = 0, dict[date, computing.Township]()
    for roll in rolls:
        for year in years(roll, today):
            day = computing.day_of(year, today)
            if day not in by_day:
                by_day[day] = computing.township(code, day)
            made += _publish_one(roll, year, code, computing.roll_rows(roll, by_day[day], year), day)
    return made


def _publish_one(roll: Roll, year: int, code: str, rows: pa.Table, day: date) -> bool:
    """Publish where the rows are others than before; whether they were."""
    fact = site_pack.pack().facts[roll.fact]
    digest = _digest(rows.drop_columns([fact.version]) if fact.version is not None else rows)
    kept = RollKept.objects.filter(roll=roll.id, year=year, township=code).first()
    if kept is not None and kept.digest == digest:
        return False
    version = kept.version + 1 if kept is not None else 1
    if rows.num_rows or kept is not None:
        facts.publish(roll.fact, None, rows, source=f"{SOURCE}:{roll.id}-{year}-{code}", version=version, on=day)
    RollKept.objects.update_or_create(
        roll=roll.id, year=year, township=code,
        defaults={"version": version, "digest": digest, "on_date": day, "rows": rows.num_rows},
    )  # fmt: skip
    return bool(rows.num_rows) or kept is not None


def _digest(rows: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    whole = rows.combine_chunks()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def _label(name: str) -> str:
    """健康记录得出的名册：…，2026 年，某乡."""
    id_, _, rest = name.partition("-")
    year, _, code = rest.partition("-")
    roll, area = site_pack.pack().entries("rolls", Roll).get(id_), site_pack.pack().areas.get(code)
    called, place = (roll.label.zh if roll is not None else id_), (area.name if area is not None else code)
    return f"健康记录得出的{called}，{year} 年，{place}"


facts.register(SOURCE, label=_label, of_records=True)
