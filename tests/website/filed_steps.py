"""Things of children's files for the matrix of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import models
from django.utils import timezone

from qingmiao.forms import fill
from qingmiao.forms.recorded import with_given
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.records import filing, kinds, person, versions
from qingmiao.site.apps.records.event_models import Charge, HealthRecord, RecordVersion, SameChild
from qingmiao.site.apps.records.given import ClassGiven, IdentityGiven, RelativeGiven, StayGiven
from qingmiao.site.apps.records.list_models import ChildList
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.mothers.models import MotherFile, SameMother
from qingmiao.site.apps.records.privacy.models import Consent, Erasure, FileRequest, GlassReview
from website import filed_privacy as private
from website.filed import HOME, KIND, answers, born
from website.filed_mothers import a_mother, another, is_there, keepers, mother_said

SERIAL = count(1)
LAYOUT = "sight_screening"
WHO = IdentityGiven("演示娃", "F", born())


class EveryQueryExplained(dict[str, str]):
    """Every query is explained."""

    def get(self, key: str, default: Any = None) -> Any:
        return "核对无误"

    def __getitem__(self, key: str) -> str:
        return "核对无误"


def nothing(world: Any, thing: Any) -> dict[str, Any]:
    """Nothing goes with it."""
    return {}


def flow_roles() -> frozenset[str]:
    """The roles that the flows of children's files name."""
    recorders = frozenset(r for k in kinds.kinds().values() for r in k.recorded_by)
    return recorders | kinds.roles_that(lambda r: r.keeps or r.settles or r.charges) | keepers() | private.roles()


def a_child(world: Any, unit: Organisation) -> Child:
    """A child of a unit, in a village of the county."""
    now = timezone.now()
    made = Child(unit=unit, area=HOME, village="演示村", made_by=world.maker, made_at=now)
    for name, value in filing.identity_columns(0, WHO).items():
        setattr(made, name, value)
    return made


def standing(world: Any, child: Child) -> None:
    """What the state of a file asks for."""
    if child.state in ("moved_out", "died"):
        child.left_date = timezone.localdate()
    if child.state == "merged":
        child.merged_into = _saved(world, child.unit)


def _saved(world: Any, unit: Organisation) -> Child:
    made = a_child(world, unit)
    made.save()
    return made


def child_said(world: Any, child: Child) -> dict[str, Any]:
    """What the steps of a file are told."""
    today = timezone.localdate()
    receiver = Organisation.objects.exclude(pk=child.unit_id).order_by("pk")[0]
    return {
        "identity": WHO, "stays": (StayGiven("residence", HOME, "新村", "", today),),
        "relative": RelativeGiven("演示母", "mother", today), "attendance": ClassGiven("", "", "", today),
        "on": today, "unit": receiver.pk, "into": _saved(world, child.unit).pk,
    }  # fmt: skip


def a_record(world: Any, unit: Organisation) -> HealthRecord:
    """A record of a check of a child that lives in the county."""
    return HealthRecord(
        kind=KIND, child=_saved(world, unit), on_date=timezone.localdate(), unit=unit, by=world.maker,
        made_at=timezone.now(), operation=f"matrix-{next(SERIAL)}",
    )  # fmt: skip


def filled_check(child: Child) -> Any:
    """The form of the check, filled in."""
    ready = versions.ready(versions.form_kept(kinds.kinds()[KIND].form))
    return fill(ready, with_given(ready, answers(), person.words(child)), on=timezone.localdate())


def record_said(world: Any, record: HealthRecord) -> dict[str, Any]:
    """What the steps of a record are told."""
    assert record.child is not None
    return {"filled": filled_check(record.child), "explanations": EveryQueryExplained()}


def first_version(world: Any, record: HealthRecord) -> None:
    """What the record said when it was made."""
    RecordVersion.objects.create(
        record=record, number=1, form=versions.form_kept(kinds.kinds()[KIND].form), on_date=record.on_date,
        filled_date=record.on_date, answers=answers(), by=world.maker, at=timezone.now(),
    )  # fmt: skip


def a_pair(world: Any, unit: Organisation) -> SameChild:
    """Two files of a unit."""
    left, right = _saved(world, unit), _saved(world, unit)
    return SameChild(left=left, right=right, probability=0.9, unit=unit, found_at=timezone.now())


def a_pair_of_mothers(world: Any, unit: Organisation) -> SameMother:
    """Two women's files of a unit."""
    like = a_mother(world, unit)
    left, right = another(world, like), another(world, like)
    return SameMother(left=left, right=right, probability=0.9, unit=unit, found_at=timezone.now())


def a_charge(world: Any, unit: Organisation) -> Charge:
    """The unit's own area in the charge of one of its people."""
    one = world._person(f"charged-{next(SERIAL)}", unit.pk)
    return Charge(person=one, area=unit.area_id, from_date=timezone.localdate() - timedelta(days=1))


def a_list(world: Any, unit: Organisation) -> ChildList:
    """A list of pupils' sight without a row."""
    return ChildList(
        layout=LAYOUT, name="演示.csv", file_digest="0" * 64, size=1, file_sealed=b"", unit=unit, made_by=world.maker,
        made_at=timezone.now(),
    )  # fmt: skip


def list_said(world: Any, listed: ChildList) -> dict[str, Any]:
    """What the steps of a list are told."""
    return {"rows": (), "noted": {"fault_count": 0}, "pieces": ()}


def private_said(world: Any, thing: Any) -> dict[str, Any]:
    """What the steps of a request are told."""
    return private.SAID


MAKERS: Mapping[type[models.Model], Callable[[Any, Organisation], Any]] = {
    Child: a_child, HealthRecord: a_record, SameChild: a_pair, Charge: a_charge, MotherFile: a_mother,
    ChildList: a_list, SameMother: a_pair_of_mothers,
    Consent: lambda w, u: private.a_consent(_saved(w, u), w._person(f"agreed-{next(SERIAL)}", u.pk)),
    FileRequest: lambda w, u: private.a_request(_saved(w, u), u, w.maker),
    GlassReview: lambda w, u: private.a_review(_saved(w, u), u, w.maker),
    Erasure: lambda w, u: private.an_erasure(_saved(w, u), u),
}  # fmt: skip
BEFORE: Mapping[type[models.Model], Callable[[Any, Any], Any]] = {Child: standing, MotherFile: is_there}
AFTER: Mapping[type[models.Model], Callable[[Any, Any], None]] = {HealthRecord: first_version}
LEADING: Mapping[tuple[type[models.Model], str], tuple[type[models.Model], str]] = {
    (SameChild, "join"): (Child, "merge"),
    (SameMother, "join"): (MotherFile, "merge"),
}
"""Steps whose effect takes a step of another thing, which asks at that thing's own door."""
SAID: Mapping[type[models.Model], Callable[[Any, Any], dict[str, Any]]] = {
    Child: child_said, HealthRecord: record_said, MotherFile: mother_said,
    ChildList: list_said, FileRequest: private_said,
}  # fmt: skip
