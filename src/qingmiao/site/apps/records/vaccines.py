"""The vaccination card of a child: every dose of the programme with its state, its days and why, and the next days.

The kinds of records that hold doses are named by the pack's schedule of the programme (`norm: immunisation`); which
vaccine and dose a record holds is said by its measures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.norms import DOSE_WORDS
from qingmiao.content.schedules import Schedule
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import changed_schedule, exposure, listing, looking, measures, person, words
from qingmiao.site.apps.records.models import Child, Relation
from qingmiao.standards.immunisation import DoseStatus, child_schedule, schedule
from qingmiao.standards.immunisation.words import NOTE_WORDS, REASON_WORDS

VACCINES = "vaccine"
"""The code list of the programme's vaccines."""
TONES: Mapping[str, str] = {
    "given_valid": "good", "given_invalid": "bad", "due": "warn", "overdue": "bad", "missing": "warn",
    "contraindicated": "warn", "deferred": "warn",
}  # fmt: skip


@dataclass(frozen=True)
class DoseShown:
    """One dose. `first`: from when; `before`: to be done before this day; `given`: the day that counts."""

    vaccine: Label
    dose: int
    state: str
    words: Label
    tone: str
    first: date | None
    before: date | None
    given: date | None
    late: bool
    reason: str
    note: str
    """What to look at in the dose, or how it is made up."""
    until: date | None
    """Of a deferred one: the day from which it may be given."""
    item: str
    """"VACCINE-DOSE", as schedules name it."""

    @property
    def label(self) -> Label:
        """Vaccine and dose."""
        return Label(zh=f"{self.vaccine.zh}第 {self.dose} 剂", en=f"{self.vaccine.en}, dose {self.dose}")

    @property
    def why(self) -> tuple[str, ...]:
        """Everything that is to be said of its state, in words."""
        said = (
            self.reason,
            f"暂缓至 {self.until.isoformat()}" if self.until is not None else "",
            "晚于规定的月龄" if self.late else "",
            self.note,
            "可以补种" if self.state == "overdue" and not self.waits else "",
        )
        return tuple(s for s in said if s)

    @property
    def waits(self) -> bool:
        """It waits for the dose before."""
        return self.reason == REASON_WORDS["previous_dose_missing"]


@dataclass(frozen=True)
class CardPage:
    """A child's card. `next_days`: (day, the doses that may be given from it), the earliest first: what is due already
    stands under today; a dose that waits for the one before has no day yet."""

    row: listing.ChildRow
    guardian: str
    doses: tuple[DoseShown, ...]
    next_days: tuple[tuple[date, tuple[DoseShown, ...]], ...]
    today: date
    kind: str
    """The kind of record by which this person records a dose, "" for none."""

    @property
    def groups(self) -> tuple[tuple[Label, tuple[DoseShown, ...]], ...]:
        """The doses by vaccine, in the programme's order."""
        return by_vaccine(self.doses)

    @property
    def counts(self) -> dict[str, int]:
        """State → how many doses."""
        return {state: sum(d.state == state for d in self.doses) for state in ("given_valid", "due", "overdue")}


def by_vaccine(doses: Iterable[DoseShown]) -> tuple[tuple[Label, tuple[DoseShown, ...]], ...]:
    """Vaccine → its doses, in the programme's order."""
    found: dict[str, list[DoseShown]] = {}
    for one in doses:
        found.setdefault(one.vaccine.zh, []).append(one)
    return tuple((doses[0].vaccine, tuple(doses)) for doses in found.values())


def programmes() -> tuple[Schedule, ...]:
    """The pack's schedules that follow the national immunisation programme, for children."""
    found = site_pack.pack().entries("schedules", Schedule).values()
    return tuple(s for s in found if s.norm == "immunisation" and s.subject == "child")


def dose_kinds() -> tuple[str, ...]:
    """The kinds of records that hold doses."""
    return tuple(dict.fromkeys(k for s in programmes() for k in s.kinds))


