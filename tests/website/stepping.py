"""Every step behind every door × every role of the pack × how the person stands to it: the squares, how one is
tried.

Who may take a step is read from the flow's table; that the door keeps to it is tried with real rows, each try undone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from qingmiao.content import roles as content
from qingmiao.content.checklists import Checklist
from qingmiao.content.documents import DocumentKind
from qingmiao.content.organisations import narrowed
from qingmiao.flow import NOTHING, Flow, Step
from qingmiao.forms.frozen import freeze
from qingmiao.kernel.drawing import DrawLine, list_hash
from qingmiao.kernel.errors import UserError
from qingmiao.report.write import FORMATS
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.acting.models import Activity, Fund, Project, Responsibility
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.benefits.models import BenefitRun
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.models import ApiToken, Area, Assignment, Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import SYSTEM_ADMIN
from qingmiao.site.apps.inspections.models import Draw, Inspection, InspectionFinding, Inspector
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.registers.models import RegisterEntry
from qingmiao.site.apps.returns.models import Cell, Collection, Filing, Version
from qingmiao.site.apps.surveys.models import Answer, Survey
from qingmiao.site.apps.tasks.models import Task
from website import filed_steps as filed
from website import jobbed_cases
from website.inspected import an_inspection, good_answers
from website.returns_world import good_cells
from website.surveyed import FORM
from website.worlds import UNIT_OF

THERE = "141030"
"""The other county."""
JOB = "a job"
NUMBERS = count(1)
PLACES = ("own", "below", "other_unit", "other_county")
"""Whose the thing is: the person's own unit's, a unit's below it, another unit's of the county, another county's."""
STANDINGS = (*PLACES, "held_elsewhere", "disabled")
"""… or the person's own unit's, with the role held only in another county, or with the account disabled."""


@dataclass(frozen=True)
class Square:
    """One square of the matrix: a step, a role, how its holder stands to the thing, and what must come of the try.

    `done`, `absent`, or `elsewhere`: the role may take a step of that name, but not from this state.
    """

    model: type[models.Model]
    line: Step
    role: str
    standing: str
    expected: str

    def __str__(self) -> str:
        who = f"{self.role} ({self.standing})"
        return f"{self.model.__name__}: {self.line.source or 'nothing'} → {self.line.name} by {who}"


