"""Every action that a page posts: with what body, and whose it is for a thing of one's own unit and of another unit.

Steps behind doors are not listed here: test_posts makes them from the flows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from qingmiao.collect.template import TemplateSubject, write_template
from qingmiao.content.roles import ADMINISTRATORS
from qingmiao.flow import house
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.acting.models import Activity, Fund, Project, Responsibility
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.models import Area
from qingmiao.site.apps.inspections.models import Draw, Inspection
from qingmiao.site.apps.publishing import api as publishing
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.returns import pack_returns
from qingmiao.site.apps.returns.models import Collection, Filing, Upload
from qingmiao.site.apps.surveys.models import Survey
from qingmiao.site.apps.tasks.models import Task
from website import filed_posting
from website.acted import PDF
from website.inspected import good_answers, posted
from website.returns_world import good_cells
from website.stepping import INSPECTORS, JOINED, LIGHT, World, before_visit_step
from website.surveyed import FORM

Body = Mapping[str, Any]
Making = Callable[[World, str], tuple[Mapping[str, Any], Body]]
"""(the world, the unit that the thing is of) → the address's arguments and what is posted."""


@dataclass(frozen=True)
class Action:
    """One action of a page: who may do it for a thing of the own unit (`own`), of another unit of the county (`other`).

    What is posted goes through for the right person: it stands in the trail, unless it `only_shows` what would follow,
    which leaves nothing. `of_unit` False: it concerns no unit.
    """

    page: str
    do: str
    make: Making
    own: frozenset[str]
    other: frozenset[str] = frozenset()
    of_unit: bool = True
    json: bool = False
    only_shows: bool = False


def _roles(*names: str) -> frozenset[str]:
    return frozenset(names)


OFFICE, WRITERS, ANSWERING, FILLERS = house.OFFICE, house.WRITERS, house.ANSWERING, house.FILLERS
SYSTEM, SECURITY = _roles(ADMINISTRATORS[0]), _roles(ADMINISTRATORS[1])
ALL_THREE = _roles(*ADMINISTRATORS)
RECORDING = ANSWERING | WRITERS
SOON = timezone.localdate() + timedelta(days=9)


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("材料.pdf", PDF)


def _account(do: str, **more: str) -> Making:
    """Something done with an account at the unit."""

    def make(world: World, unit: str) -> tuple[Body, Body]:
        person = world._person(f"target-{unit}".replace(".", "-").replace("_", "-"), unit)
        body = {"do": do, **more, "unit": unit}
        if do == "revoke":
            directory.grant(audit.SYSTEM, person, "liaison", on=timezone.localdate() - timedelta(days=9))
            body["assignment"] = str(person.assignments.latest("pk").pk)
        if do.endswith("codes") or do == "ask_codes_reset":
            asked = {"codes_asked_by": world.maker, "codes_asked_at": timezone.now()} if do == "reset_codes" else {}
            type(person).objects.filter(pk=person.pk).update(totp=b"x", **asked)
        if do == "enable":
            type(person).objects.filter(pk=person.pk).update(is_active=False)
        return {"username": person.username}, body

    return make


def _responsibility(world: World, unit: str) -> tuple[Body, Body]:
    goal = next(iter(site_pack.pack().goals))
    Responsibility.objects.create(of=goal, year=2024, unit_id=unit)
    return {}, {"do": "confirm", "year": "2024", "unit": unit, "document": "演示文号"}


def _fund(world: World, unit: str) -> tuple[Body, Body]:
    made = Fund.objects.create(
        year=2024, unit_id=unit, item="演示项目", source="budget", budget=3, allocated=2, spent=1
    )
    return {}, {"fund": str(made.pk), "version": "1", "budget": "4", "allocated": "3", "spent": "2"}


def _project(world: World, unit: str) -> tuple[Body, Body]:
    made = Project.objects.create(year=2024, unit_id=unit, title="演示实事", due_date=SOON)
    return {}, {"project": str(made.pk), "version": "1", "percent": "50", "progress": "过半"}


MAPPED = {
    "sheet": "年报", "header_rows": "1", "key_column": "A", "name": "演示对照", "heading": ['["应服务人数"]'],
    "column": ["1"], "row_name": ["增补叶酸"], "row": ["01"],
}  # fmt: skip
"""A unit's own sheet, one heading and one line of it given their codes."""


