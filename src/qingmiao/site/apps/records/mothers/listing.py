"""Lists of mothers' files: within what a person sees, narrowed by place, stage and grade of risk, found by name or
exact number. Every list is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind
from qingmiao.flow import State
from qingmiao.identity import numbers
from qingmiao.kernel.areas import AreaLevel, stem
from qingmiao.kernel.days import completed_months
from qingmiao.kernel.misread import MisreadError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import kinds, naming, sealing, words
from qingmiao.site.apps.records.mothers import exposure, looking
from qingmiao.site.apps.records.mothers.doors import mother_flow
from qingmiao.site.apps.records.mothers.models import MotherFile

STAGES = {"pregnant": Label(zh="在孕", en="pregnant"), "after": Label(zh="产后", en="after birth")}
GRADES = "pregnancy_risk"


@dataclass(frozen=True)
class MotherRow:
    """One line of a list. `risk`: code and words of the grade, ("", —) where none was given."""

    id: int
    name: str
    birth_date: date
    age: str
    area: str
    village: str
    unit: str
    expected_on: date | None
    delivered_on: date | None
    risk: tuple[str, Label]
    state: State


def row(file: MotherFile, day: date) -> MotherRow:
    """A woman as a list shows her."""
    years = completed_months(file.birth_date, day) // 12
    return MotherRow(
        file.pk, file.relative.name, file.birth_date, f"{years}岁", words.area_name(file.area), file.village,
        file.unit.label, file.expected_on, file.delivered_on, (file.risk, words.code_label(GRADES, file.risk)),
        mother_flow().state(file.state),
    )  # fmt: skip


def listed(
    reach: Reach,
    *,
    area: str = "",
    village: str = "",
    stage: str = "",
    risk: str = "",
    kind: str = "",
    before: int = 0,
    size: int = 50,
) -> tuple[MotherRow, ...]:
    """The women on the register that this person sees, the newest file first; `risk`: only of that grade; `kind`: only
    those of whom the person reads a record of that kind."""
    of, day = exposure.sights(reach), timezone.localdate()
    found = MotherFile.objects.filter(of.where, state="here").select_related("relative", "unit")
    if area in site_pack.pack().areas:
        found = found.filter(area__startswith=stem(area))
    found = found.filter(**{k: v for k, v in {"village": village, "risk": risk}.items() if v})
    if stage == "pregnant":
        found = found.filter(expected_on__isnull=False, delivered_on=None)
    elif stage == "after":
        found = found.filter(delivered_on__isnull=False)
    if kind in of.kinds_read():
        found = found.filter(of.having(kind))
    if before:
        found = found.filter(pk__lt=before)
    rows = tuple(row(f, day) for f in found.order_by("-pk")[:size])
    looking.seen_rows(reach, {"rows": len(rows)})
    return rows


def kinds_listed(reach: Reach) -> tuple[RecordKind, ...]:
    """The kinds of mothers' records by which this person may narrow the list: those that the person reads."""
    read = exposure.sights(reach).kinds_read()
    return tuple(k for k in kinds.of_mothers() if k.id in read)


def search(reach: Reach, text: str, *, size: int = 50) -> tuple[MotherRow, ...]:
    """The women whose name begins so or who have that very number. What was searched for is written down nowhere."""
    of, day, said = exposure.sights(reach), timezone.localdate(), " ".join(text.split())[:60]
    try:
        number = numbers.read_person_number(said)
    except MisreadError:
        number = None
    how, where = "name", Q(relative__name_key__startswith=naming.key(said)) if naming.key(said) else Q(pk__in=[])
    if number is not None:
        how, where = "number", Q(relative__number_index__in=sealing.number_marks(numbers.as_eighteen(number).text))
    found = MotherFile.objects.filter(of.where).filter(where).select_related("relative", "unit")
    rows = tuple(row(f, day) for f in found.order_by("relative__name_key", "pk")[:size])
    looking.seen_rows(reach, {"by": how, "rows": len(rows)})
    return rows


def areas(reach: Reach) -> tuple[tuple[str, str], ...]:
    """(code, name) of the townships that a list may be narrowed to, and in which women are registered."""
    of, pack = exposure.sights(reach), site_pack.pack()
    held = {h.area for h in of.held} | {c.area for c in of.charges}
    within = [a for a in pack.areas.values() if a.level == AreaLevel.TOWNSHIP]
    return tuple(
        (a.code, a.name) for a in within if any(a.code.startswith(stem(h)) or h.startswith(a.code) for h in held)
    )


def grades() -> tuple[tuple[str, Label], ...]:
    """(code, words) of the grades of risk."""
    return words.options(GRADES)
