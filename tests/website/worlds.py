"""The made-up objects that the addresses of the permission matrix are opened with.

`arguments(name, args, ownership, role, make_person)` turns the `args` of a row into real keys: an argument's value
names a maker below, which makes (or finds) one object of that ownership for that role. A part of the site adds its
makers to MAKERS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from website.role_ids import Role

UNIT_OF = {
    Role.COMMITTEE_OFFICE: "committee_office",
    Role.STATISTICS: "statistics",
    Role.LIAISON: "health",
    Role.LEADER: "health",
    Role.SUPERVISOR: "township.141029100",
    Role.VILLAGE_DIRECTOR: "township.141029100",
    Role.SCHOOL: "education",
    Role.HOSPITAL: "mch_hospital",
    Role.SYSTEM_ADMIN: "government_service",
    Role.SECURITY_ADMIN: "government_service",
    Role.AUDIT_ADMIN: "government_service",
    Role.AUDITOR: "committee_office",
    Role.THIRD_PARTY_EVALUATOR: "third_party",
}
"""Where the tested person of each role sits."""


def unit_for(ownership: str, role: Role) -> str:
    """A unit that is the person's own, another one of the county, or one of another county; to somebody from outside
    every unit of the county is another one."""
    if ownership == "own":
        return UNIT_OF[role] if role is not Role.THIRD_PARTY_EVALUATOR else "health"
    if ownership == "other_county":
        return "other.health"
    return "education" if UNIT_OF[role] != "education" else "health"


def account(ownership: str, role: Role, make_person: Callable) -> str:
    """A user name at a unit of that ownership."""
    return make_person(
        unit_for(ownership, role), Role.LIAISON, f"for-{ownership}-{role.value}".replace("_", "-")
    ).username


def measured() -> None:
    """A small run, so that the pages of monitoring have something to show."""
    from website.measured import a_run

    a_run()


def goal(ownership: str, role: Role, make_person: Callable) -> str:
    """A goal of the plan; another county's is not there."""
    measured()
    return "no-such-goal" if ownership == "other_county" else "health.g3"


def indicator(ownership: str, role: Role, make_person: Callable) -> str:
    """An indicator of the pack."""
    measured()
    return "no.such.indicator" if ownership == "other_county" else "health.imr"


def area(ownership: str, role: Role, make_person: Callable) -> str:
    """A township of the county, or the other county."""
    measured()
    return {"own": "141029100", "other_unit": "141029200", "other_county": "141030"}[ownership]


def warning(ownership: str, role: Role, make_person: Callable) -> int:
    """A warning that holds."""
    from qingmiao.site.apps.monitoring.models import WarningRecord

    measured()
    return 0 if ownership == "other_county" else WarningRecord.objects.order_by("pk").values_list("pk", flat=True)[0]


def draft_edition(ownership: str, role: Role, make_person: Callable) -> int:
    """A draft of the annual report."""
    return 0 if ownership == "other_county" else _edition(make_person, "draft")


def released_edition(ownership: str, role: Role, make_person: Callable) -> int:
    """A released report with a file."""
    return 0 if ownership == "other_county" else _edition(make_person, "released")


def suffix(ownership: str, role: Role, make_person: Callable) -> str:
    """The format of the released report's file."""
    return "html"


def _edition(make_person: Callable, state: str) -> int:
    from website.published import an_edition

    return an_edition(make_person, state).pk


def filing(ownership: str, role: Role, make_person: Callable) -> int:
    """A return of a unit of that ownership, open for filling in."""
    from datetime import date

    from django.utils import timezone

    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.returns.models import Collection, Filing, Version

    make_person(UNIT_OF[role], role)  # the directory is there
    unit = Organisation.objects.get(pk=unit_for(ownership, role))
    now, due = timezone.now(), date(2024, 10, 25)
    opened, _ = Collection.objects.get_or_create(
        return_id="H101", year=2024, defaults={"due_date": due, "opened_at": now}
    )
    made, new = Filing.objects.get_or_create(
        collection=opened, return_id="H101", year=2024, unit=unit, area_id=unit.area_id,
        defaults={"return_version": 1, "due_date": due, "moved_at": now},
    )  # fmt: skip
    if new:
        Version.objects.create(filing=made, number=1, begun_at=now)
    return made.pk


def cell(ownership: str, role: Role, make_person: Callable) -> str:
    """A cell of that return."""
    return "01.1"