class World:
    """People of every role, units of every place, things in every state; made once and found again."""

    def __init__(self, pack: Any, run: Any) -> None:
        every = content.all_roles(pack)
        self.every = every
        of_house = named_by_all(pack)
        self.roles = {id_: every[id_] for id_ in telling(every, of_house)}
        self.run = run
        self.doer: Reach | None = None
        """Who is about to try."""
        self.maker = self._person("maker", "committee_office")
        self.unit, self.person, self.thing = cache(self._unit), cache(self._holder), cache(self._thing)
        self.roles_of = cache(self._roles_of)

    def flow(self, model: type[models.Model]) -> Flow:
        """The flow behind a door, as a thing of the county goes through it."""
        door = access.DOORS[model]
        return door.flow if isinstance(door.flow, Flow) else door.flow_of(self._made(model, "health", NOTHING))

    def _roles_of(self, model: type[models.Model]) -> Mapping[str, content.RoleItem]:
        """The roles that are tried at a door: those that its flow tells apart, and one of each other sort."""
        named = frozenset(r for line in self.flow(model).steps for r in line.roles) | {SYSTEM_ADMIN}
        seeing = filed.flow_roles() if model in filed.MAKERS else frozenset()
        return {id_: self.every[id_] for id_ in telling(self.every, named, seeing)}

    def squares(self, model: type[models.Model]) -> Iterator[Square]:
        """All squares of a door."""
        county = access.DOORS[model].unit(self._made(model, "health", NOTHING)) is None
        for line in self.flow(model).steps:
            for role in self.roles_of(model):
                for standing in STANDINGS:
                    if not county or standing not in PLACES[1:]:  # what is the county's own has no unit
                        expected = self._expected(model, line, role, standing, county)
                        yield Square(model, line, role, standing, expected)
            yield Square(model, line, JOB, "own", "done" if line.by_job else "absent")

    def _expected(self, model: type[models.Model], line: Step, role: str, standing: str, county: bool) -> str:
        if self._may(line, role, standing, county):
            return "done"
        same = self.flow(model).named(line.name)
        return "elsewhere" if any(self._may(s, role, standing, county) for s in same) else "absent"

    def _may(self, line: Step, role: str, standing: str, county: bool) -> bool:
        named = content.grants(self.every, role) & line.roles
        wide = self.every[role].scope is content.Scope.AREA
        own = "own_unit" in line.relations and content.ANY_STAFF in content.grants(self.every, role)
        near = ("own",) if not wide or county else ("own", "below", "other_unit")
        return (bool(named) and standing in near and (wide or not county)) or (own and standing == "own")

    def outcome(self, square: Square) -> str:
        """What comes of the try: `done`, `absent`, `elsewhere`, or a refusal's words. Nothing of it stays."""
        home = self.home(square.role)
        place = square.standing if square.standing in PLACES else "own"
        thing = self.thing(square.model, self.unit(home, place), square.line.source)
        by: Any = audit.NamedActor("a-job", "") if square.role == JOB else self.person(square.role, square.standing)
        if square.line.makes:
            thing = type(thing)(**{f.attname: getattr(thing, f.attname) for f in thing._meta.concrete_fields})
        try:
            with transaction.atomic():
                self._involve(thing, square, by)
                said = {a.name: "写清楚了的话" for a in square.line.asks} | GIVEN.get(square.model, {})
                said |= filed.SAID.get(square.model, filed.nothing)(self, thing)
                said["role"] = ROLES.get(square.line.name, "")
                if square.model is KeptCase and square.role == JOB and square.line.by_job:
                    thing, more = jobbed_cases.before(thing, square.line)
                    said |= more
                if square.line.makes:
                    access.create(by, thing, square.line.name, said)
                else:
                    version = getattr(thing, "version", None)
                    access.perform(by, thing, square.line.name, access.Seen(square.line.source, version), said)
                raise _UndoneError
        except _UndoneError:
            return "done"
        except access.AbsentError:
            return "absent"
        except IntegrityError as e:  # the last guard: somebody came through the door who should not
            return str(e)
        except UserError as e:
            return "elsewhere" if str(e).startswith("现在是") else str(e)

    def home(self, role: str) -> str:
        """Where the person of a role sits: a unit that may hold it."""
        if role == JOB:
            return "health"
        if role in UNIT_OF:
            return UNIT_OF[role]
        kinds = self.every[role].held_by
        made = Q(pk__startswith="other.") | Q(pk__startswith="below.")
        found = Organisation.objects.exclude(made).order_by("pk")
        return (found.filter(kind__in=narrowed(kinds)) if kinds else found)[0].pk

    def _unit(self, home: str, place: str) -> str:
        if place == "own":
            return home
        if place == "other_county":
            return "other.health"
        if place == "other_unit":
            return "education" if home != "education" else "health"
        above = Organisation.objects.get(pk=home)
        below, _ = Organisation.objects.get_or_create(
            id=f"below.{home}", label="下级单位", short="下级", kind=above.kind, area=above.area, parent=above,
            path=f"{above.path}below.{home}/",
        )  # fmt: skip
        return below.pk

    def _person(self, username: str, unit: str) -> Person:
        return Person.objects.create(
            username=username,
            name=username,
            organisation_id=unit,
            password="!",
            password_at=timezone.now(),
            must_change_password=False,
        )

    def _holder(self, role: str, standing: str) -> Reach:
        kind = standing if standing in ("held_elsewhere", "disabled") else "here"
        if kind != standing and standing != "own":
            return self.person(role, "own")
        home = self.home(role)
        person = self._person(f"{role}-{kind}".replace("_", "-"), home)
        unit, area = person.organisation, ""
        if kind == "held_elsewhere":
            unit, _ = Organisation.objects.get_or_create(
                id=f"other.kind.{unit.kind}", label="邻县单位", short="邻县", kind=unit.kind, area_id=THERE,
                path=f"/other.kind.{unit.kind}/",
            )  # fmt: skip
        elif self.every[role].scope is content.Scope.AREA:
            area = Area.objects.get(is_site=True).code
        directory.grant(audit.SYSTEM, person, role, on=date(2024, 1, 1), unit=unit, area=area)
        person.is_active = kind != "disabled"
        person.save()
        return Reach(person)

    def _thing(self, model: type[models.Model], unit: str, state: str) -> Any:
        thing = self._made(model, unit, state)
        if state != NOTHING:
            filed.BEFORE.get(model, filed.nothing)(self, thing)
            thing.save()
            AFTER.get(model, _nothing)(self, thing)
        return thing

    def _made(self, model: type[models.Model], unit: str, state: str) -> Any:
        """A row that is not saved yet: of a unit, in a state."""
        made = MAKERS[model](self, Organisation.objects.get(pk=unit))
        if state != NOTHING and access.DOORS[model].stored(state):
            for name, value in access.DOORS[model].stored(state).items():
                setattr(made, name, value)
        return made

    def _involve(self, thing: Any, square: Square, by: Any) -> None:
        """Who began a correction may withdraw it: the office that audits has to be the one."""
        if isinstance(thing, Inspection):
            before_visit_step(self, thing, square.line.name)
        if "alone" in square.line.guards:  # the account is the only system administrator in use
            Person.objects.exclude(pk=thing.pk).filter(assignments__role=SYSTEM_ADMIN).update(is_active=False)
            unit = thing.organisation
            Assignment.objects.create(
                person=thing, role=SYSTEM_ADMIN, organisation=unit, area=unit.area, from_date=date(2024, 1, 1)
            )
        if "own_correction" in square.line.guards and isinstance(by, Reach):
            Version.objects.filter(filing=thing, number=thing.version).update(begun_by=by.person)


