"""The door of surveys: make and run one, take answers, count the response, look at answers, give them out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count
from django.utils import timezone

from qingmiao.flow import State, Step
from qingmiao.forms import ReadyForm, fill
from qingmiao.forms.answers import cells, shown
from qingmiao.forms.frozen import freeze
from qingmiao.kernel.csv_out import csv_bytes
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.surveys import links
from qingmiao.site.apps.surveys.answering import Sent, TakenAnswer, areas, by_link, by_person, refusal
from qingmiao.site.apps.surveys.doors import running
from qingmiao.site.apps.surveys.links import NewLink, TooManyError, find, page_token, qr
from qingmiao.site.apps.surveys.models import Answer, Link, Sample, Survey
from qingmiao.site.apps.surveys.publishing import form_of
from qingmiao.site.apps.surveys.workflow import DEFAULT, survey_flow

__all__ = [
    "AbsentError", "Brief", "ConflictError", "Link", "NewLink", "NotAllowedError", "Response", "Sent", "TakenAnswer",
    "TooManyError", "areas", "by_link", "by_person", "count", "export", "find", "form_of", "get", "listed", "make",
    "make_links", "may_run", "move", "offered", "one_answer", "page_token", "qr", "refusal", "responses", "running",
    "some_answers", "steps", "to_fill", "where", "withdraw",
]  # fmt: skip


@dataclass(frozen=True)
class Brief:
    """A survey as pages show it."""

    id: int
    title: str
    form: str
    form_version: int
    unit: str
    area: str
    from_date: date
    to_date: date
    by_link: bool
    state: State
    version: int
    answered: int
    published: int


@dataclass(frozen=True)
class Response:
    """One area's response. `rate` is answered ÷ drawn (None where nobody was drawn); `pending`: drawn, not heard of yet."""

    area: str
    name: str
    frame: int
    drawn: int
    answered: int
    refused: int
    unreached: int

    @property
    def pending(self) -> int:
        """Drawn, and neither answered nor known not to answer."""
        return max(0, self.drawn - self.answered - self.refused - self.unreached)

    @property
    def rate(self) -> float | None:
        """Per cent of the drawn that answered; over 100 where more came back than were drawn."""
        return 100 * self.answered / self.drawn if self.drawn else None


def offered(reach: Reach) -> tuple[tuple[str, str, bool], ...]:
    """(form, its label, open) of the questionnaires that this person may run a survey with over their own unit."""
    held = access.who_over(reach, reach.person.organisation).roles
    forms = (f for f in site_pack.pack().forms.values() if f.purpose == "survey")
    return tuple((f.id, f.label.zh, f.open) for f in forms if held & set(f.roles or DEFAULT))


def where(reach: Reach) -> tuple[tuple[str, str], ...]:
    """(code, name) of the areas over which this person holds a role."""
    names = site_pack.pack().areas
    return tuple((code, names[code].name) for code in reach.areas(WORKING) if code in names)


def make(reach: Reach, *, form: str, title: str, from_date: date, to_date: date, by_link: bool, area: str) -> int:
    """A new survey with the form as it is now. UserError for an unknown form, an empty title or days in the wrong order."""
    pack = site_pack.pack()
    if form not in pack.forms or pack.forms[form].purpose != "survey":
        raise UserError("没有这张问卷")
    if not title.strip():
        raise UserError("请写调查名称")
    if from_date > to_date:
        raise UserError("结束日期不能早于开始日期")
    if not reach.holds(pack.forms[form].roles or DEFAULT, over=area):
        raise UserError("调查地区不在你的管理范围内")
    row = Survey(
        title=title.strip()[:120], form=form, form_version=pack.forms[form].version, frozen=freeze(pack, form),
        unit=reach.person.organisation, area=area, from_date=from_date, to_date=to_date, by_link=by_link,
        made_by=reach.person, made_at=timezone.now(),
    )  # fmt: skip
    return int(access.create(reach, row, "make").pk)


def listed(reach: Reach) -> tuple[Brief, ...]:
    """The surveys of the units that this person reaches, newest first."""
    found = Survey.objects.filter(unit__in=reach.unit_ids).select_related("unit").annotate(n=Count("answers"))
    return tuple(_brief(s, s.n) for s in found.order_by("-pk")[:200])


def get(reach: Reach, number: int) -> Brief:
    """One survey. Raises AbsentError where this person reaches none of that number."""
    survey = _survey(reach, number)
    return _brief(survey, survey.answers.filter(state="given").count())


def to_fill(reach: Reach, number: int) -> Survey:
    """A survey that this person may answer: one of a unit of their own county. Raises AbsentError for any other."""
    survey = Survey.objects.select_related("unit").filter(pk=number).first()
    if survey is None or not any(a.startswith(survey.area) for a in reach.areas(WORKING)):
        raise AbsentError("没有这次调查")
    return survey


def steps(reach: Reach, number: int) -> tuple[Step, ...]:
    """What this person may do with a survey now."""
    return access.steps(reach, _survey(reach, number))


def may_run(reach: Reach, number: int) -> bool:
    """Whether this person runs the survey: sees its answers, makes links, closes it."""
    return any(s.name == "count" for s in steps(reach, number))


def move(reach: Reach, number: int, step: str, *, version: int, reason: str = "") -> None:
    """Start, close, reopen or publish again."""
    access.perform(reach, _survey(reach, number), step, Seen("", version), {"reason": reason})