def _workbook(filing: Filing) -> SimpleUploadedFile:
    """The return's template, filled in."""
    out, form = io.BytesIO(), pack_returns.return_of(filing.return_id)
    figures = {code: float(value) for code, value in good_cells(filing.return_id).items()}
    subject = TemplateSubject(filing.year, filing.area_id, filing.unit.label, "演示")
    write_template(form, subject, out, values=figures)
    return SimpleUploadedFile("报表.xlsx", out.getvalue())


PARAGRAPHS: dict[int, str] = {}
"""Run → the first paragraph of its report that may be rewritten."""


def _paragraph(edition: Edition) -> str:
    if edition.run_id not in PARAGRAPHS:
        PARAGRAPHS[edition.run_id] = str(publishing.paragraphs(edition)[0].index)
    return PARAGRAPHS[edition.run_id]


def _upload(world: World, unit: str) -> tuple[Body, Body]:
    filing = world.thing(Filing, unit, "draft")
    made = Upload.objects.create(
        filing=filing, version=filing.version, revision=filing.revision, name="演示.xlsx", size=1, state="ready",
        uploaded_at=timezone.now(), sha256="0" * 64, cells={"01.1": "1001"},
    )  # fmt: skip
    return {"number": filing.pk, "upload": made.pk}, {}


def _opened(do: str) -> Making:
    """Something about a form that is open and that nobody has begun with."""

    def make(world: World, unit: str) -> tuple[Body, Body]:
        there = world.thing(Collection, unit, "open")
        return {}, {
            "do": do,
            "year": str(there.year),
            "return": there.return_id,
            f"due:{there.return_id}": "2030-10-25",
        }

    return make


def thing_in(model: Any, state: str, argument: str = "number") -> Callable[..., Making]:
    """An action with a thing in a state."""

    def making(body: Callable[[Any], Body]) -> Making:
        def make(world: World, unit: str) -> tuple[Body, Body]:
            thing = world.thing(model, unit, state)
            return {argument: thing.pk} | ({"kind": thing.kind} if model is Activity else {}), body(thing)

        return make

    return making


def _picked(do: str, state: str) -> Making:
    """A step for one return chosen of many."""

    def make(world: World, unit: str) -> tuple[Body, Body]:
        thing = world.thing(Filing, unit, state)
        return {}, {
            "do": do,
            "pick": f"{thing.pk} {state} {thing.version} {thing.revision}",
            "reason": "与上年相差太大",
        }

    return make


def _plain(body: Callable[[str], Body]) -> Making:
    return lambda world, unit: ({}, body(unit))


def _sample(thing: Survey) -> Body:
    code = "141029100"
    figures = {f"{n}.{code}": v for n, v in (("frame", "9"), ("drawn", "5"), ("refused", "0"), ("unreached", "0"))}
    return {"do": "count", "version": "1", "area": code, **figures}


def _money(unit: str) -> Body:
    return {
        "year": "2024", "unit": unit, "item": "演示项目", "source": "budget", "budget": "3", "allocated": "2", "spent": "1",
    }  # fmt: skip


def _visit(world: World, unit: str) -> Body:
    return {
        "checklist": LIGHT, "place": "演示学校", "place_kind": "primary_school", "area": "141029100", "responsible": unit,
        "on": SOON.isoformat(), "inspectors": INSPECTORS, "method": "routine", "apart": "各自检查的内容不同",
    }  # fmt: skip


def _people(world: World) -> Body:
    """The two who inspect are there."""
    world.thing(Inspection, "health", "planned")
    return {}


def _visited(step: str, state: str, **more: str) -> Making:
    """A step of a visit that has what the step needs."""

    def make(world: World, unit: str) -> tuple[Body, Body]:
        thing = world.thing(Inspection, unit, state)
        before_visit_step(world, thing, step)
        return {"number": thing.pk}, {"do": step, "version": "1", **more}

    return make


