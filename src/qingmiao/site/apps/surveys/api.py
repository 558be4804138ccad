"""The door of surveys: make and run one, take answers, count the response, look at answers, give them out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django.utils import timezone

from qingmiao.flow import Step
from qingmiao.forms.frozen import freeze
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.surveys import links
from qingmiao.site.apps.surveys.answering import Sent, TakenAnswer, by_link, by_person
from qingmiao.site.apps.surveys.asked import Asked, areas, asked_by_link, asked_of
from qingmiao.site.apps.surveys.correcting import (
    HeldAnswer,
    correct_by_link,
    correct_by_person,
    held_by_link,
    held_by_person,
    own_receipts,
)
from qingmiao.site.apps.surveys.links import NewLink, TooManyError, qr
from qingmiao.site.apps.surveys.models import Sample, Survey
from qingmiao.site.apps.surveys.showing import (
    AnswerRow,
    AnswerShown,
    Brief,
    Response,
    answer_of,
    export,
    file_of,
    get,
    listed,
    one_answer,
    responses,
    some_answers,
    survey_of,
)
from qingmiao.site.apps.surveys.workflow import DEFAULT

__all__ = [
    "AbsentError", "AnswerRow", "AnswerShown", "Asked", "Brief", "ConflictError", "HeldAnswer", "NewLink",
    "NotAllowedError",
    "Response", "Sent", "TakenAnswer", "TooManyError", "asked_by_link", "asked_of", "by_link", "by_person",
    "correct_by_link", "correct_by_person", "count", "export", "file_of", "get", "held_by_link", "held_by_person",
    "listed", "make", "make_links", "may_run", "move", "offered", "one_answer", "own_receipts", "qr", "responses",
    "some_answers", "steps", "where", "withdraw",
]  # fmt: skip


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
    """A new survey with the form as it is now. UserError for an unknown form, an empty title, days out of order."""
    pack = site_pack.pack()
    if form not in pack.forms or pack.forms[form].purpose != "survey":
        raise UserError("没有这张问卷")
    if not title.strip():
        raise UserError("请写调查名称")
    if from_date > to_date:
        raise UserError("结束日期不能早于开始日期")
    if not reach.holds(pack.forms[form].roles or DEFAULT, over=area):
        raise UserError("调查地区不在您的管理范围内")
    row = Survey(
        title=title.strip()[:120], form=form, form_version=pack.forms[form].version, frozen=freeze(pack, form),
        unit=reach.person.organisation, area=area, from_date=from_date, to_date=to_date, by_link=by_link,
        made_by=reach.person, made_at=timezone.now(),
    )  # fmt: skip
    return int(access.create(reach, row, "make").pk)


def steps(reach: Reach, number: int) -> tuple[Step, ...]:
    """What this person may do with a survey now."""
    return access.steps(reach, survey_of(reach, number))


def may_run(reach: Reach, number: int) -> bool:
    """Whether this person runs the survey: sees its answers, makes links, closes it."""
    return any(s.name == "count" for s in steps(reach, number))


def move(reach: Reach, number: int, step: str, *, version: int, reason: str = "") -> None:
    """Start, close, reopen or publish again."""
    access.perform(reach, survey_of(reach, number), step, Seen("", version), {"reason": reason})


def count(reach: Reach, number: int, *, version: int, rows: Iterable[tuple[str, int, int, int, int]]) -> None:
    """Record (area, frame, drawn, refused, unreached) of areas; a closed survey is published anew."""
    survey = survey_of(reach, number)
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
    survey = survey_of(reach, number)
    if area and area not in dict(areas(survey)):
        raise UserError("没有这个地区")
    ends = timezone.make_aware(datetime.combine(until, time.max))
    with access.work(reach, survey, "link"):
        made = links.make(survey, count=count, single=single, area=area, expires_at=ends, now=timezone.now())
        access.perform(reach, survey, "link", Seen("", version))
    return made


def withdraw(reach: Reach, number: int, receipt: str, *, version: int, reason: str) -> None:
    """Take an answer out of the survey; a published survey counts without it once it is published again."""
    answer = answer_of(reach, number, receipt)
    access.perform(reach, answer, "withdraw", Seen("", version), {"reason": reason})