def count(reach: Reach, number: int, *, version: int, rows: Iterable[tuple[str, int, int, int, int]]) -> None:
    """Record (area, frame, drawn, refused, unreached) of areas; a closed survey is published anew with the new weights."""
    survey = _survey(reach, number)
    known = dict(areas(survey))
    made = []
    for area, frame, drawn, refused, unreached in rows:
        if area not in known:
            raise UserError("没有这个地区")
        if not 0 <= drawn <= frame <= 10**8 or min(refused, unreached) < 0 or refused + unreached > drawn:
            raise UserError(f"{known[area]}：应抽不能多于总体，拒答和未联系上合计不能多于应抽")
        made.append(Sample(survey=survey, area=area, frame=frame, drawn=drawn, refused=refused, unreached=unreached))
    with access.work(reach, survey, "count"):
        Sample.objects.bulk_create(
            made, update_conflicts=True, unique_fields=["survey", "area"],
            update_fields=["frame", "drawn", "refused", "unreached"],
        )  # fmt: skip
        access.perform(reach, survey, "count", Seen("", version))


def make_links(
    reach: Reach, number: int, *, version: int, count: int, single: bool, area: str, until: date
) -> list[NewLink]:
    """New links, whose tokens are told this once. They end with the given day at the latest."""
    survey = _survey(reach, number)
    if area and area not in dict(areas(survey)):
        raise UserError("没有这个地区")
    ends = timezone.make_aware(datetime.combine(until, time.max))
    with access.work(reach, survey, "link"):
        made = links.make(survey, count=count, single=single, area=area, expires_at=ends, now=timezone.now())
        access.perform(reach, survey, "link", Seen("", version))
    return made


def responses(reach: Reach, number: int) -> tuple[Response, ...]:
    """Each area's response; areas of which nothing is known are in it with zeros."""
    survey = _survey(reach, number)
    answered = dict(
        survey.answers.filter(state="given").values_list("area").annotate(n=Count("pk")).values_list("area", "n")
    )
    kept = {s.area: s for s in survey.samples.all()}
    blank = Sample(frame=0, drawn=0)
    of = [(code, name, kept.get(code, blank)) for code, name in areas(survey)]
    return tuple(
        Response(code, name, s.frame, s.drawn, answered.get(code, 0), s.refused, s.unreached) for code, name, s in of
    )


def some_answers(reach: Reach, number: int, *, before: int = 0) -> tuple[tuple[str, str, datetime, str], ...]:
    """(receipt, area, when, state) of answers, newest first, a hundred from `before` on. Only for who runs the survey."""
    survey = _running_person(reach, number)
    found = survey.answers.order_by("-pk")[before : before + 100]
    names = site_pack.pack().areas
    return tuple((a.receipt, names[a.area].name if a.area in names else a.area, a.answered_at, a.state) for a in found)


def one_answer(reach: Reach, number: int, receipt: str) -> tuple[list[tuple[str, str]], Answer]:
    """An answer in words by the version that it was given to, and its row. Only for who runs the survey."""
    answer = _running_person(reach, number).answers.filter(receipt=receipt).select_related("survey").first()
    if answer is None:
        raise AbsentError("没有这份答卷")
    ready = form_of(answer.survey)
    return shown(ready, _filled(ready, answer.document)), answer


def withdraw(reach: Reach, number: int, receipt: str, *, version: int, reason: str) -> None:
    """Take an answer out of the survey; a published survey counts without it once it is published again."""
    _, answer = one_answer(reach, number, receipt)
    access.perform(reach, answer, "withdraw", Seen("", version), {"reason": reason})


def export(reach: Reach, number: int) -> bytes:
    """The answers in force as a CSV file with codes (UTF-8 with BOM): receipt, area, day, then each field."""
    survey = _running_person(reach, number)
    ready = form_of(survey)
    rows = [
        {"receipt": a.receipt, "area": a.area, "answered_on": a.document["filled_on"]}
        | {k: _plain(v) for k, v in cells(ready, _filled(ready, a.document)).items()}
        for a in survey.answers.filter(state="given").order_by("pk").iterator()
    ]
    header = list(dict.fromkeys(["receipt", "area", "answered_on", *(k for r in rows for k in r)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return csv_bytes(text.getvalue())


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+@\t\r" or (cell[:1] == "-" and not cell[1:2].isdigit()) else cell


def _filled(ready: ReadyForm, kept: dict[str, Any]) -> Any:
    return fill(ready, kept["answers"], on=date.fromisoformat(kept["filled_on"]))


def _survey(reach: Reach, number: int) -> Survey:
    found = Survey.objects.select_related("unit").filter(pk=number, unit__in=reach.unit_ids).first()
    if found is None:
        raise AbsentError("没有这次调查")
    return found


def _running_person(reach: Reach, number: int) -> Survey:
    survey = _survey(reach, number)
    access.require(reach, survey, "count")
    return survey


def _brief(survey: Survey, answered: int) -> Brief:
    names = site_pack.pack().areas
    return Brief(
        survey.pk, survey.title, survey.frozen["form"]["label"]["zh"], survey.form_version, survey.unit.label,
        names[survey.area].name if survey.area in names else survey.area, survey.from_date, survey.to_date, survey.by_link,
        survey_flow(()).state(survey.state), survey.version, answered, survey.published,
    )  # fmt: skip
