"""Who sees which children: 20,000 triples of person, child and action against an oracle of plain Python.

The oracle is written from the rules of the roles' and kinds' files and the issue's words; it reads no database and
nothing of `exposure`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.utils import timezone

from website.filed import a_number, born

pytestmark = pytest.mark.django_db
TRIPLES = 20_000
SEED = 16
ACTIONS = ("see", "list", "search", "number", "reveal", "read", "behind", "write", "relative")
AREAS = ("141029100", "141029100201", "141029101", "141029200", "141029", "141030100")
UNITS = ("township.141029100", "township.141029101", "mch_hospital", "education", "cdc", "other.health")
VILLAGES = ("甲村", "乙村")
CLASSES = ("一班", "二班")
KINDS = ("child_check_12_30", "vaccination", "vision_record", "birth_certificate")


@dataclass
class Kid:
    """A child as the oracle knows it."""

    number: str
    area: str
    village: str
    unit: str
    school: str
    school_class: str
    into: int | None = None
    examined_by: set[str] = field(default_factory=set)


@dataclass
class Held:
    """A role of somebody, over what, and whether it holds today."""

    role: str
    unit: str
    area: str
    today: bool


@dataclass
class Somebody:
    """A person as the oracle knows them."""

    active: bool
    held: list[Held]
    charges: list[tuple[str, str, str, str]]
    """(area, village, school, class) that hold today."""
    opened: set[int]
    """Numbers of children whose file is open by broken glass."""


@dataclass
class Oracle:
    """Who may do what, said once more."""

    roles: dict[str, dict]
    kinds: dict[str, tuple[set[str], set[str]]]
    kids: dict[int, Kid]

    def last(self, number: int) -> int:
        while self.kids[number].into is not None:
            number = self.kids[number].into
        return number

    def stands_for(self, role: str) -> set[str]:
        found = {role} if role in self.roles else set()
        for other in self.roles.get(role, {}).get("like", ()):
            found |= self.stands_for(other)
        return found

    def sights(self, who: Somebody) -> Iterable[tuple[Held, set[str], dict]]:
        for held in who.held if who.active else ():
            every = self.stands_for(held.role) if held.today else set()
            for name in every:
                if self.roles[name].get("children"):
                    yield held, every, self.roles[name]["children"]

    def over(self, who: Somebody, number: int) -> list[tuple[set[str], dict]]:
        kid, last = self.kids[self.last(number)], self.last(number)
        examined = set().union(*(k.examined_by for n, k in self.kids.items() if self.last(n) == last))
        found = []
        for held, every, rule in self.sights(who):
            if rule["over"] == "area":
                sees = lies(kid.area, held.area)
            elif rule["over"] == "unit":
                sees = held.unit in (kid.unit, kid.school) or held.unit in examined
            else:
                sees = any(self.in_charge(held, c, kid) for c in who.charges)
            if sees:
                found.append((every, rule))
        return found

    def in_charge(self, held: Held, charge: tuple[str, str, str, str], kid: Kid) -> bool:
        area, village, school, its_class = charge
        if school:
            return school == held.unit == kid.school and its_class in ("", kid.school_class)
        return lies(area, held.area) and lies(kid.area, area) and village in ("", kid.village)

    def allows(self, who: Somebody, number: int, action: str, kind: str) -> bool:
        over, any_role = self.over(who, number), list(self.sights(who))
        glass = bool(any_role) and any(self.last(n) == self.last(number) for n in who.opened)
        sees, merged = bool(over) or glass, self.kids[number].into is not None
        if action in ("see", "list"):
            return sees
        if action in ("search", "number"):
            return sees and not merged
        if action == "reveal":
            return any(rule.get("identity") == "masked" for _, rule in over)
        if action == "relative":
            return sees and any(held.unit == self.kids[number].unit for held, _, _ in any_role)
        writers, readers = self.kinds[kind]
        mine = set().union(*(every for every, _ in over))
        if action == "write":
            return bool(mine & writers)
        reading = set().union(*(every for _, every, _ in any_role)) if glass else mine
        return bool(reading & (writers | readers))


def lies(area: str, within: str) -> bool:
    """Whether an area's code lies in another's: both without the noughts that fill them up."""
    return area.startswith(within)


def the_oracle(pack, kids) -> Oracle:
    roles = {id_: r.model_dump() for id_, r in pack.roles.items()}
    from qingmiao.content.records import RecordKind

    kinds = {id_: (set(k.recorded_by), set(k.seen_by)) for id_, k in pack.entries("records", RecordKind).items()}
    return Oracle(roles, kinds, kids)


def not_today() -> list[tuple[date, date | None]]:
    """Spans of days that are over, end today (the last day is not held), or have not begun."""
    day = timezone.localdate()
    return [(date(2024, 1, 1), date(2025, 1, 1)), (date(2024, 1, 1), day), (day + timedelta(days=2), None)]


class World:
    """Made-up people and children, in the database and for the oracle."""

    def __init__(self, make_person, pack) -> None:
        from qingmiao.site.apps.directory.models import Organisation
        from website.role_ids import Role

        self.random, self.pack = random.Random(SEED), pack
        self.maker = make_person("health", Role.LIAISON, "maker")
        rows = Organisation.objects.filter(pk__in=UNITS).order_by("pk")
        self.units = {o.pk: o.area_id for o in rows}
        self.kids: dict[int, Kid] = {}
        self.people: dict[int, Somebody] = {}
        self.records: dict[tuple[int, str], int] = {}
        """File and kind → a record of that kind in it, made by the unit that keeps the file."""

    def children(self, count: int) -> None:
        from qingmiao.site.apps.records import filing, sealing
        from qingmiao.site.apps.records.given import IdentityGiven
        from qingmiao.site.apps.records.models import Child, Relation, Relative

        pick, now = self.random.choice, timezone.now()
        rows = []
        for n in range(count):
            birth, number = born(300 + n), sealing.next_row(sealing.CHILD)
            kid = Kid(
                a_number(birth, "F"), pick(AREAS), pick(VILLAGES), pick(list(self.units)), pick(["", *self.units]),
                pick(CLASSES),
            )  # fmt: skip
            if not kid.school:
                kid.school_class = ""
            row = Child(
                id=number, unit_id=kid.unit, area=kid.area, village=kid.village, school_unit_id=kid.school or None,
                school_class=kid.school_class, made_by=self.maker, made_at=now,
            )  # fmt: skip
            said = IdentityGiven(f"演示娃{n}", "F", birth, papers="citizen", number=kid.number)
            for name, value in filing.identity_columns(number, said).items():
                setattr(row, name, value)
            rows.append(row)
            self.kids[number] = kid
        for number in self.random.sample(sorted(self.kids), count // 8):
            into = min(self.kids)
            into = self.random.choice([n for n in self.kids if n < number] or [into])
            if into != number:
                self.kids[number].into = into
        for row in rows:
            into = self.kids[row.pk].into
            row.merged_into_id, row.state = into, "merged" if into is not None else "here"
        Child.objects.bulk_create(rows)
        every = Child.objects.select_related("merged_into__merged_into__merged_into")
        self.rows = {child.pk: child for child in every}
        for row in rows:
            who = Relative.objects.create(name=f"密亲{row.pk}", name_key="密亲", made_at=now)
            Relation.objects.create(child=row, relative=who, kind="mother", sealed=True, from_date=row.birth_date)

    def examinations(self, count: int) -> None:
        from qingmiao.site.apps.records.event_models import HealthRecord

        rows, today = [], timezone.localdate()
        for n in range(count):
            number, unit = self.random.choice(list(self.kids)), self.random.choice(list(self.units))
            self.kids[number].examined_by.add(unit)
            rows.append(
                HealthRecord(
                    kind=KINDS[0], child_id=number, on_date=today, unit_id=unit, by=self.maker,
                    made_at=timezone.now(), operation=f"o-{n}",
                )
            )  # fmt: skip
        HealthRecord.objects.bulk_create(rows)

    def each_kind(self, kinds: Iterable[str]) -> None:
        """In each file one record of every kind, of which a number can be asked whose it is."""
        from qingmiao.site.apps.records.event_models import HealthRecord

        made = [
            HealthRecord(
                kind=kind, child_id=number, on_date=timezone.localdate(), unit_id=kid.unit, by=self.maker,
                made_at=timezone.now(), operation=f"each-{number}-{kind}",
            )
            for number, kid in self.kids.items() for kind in kinds
        ]  # fmt: skip
        for record in HealthRecord.objects.bulk_create(made):
            self.records[record.child_id, record.kind] = record.pk
        for kid in self.kids.values():
            kid.examined_by.add(kid.unit)

    def persons(self, count: int) -> None:
        from qingmiao.site.apps.directory.models import Assignment, Person

        roles = list(self.pack.roles)
        seeing = [r for r in roles if self.pack.roles[r].children is not None or self.pack.roles[r].like]
        for n in range(count):
            unit = self.random.choice(list(self.units))
            active = self.random.random() < 0.92
            one = Person.objects.create(
                username=f"p{n}", name=f"演示{n}", organisation_id=unit, is_active=active, must_change_password=False
            )
            held = []
            for _ in range(self.random.choice((1, 1, 2))):
                role = self.random.choice(seeing if self.random.random() < 0.9 else roles)
                at = self.random.choice([unit, unit, *self.units])
                area = self.random.choice([self.units[at], self.units[at], "141029"])
                today = self.random.random() < 0.85
                span = (date(2024, 1, 1), None) if today else self.random.choice(not_today())
                if not Assignment.objects.filter(person=one, role=role, organisation=at).exists():
                    Assignment.objects.create(
                        person=one, role=role, organisation_id=at, area_id=area, from_date=span[0], to_date=span[1]
                    )
                    held.append(Held(role, at, area, today))
            self.people[one.pk] = Somebody(active, held, self._charges(one, held), self._glass(one))

    def _charges(self, one, held: list[Held]) -> list[tuple[str, str, str, str]]:
        from qingmiao.site.apps.records.event_models import Charge

        found, today = [], timezone.localdate()
        for _ in range(self.random.choice((0, 1, 2))):
            if self.random.random() < 0.5:
                school = self.random.choice([h.unit for h in held] or list(self.units))
                what = ("", "", school, self.random.choice(("", *CLASSES)))
            else:
                what = (self.random.choice(AREAS[:4]), self.random.choice(("", *VILLAGES)), "", "")
            state = self.random.choice(("held", "held", "held", "ended", "later"))
            Charge.objects.create(
                person=one, area=what[0], village=what[1], school_unit_id=what[2] or None, school_class=what[3],
                from_date=today + timedelta(days=2) if state == "later" else date(2024, 1, 1),
                state="ended" if state == "ended" else "held",
            )  # fmt: skip
            if state == "held":
                found.append(what)
        return found

    def _glass(self, one) -> set[int]:
        from qingmiao.site.apps.records.event_models import Glass

        now, found = timezone.now(), set()
        for number in self.random.sample(sorted(self.kids), 2):
            open_ = self.random.random() < 0.5
            Glass.objects.create(
                child_id=number, person=one, reason="演示", from_at=now - timedelta(hours=2),
                until_at=now + timedelta(hours=2 if open_ else -1),
            )  # fmt: skip
            if open_:
                found.add(number)
        return found


class Asked:
    """One person asks the site, as pages do; what is the same for all children is asked once."""

    def __init__(self, person, world: World) -> None:
        from qingmiao.site.apps.directory.permissions import Reach
        from qingmiao.site.apps.records import api, exposure

        self.api, self.exposure, self.absent, self.world = api, exposure, api.AbsentError, world
        self.reach = Reach(person)
        self.of = exposure.maybe(self.reach)
        try:
            self.listed = {r.id for r in api.listed(self.reach, state="", size=10_000)}
            self.merged = {r.id for r in api.listed(self.reach, state="merged", size=10_000)}
            self.found = {r.id for r in api.search(self.reach, "演示娃", size=10_000)}
        except self.absent:
            self.listed, self.merged, self.found = set(), set(), set()
        self.seen: dict[int, object] = {}

    def child(self, number: int):
        if number not in self.seen:
            try:
                self.seen[number] = self.exposure.get(self.of, number)
            except self.absent:
                self.seen[number] = None
        return self.seen[number]

    def may(self, number: int, action: str, kind: str) -> bool:
        if action == "see":
            return self.child(number) is not None
        if action == "list":
            assert (number in self.merged) == (number in self.listed and self.world.kids[number].into is not None)
            return number in self.listed
        if action == "search":
            return number in self.found
        if action == "read":
            return kind in self.of.reading(self.world.rows[number])
        if action == "behind":
            return self._behind(self.world.records[number, kind])
        if action == "write":
            return kind in self.of.writing(self.world.rows[number])
        return self._called(number, action)

    def _behind(self, record: int) -> bool:
        """Whether a row of a number that this record published leads to it."""
        try:
            found = self.api.behind(self.reach, "growth_checks", [{"check_id": f"record-{record}"}], about="演示")
        except self.absent:
            return False
        return [r.id for p in found.people for r in p.records] == [record]

    def _called(self, number: int, action: str) -> bool:
        """What is asked at the door itself."""
        kid = self.world.kids[number]
        try:
            if action == "number":
                return [r.id for r in self.api.search(self.reach, kid.number)] == [number]
            if action == "reveal":
                return self.api.reveal(self.reach, number, "number", purpose="核对出生证明") == kid.number
            shown = {r.name for r in self.api.page_of(self.reach, number).relatives}
        except self.absent:
            return False
        return shown == {f"密亲{number}"}


def test_twenty_thousand_triples_are_as_the_oracle_says(make_person, pack):
    from qingmiao.site.apps.directory.models import Person

    world = World(make_person, pack)
    world.children(100)
    world.examinations(90)
    world.persons(70)
    oracle, pick = the_oracle(pack, world.kids), random.Random(SEED + 1)
    kinds = sorted(oracle.kinds)
    world.each_kind(kinds)
    people = {p.pk: p for p in Person.objects.filter(pk__in=world.people)}
    asked: dict[int, Asked] = {}
    wrong, yes = [], dict.fromkeys(ACTIONS, 0)
    weights = (4, 88, 88, 2, 3, 6, 4, 6, 3)
    for action in pick.choices(ACTIONS, weights, k=TRIPLES):
        person, number, kind = pick.choice(list(people)), pick.choice(list(world.kids)), pick.choice(kinds)
        if person not in asked:
            asked[person] = Asked(people[person], world)
        want = oracle.allows(world.people[person], number, action, kind)
        yes[action] += want
        if asked[person].may(number, action, kind) != want:
            wrong.append((action, kind, want, world.people[person], world.kids[number]))
    assert wrong[:3] == [], len(wrong)
    assert min(yes.values()) >= 5, yes