def named_by_all(pack: Any) -> frozenset[str]:
    """The roles built in, of the house, or named by a document or a checklist."""
    named = content.HOUSE | set(content.BUILT_IN)
    named |= {r for kind in pack.entries("documents", DocumentKind).values() for r in kind.recorded_by}
    named |= {r for kind in pack.entries("checklists", Checklist).values() for r in kind.inspected_by}
    return frozenset(named)


def telling(
    roles: Mapping[str, content.RoleItem], named: frozenset[str], seeing: frozenset[str] = frozenset()
) -> list[str]:
    """The roles that a flow could tell apart: those that it names; of the rest one of each scope and likeness, and of
    whether it is `seeing` the things, because what a guard says differs by that."""
    found: dict[object, str] = {}
    for id_ in roles:
        grants = content.grants(roles, id_)
        found.setdefault(id_ if id_ in named else (grants & named, roles[id_].scope, bool(grants & seeing)), id_)
    return list(found.values())


class _UndoneError(Exception):
    """Takes back what a try did."""


def _nothing(world: World, thing: Any) -> None:
    """Nothing goes with it."""


def _a_task(world: World, unit: Organisation) -> Task:
    now = timezone.now()
    return Task(source="direct", title="查明下降的原因", unit=unit, due_at=now + timedelta(days=9), opened_at=now)


def _a_document(world: World, unit: Organisation) -> Activity:
    return Activity(
        kind="work_plan", year=2024, on_date=date(2024, 1, 20), unit=unit, title="年度计划", text="全年工作安排。",
        made_by=world.maker, made_at=timezone.now(),
    )  # fmt: skip


def _a_fund(world: World, unit: Organisation) -> Fund:
    item = f"演示项目{Fund.objects.count()}"
    return Fund(year=2024, unit=unit, item=item, source="budget", budget=3, allocated=2, spent=1)


def _a_project(world: World, unit: Organisation) -> Project:
    return Project(year=2024, unit=unit, title=f"演示实事{Project.objects.count()}", due_date=date(2024, 11, 30))


def _a_responsibility(world: World, unit: Organisation) -> Responsibility:
    return Responsibility(of=f"goal.{next(NUMBERS)}", year=2024, unit=unit)


def _an_edition(world: World, unit: Organisation) -> Edition:
    number = Edition.objects.count() + 1
    return Edition(
        year=2023, number=number, run=world.run, generated_date=date(2024, 3, 1), is_demo=True, started_by=world.maker,
        started_at=timezone.now(),
    )  # fmt: skip


def _files(world: World, edition: Edition) -> None:
    """All files of a report, whole."""
    folder = Path(settings.HOME) / "reports" / "matrix"
    folder.mkdir(parents=True, exist_ok=True)
    data = "演示数据".encode()
    for suffix in FORMATS:
        (folder / f"监测报告.{suffix}").write_bytes(data)
    about = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    edition.folder, edition.files = "matrix", {s: {"name": f"监测报告.{s}", **about} for s in FORMATS}
    edition.save()


def _a_collection(world: World, unit: Organisation) -> Collection:
    year = 2030 + Collection.objects.count()
    return Collection(return_id="H101", year=year, due_date=date(year, 10, 25), opened_at=timezone.now())