def doses(child: Child, on: date) -> tuple[DoseShown, ...]:
    """Every dose of the programme that is for the child on a day, by its records and what they say is not given; ()
    where the pack has no such programme."""
    held = dose_kinds()
    if not held:
        return ()
    given: list[tuple[str, date]] = []
    for one in measures.series(child, held):
        vaccine = one.said.words.get("vaccine")
        if vaccine:
            given.append((vaccine, one.said.on))
    bars = barred(child, given, on)
    found = child_schedule(
        child.birth_date, given=given, on=on, sex=child.sex, mother_hbsag="positive" if bars.mother_hbsag else "",
        birth_weight_g=person.words(child).get("birth_weight_g"),
        barred={v: "deferred" if one.means == "deferred" else "contraindicated" for v, one in bars.vaccines.items()},
    )  # fmt: skip
    return shown(found, {v: one.until for v, one in bars.vaccines.items() if one.until is not None})


@dataclass(frozen=True)
class BarsOfChild:
    """The vaccines that a child is not given on a day, and whether its mother is HBsAg positive or not known."""

    vaccines: Mapping[str, changed_schedule.Changed]
    mother_hbsag: bool


def barred(child: Child, given: Iterable[tuple[str, date]], on: date) -> BarsOfChild:
    """What the records say is not given on a day: the newest of each vaccine, until its day, or until a later dose."""
    vaccines: dict[str, changed_schedule.Changed] = {}
    mother = False
    for one in changed_schedule.changed(dict.fromkeys(exposure.family(child), 0)):
        if not one.vaccine:
            mother = True
        elif one.vaccine in schedule.products():
            vaccines[one.vaccine] = one
    for vaccine, one in list(vaccines.items()):
        over = one.until is not None and one.until <= on
        if over or one.since > on or any(v == vaccine and one.since < day <= on for v, day in given):
            del vaccines[vaccine]
    return BarsOfChild(vaccines, mother)


def shown(found: Iterable[DoseStatus], until: Mapping[str, date]) -> tuple[DoseShown, ...]:
    """The doses in words; those that are not for this child are left out. `until`: deferred vaccine → its day."""
    return tuple(
        DoseShown(
            words.code_label(VACCINES, d.vaccine), d.dose, d.state, DOSE_WORDS[d.state], TONES.get(d.state, ""),
            d.due_date,
            d.complete_before, d.given_date, d.timely is False, REASON_WORDS.get(d.reason or "", ""),
            NOTE_WORDS.get(d.note or "", ""), until.get(d.vaccine) if d.state == "deferred" else None,
            f"{d.vaccine}-{d.dose}",
        )
        for d in found
        if d.state != "not_applicable"
    )  # fmt: skip


def open_doses(child: Child, on: date) -> tuple[DoseShown, ...]:
    """The doses that may be given on a day: due, overdue, or given so that they do not count."""
    return tuple(
        d
        for d in doses(child, on)
        if d.state in ("due", "overdue", "given_invalid") and not d.waits and d.first is not None and d.first <= on
    )


def card(reach: Reach, number: int) -> CardPage:
    """A child's vaccination card; the sight is written down. Raises AbsentError for who reads no dose."""
    of, child, reading = looking.part(reach, number, readable, "没有预防接种卡")
    today = timezone.localdate()
    found = doses(child, today)
    may = of.writing(child.survivor) if child.state == "here" else frozenset[str]()
    guardians = Relation.objects.filter(child=child, guardian=True, sealed=False, to_date=None)
    guardian = guardians.select_related("relative").order_by("pk").first()
    return CardPage(
        listing.row(child, today), guardian.relative.name if guardian else "", found, next_days(found, today), today,
        next((k for k in readable(reading) if k in may), ""),
    )  # fmt: skip


def readable(reading: Collection[str]) -> tuple[str, ...]:
    """The kinds that hold doses, if this person reads all of them; a card with holes would tell a dose as not given."""
    held = dose_kinds()
    return held if set(held) <= set(reading) else ()


def next_days(found: Iterable[DoseShown], today: date) -> tuple[tuple[date, tuple[DoseShown, ...]], ...]:
    """(day, the doses that may be given from it) of those to come; what is due already stands under today."""
    days: dict[date, list[DoseShown]] = {}
    for one in found:
        if (
            one.given is None
            and one.first is not None
            and not one.waits
            and one.state not in ("missing", "contraindicated")
            and (one.state != "deferred" or one.until is not None)
        ):
            days.setdefault(max(one.first, one.until or today, today), []).append(one)
    return tuple((day, tuple(rows)) for day, rows in sorted(days.items()))