def upload(ownership: str, role: Role, make_person: Callable) -> int:
    """A workbook that was uploaded for that return, with a fault that a marked copy can show."""
    import hashlib
    import io

    from django.utils import timezone

    from qingmiao.collect.template import TemplateSubject, write_template
    from qingmiao.site.apps.files.api import write_once
    from qingmiao.site.apps.returns import pack_returns, uploads
    from qingmiao.site.apps.returns.models import Upload

    book = io.BytesIO()
    write_template(pack_returns.return_of("H101"), TemplateSubject(2024, "141029", "乡宁县", "演示"), book)
    data = book.getvalue()
    made, _ = Upload.objects.get_or_create(
        filing_id=filing(ownership, role, make_person), sha256=hashlib.sha256(data).hexdigest(),
        defaults={"version": 1, "revision": 0, "name": "演示.xlsx", "size": len(data), "state": "refused",
                  "uploaded_at": timezone.now(),
                  "faults": [{"code": "wrong_type", "message": "不是数", "sheet": "", "cells": []}]},
    )  # fmt: skip
    write_once(uploads.stored(made), data)
    return made.pk


def task(ownership: str, role: Role, make_person: Callable) -> int:
    """A task of a unit of that ownership."""
    from website.acted import a_task

    return a_task(make_person, unit_for(ownership, role)).pk


def evidence(ownership: str, role: Role, make_person: Callable) -> int:
    """A file that belongs to a task of that ownership."""
    from website.acted import a_task, some_evidence

    return some_evidence(make_person, a_task(make_person, unit_for(ownership, role))).pk


def paper(ownership: str, role: Role, make_person: Callable) -> int:
    """A file that belongs to a document of a unit of that ownership."""
    from website.acted import a_paper, an_opinions_paper

    if role is Role.THIRD_PARTY_EVALUATOR and ownership == "own":
        return an_opinions_paper(make_person).pk
    return a_paper(make_person, unit_for(ownership, role)).pk


def kind(ownership: str, role: Role, make_person: Callable) -> str:
    """A kind of activity; one that somebody from outside records."""
    if ownership == "other_county":
        return "no_such_kind"
    return "evaluation_opinion" if role is Role.THIRD_PARTY_EVALUATOR else "work_plan"


def activity(ownership: str, role: Role, make_person: Callable) -> int:
    """A yearly plan of a unit of that ownership; of an evaluator's own unit its opinion."""
    from website.acted import a_plan, an_opinion

    if role is Role.THIRD_PARTY_EVALUATOR and ownership == "own":
        return an_opinion(make_person).pk
    return a_plan(make_person, unit_for(ownership, role)).pk


def survey(ownership: str, role: Role, make_person: Callable) -> int:
    """A running survey of a unit of that ownership."""
    from website.surveyed import a_survey

    return a_survey(make_person, unit_for(ownership, role)).pk


def answer(ownership: str, role: Role, make_person: Callable) -> str:
    """An answer to that survey (nothing where the survey is another county's)."""
    from qingmiao.site.apps.surveys.models import Answer, Survey
    from website.surveyed import an_answer

    of = Survey.objects.get(pk=survey(ownership, role, make_person))
    known = Answer.objects.filter(survey=of).values_list("receipt", flat=True).first()
    return known or ("none" if ownership == "other_county" else an_answer(of))


def photo_survey(ownership: str, role: Role, make_person: Callable) -> int:
    """A running survey of a unit of that ownership, whose form asks for a photograph."""
    from website.surveyed import a_photo_survey

    return a_photo_survey(make_person, unit_for(ownership, role)).pk


def photo_answer(ownership: str, role: Role, make_person: Callable) -> str:
    """An answer to it, with the photograph (nothing where the survey is another county's)."""
    from qingmiao.site.apps.surveys.models import Answer, Survey
    from website.surveyed import an_answer

    of = Survey.objects.get(pk=photo_survey(ownership, role, make_person))
    known = Answer.objects.filter(survey=of).values_list("receipt", flat=True).first()
    said = {"said": "演示", "picture": photo(ownership, role, make_person)}
    return known or ("none" if ownership == "other_county" else an_answer(of, said))


def survey_link(ownership: str, role: Role, make_person: Callable) -> str:
    """The token of a link of a survey of the county."""
    from website.surveyed import a_link, a_survey

    make_person(UNIT_OF[role], role)
    return a_link(a_survey(make_person))


def inspection(ownership: str, role: Role, make_person: Callable) -> int:
    """A visit of a unit of that ownership, with a photograph."""
    return _visit(ownership, role, make_person, "ordered").pk


def visit_under_way(ownership: str, role: Role, make_person: Callable) -> int:
    """A visit that the tested person inspects."""
    from qingmiao.site.apps.inspections.models import Inspector

    made = _visit(ownership, role, make_person, "visiting")
    Inspector.objects.get_or_create(inspection=made, person=make_person(UNIT_OF[role], role))
    return made.pk