def _a_filing(world: World, unit: Organisation) -> Filing:
    """A return that was accepted once and is being corrected: from there every step of the flow is possible."""
    now, year = timezone.now(), 2024 - Filing.objects.filter(unit=unit).count()
    opened, _ = Collection.objects.get_or_create(
        return_id="H101", year=year, defaults={"due_date": date(year, 10, 25), "opened_at": now}
    )
    return Filing(
        collection=opened, return_id="H101", return_version=1, year=year, unit=unit, area_id=unit.area_id, version=2,
        accepted_version=1, due_date=opened.due_date, moved_at=now,
    )  # fmt: skip


def _figures(world: World, filing: Filing) -> None:
    now = timezone.now()
    for number in (1, 2):
        Version.objects.create(filing=filing, number=number, begun_at=now)
        Cell.objects.bulk_create(
            Cell(filing=filing, version=number, revision=0, code=code, value=value, reason="", changed_at=now)
            for code, value in good_cells(filing.return_id).items()
        )


def _a_survey(world: World, unit: Organisation) -> Survey:
    day, frozen = timezone.localdate(), _frozen()
    return Survey(
        title="演示调查", form=FORM, form_version=frozen["form"]["version"], frozen=frozen, unit=unit,
        area=Area.objects.get(is_site=True).code, from_date=day - timedelta(days=1), to_date=day + timedelta(days=7),
        by_link=True, made_by=world.maker, made_at=timezone.now(),
    )  # fmt: skip


@cache
def _frozen() -> Any:
    return freeze(site_pack.pack(), FORM)


def _an_answer(world: World, unit: Organisation) -> Answer:
    running = world.thing(Survey, "committee_office", "running")
    number = f"matrix-{Answer.objects.count()}"
    return Answer(
        survey=running,
        unit=unit,
        receipt=number,
        once=number,
        area="141029100",
        document={},
        answered_at=timezone.now(),
    )


LIGHT = "school.classroom_light"
"""A checklist by which the liaison's unit inspects."""
INSPECTORS = ("liaison-here", "second-inspector")


def _a_visit(world: World, unit: Organisation) -> Inspection:
    """A visit of a unit by its liaison and a second one."""
    world.person("liaison", "own")
    if not Person.objects.filter(username=INSPECTORS[1]).exists():
        second = world._person(INSPECTORS[1], UNIT_OF["liaison"])
        directory.grant(audit.SYSTEM, second, "liaison", on=date(2024, 1, 1), unit=second.organisation, area="")
    return an_inspection(unit, world.maker, checklist=LIGHT)


def _inspectors(world: World, visit: Inspection) -> None:
    if visit.state != "planned":
        visit.visited_at, visit.result = timezone.now(), "conform"
        visit.save()
    people = Person.objects.filter(username__in=INSPECTORS)
    Inspector.objects.bulk_create(Inspector(inspection=visit, person=p) for p in people)


def before_visit_step(world: World, visit: Inspection, step: str) -> None:
    """A visit is ordered, extended or passed on where something was found, and joins one that another unit planned."""
    if step in ("order", "again", "extend", "transfer"):
        due = timezone.now() + timedelta(days=3) if step == "extend" else None
        InspectionFinding.objects.filter(pk=a_finding(visit).pk).update(due_at=due)
    if step == "join":
        other = an_inspection(Organisation.objects.get(pk="education"), world.maker, checklist=LIGHT)
        other.pk = JOINED
        other.save()


JOINED = 10**6
"""The number of the visit that another one joins."""


def _a_drawing(world: World, unit: Organisation) -> Draw:
    """The lists of a drawing, made by somebody else."""
    places, people = [["演示学校", ""], ["演示幼儿园", ""]], [["演示·甲", ""], ["演示·乙", ""]]
    marks = [list_hash(DrawLine(*one) for one in listed) for listed in (places, people)]
    return Draw(
        checklist=LIGHT, roles=["liaison"], unit=unit, places=places, people=people, wanted=1, each=1,
        places_hash=marks[0], people_hash=marks[1], made_by=world.maker, made_at=timezone.now(),
    )  # fmt: skip


def a_finding(visit: Inspection) -> InspectionFinding:
    """Something ordinary that was found."""
    found, _ = InspectionFinding.objects.get_or_create(
        inspection=visit, key="rope",
        defaults={"label": "演示问题", "severity": "ordinary", "deadline": "inspection.ordinary"},
    )  # fmt: skip
    return found


