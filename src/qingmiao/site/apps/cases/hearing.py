"""What may open a case by itself is heard in the transaction in which it is said, and kept in an outbox: the worker
looks at it within seconds (`self_opening`), so that no record is held up by a case and none is lost."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from qingmiao.casework.case import CaseFile, row
from qingmiao.content.programme_openings import OpeningRule
from qingmiao.site.apps.cases import programmes
from qingmiao.site.apps.cases.models import CaseHeard, CaseOpening, KeptCase
from qingmiao.site.apps.records.api import hearing

RECORD, STEP = "record", "step"


def record_rules(kind: str) -> list[tuple[str, OpeningRule]]:
    """The programmes whose cases a kind of record may open, with the rules, in the order of the files."""
    return [(id_, r) for id_, one in programmes.every().items() for r in one.opened_by if r.record == kind]


def step_rules(programme: str, *names: str) -> list[tuple[str, OpeningRule]]:
    """The same of a step or state of a programme's case."""
    every = programmes.every().items()
    return [(id_, r) for id_, one in every for r in one.opened_by if r.programme == programme and r.on in names]


def records_told(told: hearing.RecordsTold) -> None:
    """Records of which a rule is true, and those that have opened a case before and now say something else."""
    rules = record_rules(told.kind)
    if not rules:
        return
    meant = {n for _, r in rules for n, yes in zip(told.numbers, told.true(r.when), strict=True) if yes}
    if not told.new:
        opened = CaseOpening.objects.filter(origin=RECORD, number__in=list(told.numbers))
        meant |= set(opened.values_list("number", flat=True))
    _put(RECORD, sorted(meant))


def step_taken(number: int, file: CaseFile) -> None:
    """A step of a case (the number of its row) that other programmes' rules name."""
    taken = file.history[-1]
    names = (taken.step, taken.target) if taken.source != taken.target else (taken.step,)
    rules = step_rules(file.programme, *names)
    if rules:
        said = row(programmes.ready(file.programme), file, timezone.make_naive(timezone.now()))
        _put(STEP, [number] if any(r.holds(said) for _, r in rules) else [])


def _put(origin: str, numbers: Iterable[int]) -> None:
    made = CaseHeard.objects.bulk_create([CaseHeard(origin=origin, number=n) for n in numbers], batch_size=5000)
    if made:
        jobs.configure_task("cases.open_heard", queue="default").defer()


def holds(child: int) -> bool:
    """Whether a child has a case that a person opened or has worked on."""
    untouched = Exists(CaseOpening.objects.filter(case=OuterRef("pk"), joined=False))
    return KeptCase.objects.filter(~Q(untouched, version=1), child=child).exists()


hearing.register("cases", records_told)
hearing.register_holder("cases", holds)