def _visit(ownership: str, role: Role, make_person: Callable, state: str) -> Any:
    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.inspections.models import Inspection
    from website.inspected import an_inspection

    maker = make_person(UNIT_OF[role], role)
    unit = Organisation.objects.get(pk=unit_for(ownership, role))
    known = Inspection.objects.filter(unit=unit, state=state).first()
    if known is None:
        known = an_inspection(unit, maker, state=state)
        known.answers |= {"separate_photo": photo(ownership, role, make_person)}
        known.save()
    return known


def drawing(ownership: str, role: Role, make_person: Callable) -> int:
    """A drawing of a unit of that ownership, drawn."""
    from django.utils import timezone

    from qingmiao.kernel.drawing import DrawLine, draw
    from qingmiao.site.apps.inspections.models import Draw

    unit, maker = unit_for(ownership, role), make_person(UNIT_OF[role], role)
    known = Draw.objects.filter(unit_id=unit).first()
    if known is None:
        places, people = [["演示学校", ""]], [["演示·甲", ""]]
        record = draw([DrawLine(*p) for p in places], [DrawLine(*p) for p in people], seed="演示种子", wanted=1, each=1)
        known = Draw.objects.create(
            checklist="school.meals", roles=["liaison"], unit_id=unit, places=places, people=people, wanted=1, each=1,
            places_hash=record.places_hash, people_hash=record.people_hash, seed=record.seed, record=record.text(),
            state="drawn", made_by=maker, made_at=timezone.now(),
        )  # fmt: skip
    return known.pk


def checklist(ownership: str, role: Role, make_person: Callable) -> str:
    """A checklist."""
    return "school.meals"


def visit_paper(ownership: str, role: Role, make_person: Callable) -> str:
    """A paper of a visit, which was handed in."""
    from qingmiao.site.apps.inspections.models import Inspection

    handed_in = Inspection.objects.filter(state="ordered", concluded_by=None)
    handed_in.update(concluded_by=make_person(UNIT_OF[role], role), result="conform")
    return "record"


def results_format(ownership: str, role: Role, make_person: Callable) -> str:
    """As what public results are handed out."""
    return "csv"


def photo(ownership: str, role: Role, make_person: Callable) -> str:
    """The key of a kept photograph."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from qingmiao.site.apps.files import api as files

    data = b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IENDcrc4"
    return files.keep(files.ANSWERS, SimpleUploadedFile("图.png", data)).key


def child(ownership: str, role: Role, make_person: Callable) -> int:
    """A child of whom a unit of that ownership keeps the file: of the tested person's village, and own school."""
    from website.filed import a_kept_child

    own = ownership == "own"
    tested = make_person(UNIT_OF[role], role)
    return a_kept_child(tested, unit_for(ownership, role), make_person, near=own).pk


def record_kind(ownership: str, role: Role, make_person: Callable) -> str:
    """A kind of health record."""
    from website.filed import KIND

    return KIND


def health_record(ownership: str, role: Role, make_person: Callable) -> int:
    """A check of that child, made by the unit that keeps the file."""
    from qingmiao.site.apps.records.event_models import HealthRecord
    from website.filed import a_kept_record

    number = child(ownership, role, make_person)
    known = HealthRecord.objects.filter(child=number).first()
    return known.pk if known is not None else a_kept_record(number).pk


def file_request(ownership: str, role: Role, make_person: Callable) -> int:
    """A guardian's request about that child, received by the unit that keeps the file."""
    from website.filed_privacy import a_kept_request

    number, tested = child(ownership, role, make_person), make_person(UNIT_OF[role], role)
    return a_kept_request(number, unit_for(ownership, role), tested).pk


def request_form(ownership: str, role: Role, make_person: Callable) -> str:
    """What is fetched of a request."""
    return "copy.json"


def mother(ownership: str, role: Role, make_person: Callable) -> int:
    """A woman whose file a unit of that ownership keeps."""
    from website.filed_mothers import a_kept_mother

    return a_kept_mother(make_person(UNIT_OF[role], role), unit_for(ownership, role)).pk


def mother_kind(ownership: str, role: Role, make_person: Callable) -> str:
    """A kind of record of mothers that places of delivery make."""
    return "delivery"


def child_list(ownership: str, role: Role, make_person: Callable) -> int:
    """A list of pupils' sight that a unit of that ownership uploaded."""
    from website.filed import a_kept_list

    return a_kept_list(make_person(UNIT_OF[role], role), unit_for(ownership, role)).pk