def _a_case(world: World, unit: Organisation) -> KeptCase:
    """A case of a programme that no role is named by: its door goes by relations, and nobody stands in one. What a job
    does is tried with a programme that lets it (`jobbed_cases`)."""
    now = timezone.now()
    place = {"area": unit.area_id, "township": unit.area_id, "secrecy": "核心"}
    return KeptCase(programme="-", owner=unit, opened_at=now, moved_at=now, made_by=world.maker, **place)


def _a_run(world: World, unit: Organisation) -> BenefitRun:
    """A run of a benefit that no role is named by: its door goes by relations, and nobody stands in one."""
    month = date(2024, 5, 1)
    return BenefitRun(
        benefit=f"none_{next(NUMBERS)}", unit=unit, month=month, made_by=world.maker, made_at=timezone.now()
    )


def _an_entry(world: World, unit: Organisation) -> RegisterEntry:
    """An entry of a register that no role is named by: its door goes by relations, and nobody stands in one."""
    day = date(2024, 5, 1)
    return RegisterEntry(
        register="gone", unit=unit, entered_unit=unit, name="演示", area="141029100", key=f"name={next(NUMBERS)}",
        valid_from=day, changed_date=day, made_by=world.maker, made_at=timezone.now(),
    )  # fmt: skip


def _an_account(world: World, unit: Organisation) -> Person:
    number = f"account-{Person.objects.count()}"
    return Person(username=number, name="演示·账号", organisation=unit, password="!", password_at=timezone.now())


def _a_token(world: World, unit: Organisation) -> ApiToken:
    number, now = next(NUMBERS), timezone.now()
    holder, _ = Person.objects.get_or_create(
        username=f"program-{unit.pk}", defaults={"name": "演示·程序", "organisation": unit, "password": "!"}
    )
    return ApiToken(
        digest=f"matrix-{number}", person=holder, purpose="演示系统", scopes=["fhir.read"], created_at=now,
        expires_at=now + timedelta(days=9),
    )  # fmt: skip


def _a_role(world: World, person: Person) -> None:
    """A role that can be taken away, beside the one that can be given; codes that somebody asked to reset."""
    health = Organisation.objects.get(pk="health")
    Assignment.objects.create(
        person=person, role=ROLES["revoke"], organisation=health, area=health.area, from_date=date(2024, 1, 1)
    )
    person.totp, person.codes_asked_by, person.codes_asked_at = b"x", world.maker, timezone.now()
    person.save()


ROLES = {"grant": "leader", "revoke": "liaison"}


MAKERS: Mapping[type[models.Model], Callable[[World, Organisation], Any]] = {
    Task: _a_task,
    Activity: _a_document,
    Fund: _a_fund,
    Project: _a_project,
    Responsibility: _a_responsibility,
    Edition: _an_edition,
    Collection: _a_collection,
    Filing: _a_filing,
    Survey: _a_survey,
    Answer: _an_answer,
    Inspection: _a_visit,
    Draw: _a_drawing,
    KeptCase: _a_case,
    BenefitRun: _a_run,
    RegisterEntry: _an_entry,
    Person: _an_account,
    ApiToken: _a_token,
    **filed.MAKERS,
}
AFTER: Mapping[type[models.Model], Callable[[World, Any], None]] = {
    Edition: _files,
    Filing: _figures,
    Person: _a_role,
    Inspection: _inspectors,
    **filed.AFTER,
}
GIVEN: Mapping[type[models.Model], dict[str, Any]] = {
    Answer: {"document": {}, "area": "141029100", "explanations": {}},
    Task: {"due_at": timezone.now() + timedelta(days=20)},
    Fund: {"budget": 3, "allocated": 2, "spent": 1},
    Project: {"percent": 50, "progress": "过半"},
    Edition: {"folder": "matrix", "files": {}, "note": ""},
    Inspection: {
        "inspectors": INSPECTORS,
        "answers": good_answers(LIGHT),
        "apart": "各自检查的内容不同",
        "joint": JOINED,
        "due": timezone.localdate() + timedelta(days=90),
    },
    Person: {"password": "made-up brook 4711", "unit": "health", "area": "141029", "on": date(2024, 2, 1)},
}


def with_roles(model: type[models.Model], line: Step, roles: frozenset[str], world: World) -> access.Door[Any]:
    """The door with one line of its flow given to other roles."""
    flow = world.flow(model)
    lines = tuple(replace(s, roles=roles) if s is line else s for s in flow.steps)
    return replace(access.DOORS[model], flow=Flow(flow.name, flow.label, flow.states, lines))