_ONCE = {"version": "1", "reason": "原来的人员出差"}
INSPECTIONS = (
    Action(
        "inspections.new", "", lambda world, unit: ({}, {**_visit(world, unit), **_people(world)}), _roles("liaison"),
        of_unit=False,
    ),
    *(
        Action(
            "inspections.fill", do,
            thing_in(Inspection, "visiting")(
                lambda i, do=do: {"do": do, "version": "1", **posted(good_answers(LIGHT))}  # type: ignore[misc]
            ),
            _roles("liaison"),
        )
        for do in ("fill", "conclude")
    ),
    Action("inspections.one", "order", _visited("order", "found"), _roles("liaison")),
    Action("inspections.one", "join", _visited("join", "planned", joint=str(JOINED)), _roles("liaison")),
    Action(
        "inspections.one", "extend", _visited("extend", "ordered", due=SOON.isoformat(), reason="配件还没有到货"),
        _roles("leader"),
    ),
    Action(
        "inspections.one", "transfer",
        _visited("transfer", "found", receiver="县市场监管部门", reason="涉嫌无证经营，依法移送"), _roles("liaison"),
    ),
    Action(
        "inspections.one", "recheck",
        thing_in(Inspection, "ordered")(lambda i: {"do": "recheck", "version": "1", "opinion": "现场复查，已经整改"}),
        _roles("liaison"),
    ),
    Action(
        "inspections.one", "reassign",
        thing_in(Inspection, "planned")(lambda i: {"do": "reassign", **_ONCE, "inspectors": INSPECTORS}),
        _roles("liaison"),
    ),
)  # fmt: skip
"""Visits: who inspects is the liaison of the unit, and one of the two who are named."""
ACTIONS = (
    *INSPECTIONS,
    *filed_posting.actions(Action, thing_in),
    Action("people.new", "", _plain(lambda u: {"username": "new-one", "name": "新人", "unit": u}), SYSTEM, SYSTEM),
    *(Action("people.one", do, _account(do), SYSTEM, SYSTEM) for do in ("disable", "enable", "reset_password")),
    Action("people.one", "grant", _account("grant", role="auditor"), SECURITY, SECURITY),
    *(Action("people.one", do, _account(do), SECURITY, SECURITY) for do in ("revoke",)),
    *(Action("people.one", do, _account(do), ALL_THREE, ALL_THREE) for do in ("ask_codes_reset", "reset_codes")),
    Action(
        "acting.task_new", "", _plain(lambda u: {"unit": u, "due": SOON.isoformat(), "title": "查明原因"}), OFFICE, OFFICE
    ),
    Action("acting.task", "evidence", thing_in(Task, "open")(lambda t: {"do": "evidence", "file": _file()}), ANSWERING),
    Action("acting.responsibility", "confirm", _responsibility, OFFICE, OFFICE),
    Action(
        "acting.responsibility", "propose", _plain(lambda u: {"do": "propose", "year": "2024"}), OFFICE, of_unit=False
    ),
    Action(
        "acting.responsibility",
        "",
        _plain(lambda u: {"of": next(iter(site_pack.pack().goals)), "year": "2024", "unit": u}),
        OFFICE,
        OFFICE,
    ),
    Action("acting.funds", "", _plain(_money), ANSWERING | OFFICE, OFFICE),
    Action("acting.funds", "update", _fund, ANSWERING | OFFICE, OFFICE),
    Action(
        "acting.projects",
        "",
        _plain(lambda u: {"year": "2024", "unit": u, "title": "演示实事", "due": SOON.isoformat()}),
        OFFICE,
        OFFICE,
    ),
    Action("acting.projects", "update", _project, ANSWERING | OFFICE, OFFICE),
    Action(
        "acting.activities",
        "",
        lambda world, unit: (
            {"kind": "work_plan"},
            {"unit": unit, "year": "2024", "on_date": "2024-01-20", "title": "年度计划", "text": "全年工作安排。"},
        ),
        RECORDING,
        OFFICE,
    ),
    Action(
        "acting.activity",
        "evidence",
        thing_in(Activity, "draft")(lambda t: {"do": "evidence", "file": _file()}),
        ANSWERING,
    ),
    Action(
        "returns.open",
        "open",
        _plain(lambda u: {"do": "open", "year": "2030", "return": "H101", "due:H101": "2030-10-25"}),
        WRITERS,
        of_unit=False,
    ),
    Action("returns.open", "take_back", _opened("take_back"), WRITERS, of_unit=False),
    *(
        Action("returns.open", do, _opened(do), WRITERS, of_unit=False, only_shows=True)
        for do in ("ask", "change", "ask_back")
    ),
    Action("returns.bulk", "sign", _picked("sign", "submitted"), house.SIGNERS),
    Action("returns.bulk", "accept", _picked("accept", "signed"), house.AUDITING, house.AUDITING),
    Action("returns.bulk", "dun", _picked("dun", "draft"), WRITERS, WRITERS),
    Action("returns.lock", "", _plain(lambda u: {"year": "2024"}), _roles("statistics"), of_unit=False),
    Action(
        "returns.filing", "",
        thing_in(Filing, "draft")(lambda f: {"revision": str(f.revision), "01.1": "1001"}), FILLERS,
    ),
    Action(
        "returns.cells",
        "",
        thing_in(Filing, "draft")(lambda f: {"revision": f.revision, "cells": {"01.1": "1001"}}),
        FILLERS,
        json=True,
    ),
    Action("returns.upload", "", thing_in(Filing, "draft")(lambda f: {"file": _workbook(f)}), FILLERS),
    Action("returns.mapping", "", thing_in(Filing, "draft")(lambda f: MAPPED), FILLERS),
    Action("returns.preview", "", _upload, FILLERS),
    Action("publishing.reports", "", _plain(lambda u: {"year": "2023"}), WRITERS, of_unit=False),
    Action(
        "publishing.prose",
        "",
        thing_in(Edition, "draft")(lambda e: {"version": "1", "index": _paragraph(e), "text": "改写了这一段。"}),
        WRITERS,
        of_unit=False,
    ),
    Action(
        "surveys.new",
        "",
        _plain(
            lambda u: {
                "form": FORM, "title": "演示调查", "way": "link", "from_date": SOON.isoformat(),
                "to_date": SOON.isoformat(), "area": Area.objects.get(is_site=True).code,
            }
        ),
        WRITERS,
        of_unit=False,
    ),
    Action("surveys.one", "count", thing_in(Survey, "running")(_sample), WRITERS, WRITERS),
    Action(
        "surveys.links",
        "",
        thing_in(Survey, "running")(lambda s: {"version": "1", "count": "1", "until": SOON.isoformat()}),
        WRITERS,
        WRITERS,
    ),
)  # fmt: skip