def case(ownership: str, role: Role, make_person: Callable) -> int:
    """A report of harm that was begun at a unit of that ownership: by the tested person where the role may."""
    from website.cased import a_kept_case

    return a_kept_case(make_person(UNIT_OF[role], role), unit_for(ownership, role), make_person).pk


def case_paper(ownership: str, role: Role, make_person: Callable) -> str:
    """The key of a photograph that was added to that case."""
    from website.cased import a_kept_paper

    return a_kept_paper(case(ownership, role, make_person), photo(ownership, role, make_person))


def programme(ownership: str, role: Role, make_person: Callable) -> str:
    """A programme of which schools, doctors and village directors open a case."""
    return "mandatory_report"


def listed_programme(ownership: str, role: Role, make_person: Callable) -> str:
    """A programme of which schools open cases from a list."""
    return "examination_round"


def round_programme(ownership: str, role: Role, make_person: Callable) -> str:
    """A programme by which everybody who works at a unit is checked again each year."""
    return "employment_check"


def round_unit(ownership: str, role: Role, make_person: Callable) -> str:
    """A unit that must: the women and children's hospital, or none."""
    return {"own": UNIT_OF[role], "other_unit": "other.health"}.get(ownership, "no.such.unit")


def case_step(ownership: str, role: Role, make_person: Callable) -> str:
    """The step that such a case waits for."""
    return "reported"


def case_form(ownership: str, role: Role, make_person: Callable) -> str:
    """A printed form of that programme."""
    return "report_form"


def case_format(ownership: str, role: Role, make_person: Callable) -> str:
    """As what it is printed."""
    return "docx"


def none_such(ownership: str, role: Role, make_person: Callable) -> int:
    """The number of nothing."""
    return 999_999


def bank_layout(ownership: str, role: Role, make_person: Callable) -> str:
    """A layout of payment files."""
    return "bank"


def register(ownership: str, role: Role, make_person: Callable) -> str:
    """A register that the health department keeps; another county's is not there."""
    return "none" if ownership == "other_county" else "nurseries"


def register_format(ownership: str, role: Role, make_person: Callable) -> str:
    """As what a register is exported."""
    return "csv"


def register_entry(ownership: str, role: Role, make_person: Callable) -> int:
    """An entry of it."""
    from website.registered import a_nursery

    make_person(UNIT_OF[role], role)  # the directory is there
    return 999_999 if ownership == "other_county" else a_nursery(make_person)


QUERIES = {
    "lineage": "indicator=health.imr&area=141029&year=2023",
    "run": "year=2023",
    "submit": "action=submit&state=draft&version=1",
    "dun": "do=dun",
    "finish": "do=submit&state=draft&version=1",
}
"""Query strings of addresses whose object stands there (`query` in a row)."""


MEASURED = frozenset({"lineage", "run"})
"""Of these, the ones that need a run."""

MAKERS: dict[str, Callable[[str, Role, Callable], object]] = {
    "account": account,
    "bank_layout": bank_layout,
    "none_such": none_such,
    "portal_path": lambda ownership, role, make_person: "index.html",
    "case": case,
    "case_form": case_form,
    "case_paper": case_paper,
    "case_format": case_format,
    "case_step": case_step,
    "child": child,
    "record_kind": record_kind,
    "health_record": health_record,
    "file_request": file_request,
    "request_form": request_form,
    "mother": mother,
    "mother_kind": mother_kind,
    "child_list": child_list,
    "goal": goal,
    "programme": programme,
    "listed_programme": listed_programme,
    "round_programme": round_programme,
    "round_unit": round_unit,
    "indicator": indicator,
    "area": area,
    "warning": warning,
    "draft_edition": draft_edition,
    "released_edition": released_edition,
    "suffix": suffix,
    "filing": filing,
    "cell": cell,
    "upload": upload,
    "task": task,
    "evidence": evidence,
    "paper": paper,
    "kind": kind,
    "activity": activity,
    "survey": survey,
    "answer": answer,
    "photo_survey": photo_survey,
    "photo_answer": photo_answer,
    "survey_link": survey_link,
    "inspection": inspection,
    "visit_under_way": visit_under_way,
    "drawing": drawing,
    "checklist": checklist,
    "visit_paper": visit_paper,
    "results_format": results_format,
    "photo": photo,
    "register": register,
    "register_entry": register_entry,
    "register_format": register_format,
}


def arguments(name: str, args: dict[str, str], ownership: str, role: Role, make_person: Callable) -> dict[str, object]:
    """The arguments of an address."""
    return {key: MAKERS[maker](ownership, role, make_person) for key, maker in args.items()}
