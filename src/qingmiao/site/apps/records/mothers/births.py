"""A record of a birth makes the children's files: by the recorder's unit, linked with the mother; a stillbirth makes
none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from qingmiao.content.base import Label
from qingmiao.content.person_words import value_of
from qingmiao.content.records import RecordKind
from qingmiao.flow import Who
from qingmiao.forms import Filled
from qingmiao.forms.recorded import day_of
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import kinds, merging, once, registering, versions
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.exposure import Sights
from qingmiao.site.apps.records.given import IdentityGiven, RelativeGiven, StayGiven
from qingmiao.site.apps.records.models import Child, Relation
from qingmiao.site.apps.records.mothers import merging as mother_merging
from qingmiao.site.apps.records.mothers.models import PREGNANCY, ChildBorn

MOTHER = "mother"
"""In the code list of kinship."""
ENDINGS = {"M": "之子", "F": "之女"}
"""What stands behind the mother's name until the child has its own, by the sex of the code list."""


def _true(text: str, row: Mapping[str, Any]) -> bool:
    return value_of(text, row) is True


def live(kind: RecordKind, filled: Filled) -> dict[int, str]:
    """Line of the record → sex, of every child born alive."""
    said = kind.births
    if said is None:
        return {}
    rows = filled.values.get(said.rows) or ()
    return {n: str(row[said.sex]) for n, row in enumerate(rows) if _true(said.live, row)}


def births_fit(record: HealthRecord, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """A birth that made a child's file is not taken back, nor is its sex or day changed here; who records births may
    register children."""
    kind = kinds.kinds().get(record.kind)
    if kind is None or kind.births is None:
        return YES
    there = (
        {b.row: b.child for b in ChildBorn.objects.filter(record=record.pk).select_related("child")}
        if record.pk
        else {}
    )
    filled: Filled | None = answers.get("filled")
    if filled is None:
        return no(f"这次分娩已为 {len(there)} 名儿童建档，不能撤销；写错的请更正") if there else YES
    born, day = live(kind, filled), day_of(kind, filled)
    for row, child in there.items():
        if born.get(row) != child.sex or day != child.birth_date:
            return no(
                f"第 {row + 1} 名新生儿已经建档，结局、性别或出生日期同儿童档案不一致；请先更正儿童档案的身份信息"
            )
    by = Person.objects.filter(username=who.id).first()
    if set(born) - set(there) and (by is None or not registering.may_register(Reach(by))):
        return no("您所在单位不能为新生儿建档，分娩请由助产机构登记")
    return YES


def born(record: HealthRecord, kind: RecordKind, filled: Filled, by: Person) -> None:
    """Link or make the file of every child born alive that has none yet."""
    there = set(ChildBorn.objects.filter(record=record).values_list("row", flat=True))
    for row, sex in live(kind, filled).items():
        if row not in there:
            child = _known(record, sex) or _registered(record, row, sex, by)
            ChildBorn.objects.create(record=record, row=row, child_id=child)


def _known(record: HealthRecord, sex: str) -> int:
    """A child of this woman with that day and sex that was registered before the birth was recorded; 0 for none."""
    taken = ChildBorn.objects.values("child")
    same = Relation.objects.filter(
        relative__in=_hers(record), kind=MOTHER, child__birth_date=record.on_date, child__sex=sex
    )
    found = same.exclude(child__state="merged").exclude(child__in=taken).order_by("child").first()
    return found.child_id if found is not None else 0


def _hers(record: HealthRecord) -> list[int]:
    """The numbers of all files of the woman in whose file a record stands."""
    assert record.mother is not None
    return mother_merging.family(record.mother.file.survivor)


def _registered(record: HealthRecord, row: int, sex: str, by: Person) -> int:
    mother, day = record.mother, record.on_date
    assert mother is not None
    file = mother.file
    who = IdentityGiven(f"{mother.name[:58]}{ENDINGS.get(sex, ENDINGS['M'])}", sex, day)
    home = StayGiven("residence", file.area, file.village, "", day)
    parent = RelativeGiven(mother.name, MOTHER, day, guardian=True, known=mother.pk)
    reason = f"由分娩记录建档，第 {row + 1} 名新生儿"
    return registering.register(Reach(by), who, stays=(home,), relatives=(parent,), reason=reason)


def crossing(child: Child, of: Sights) -> tuple[Label, ...]:
    """What of the mother's pregnancy this person may know in the child's file, as the kinds of records say (`crosses`):
    nothing of any other pregnancy, and nothing to other roles."""
    birth = birth_of(child)
    roles = frozenset(r for h in of.over(child) for r in h.roles)
    mine = {k.id: [c for c in k.crosses if roles & set(c.seen_by)] for k in kinds.of_mothers()}
    if birth is None or not any(mine.values()):
        return ()
    day: date = birth.record.on_date
    rows = HealthRecord.objects.filter(
        mother__in=_hers(birth.record), kind__in=[k for k, c in mine.items() if c],
        on_date__gte=day - PREGNANCY, on_date__lte=day,
    ).exclude(state="withdrawn")  # fmt: skip
    found: dict[str, Label] = {}
    for record in rows.order_by("on_date", "pk"):
        said = versions.filled(versions.newest(record)).values
        found |= {c.id: c.label for c in mine[record.kind] if _true(c.when, said)}
    return tuple(found.values())


def mother_of(child: Child) -> int:
    """The number of the mother's file, where a birth links it; 0 for none."""
    found = birth_of(child)
    if found is None or found.record.mother is None:
        return 0
    return int(found.record.mother.file.survivor.pk)


def birth_of(child: Child) -> ChildBorn | None:
    """What links a child with the record of its birth; None where no birth does."""
    rows = ChildBorn.objects.filter(child__in=merging.family(child)).select_related("record")
    return once.read(("birth", child.pk), lambda: rows.order_by("pk").first())