OTHERWISE = {
    "account.forgotten": "before login; tests/website/test_forgotten.py",
    "help.topics": "one's own guide; tests/website/test_help.py",
    **filed_posting.OTHERWISE,
    **dict.fromkeys(
        ("cases.one", "cases.open", "cases.step", "cases.unsealings"),
        "by relations to the case: KeptCase among the steps; tests/website/test_case_pages.py",
    ),
    **dict.fromkeys(
        ("cases.listed", "cases.listed_open"),
        "by who opens cases of a programme that tells two apart; tests/website/test_cases_from_a_list.py",
    ),
    "cases.round_unit": "by who opens cases at the very unit; tests/website/test_rounds_on_site.py",
    **dict.fromkeys(
        (
            "registers.entry",
            "registers.new",
            "registers.change",
            "registers.confirm",
            "registers.import",
            "registers.review",
        ),
        "by relations to the entry: RegisterEntry among the steps; tests/website/test_register_pages.py",
    ),
    **dict.fromkeys(
        ("benefits.list", "benefits.one"),
        "by relations to the run: BenefitRun among the steps; tests/website/test_benefit_runs_on_site.py",
    ),
    "account.login": "before login",
    "account.code": "one's own login",
    "account.enrol": "one's own login",
    "account.logout": "one's own session",
    "account.password": "one's own password",
    "account.sessions": "one's own sessions",
    "language": "one's own page",
    "exchange.packages": "another site sends a signed package; tests/website/test_exchange.py tries what it takes",
    "forms.compute": "stores nothing and names nobody; tests/website/test_forms.py tries what it takes",
    "monitoring.recompute": "reads only; its row in permissions/monitoring.yaml posts",
    "surveys.public": "without login",
    "surveys.correct": "without login, for who holds the receipt; Answer.correct among the steps",
    "surveys.fill": "everybody who works here; its row in permissions/surveys.yaml, and Answer.give among the steps",
    "surveys.list": "reads only, whatever the method",
    "surveys.answer": "a step: Answer.withdraw",
    "notices.inbox": "one's own notices; tests/website/test_notices.py",
    "inspections.draws": "a step: Draw.prepare",
    "inspections.draw": "steps: Draw.draw, Draw.drop",
    "returns.move": "a step of Filing",
    "publishing.move": "a step of Edition",
}
"""Addresses that take posts and have no action of their own above, each with the reason."""
STEPS: Mapping[Any, tuple[str, str]] = {
    Task: ("acting.task", "do"),
    Activity: ("acting.activity", "do"),
    Edition: ("publishing.move", "do"),
    Filing: ("returns.move", "action"),
    Survey: ("surveys.one", "do"),
    Inspection: ("inspections.one", "do"),
    Draw: ("inspections.draw", "do"),
}
"""Where a page posts the steps of a door, and under which name."""


def sent(action: Action, body: Body) -> dict[str, Any]:
    """How a test client posts it; a file from its beginning, however often."""
    for value in body.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    if action.json:
        return {"data": json.dumps(body), "content_type": "application/json"}
    return {"data": dict(body)}
