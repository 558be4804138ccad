"""Taking an answer: by a link without login, or by a person of a unit. Judged by the
survey's own version of the form."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from qingmiao.forms import FieldFault, Filled, fill
from qingmiao.forms.answers import document
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.surveys import links
from qingmiao.site.apps.surveys.asked import areas, link_of, refusal, survey_to_fill
from qingmiao.site.apps.surveys.models import Answer, Link
from qingmiao.site.apps.surveys.publishing import form_of

RESPONDENT = audit.NamedActor("respondent")
"""Who answers without login, in the trail."""
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What receipts are made of: no 0, O, 1, I, L."""
TWICE = "这一页已经交过了，不用再交"


@dataclass(frozen=True)
class Sent:
    """What somebody sent: answers as typed, explanations of queries, the area chosen, what is wrong with files."""

    answers: dict[str, Any]
    explanations: dict[str, str] = field(default_factory=dict)
    area: str = ""
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True)
class TakenAnswer:
    """Stored under a receipt, or why not: faults block, queries want a word of explanation."""

    receipt: str = ""
    filled: Filled | None = None
    faults: tuple[FieldFault, ...] = ()
    queries: tuple[FieldFault, ...] = ()


def by_link(token: str, sent: Sent, *, page: str, address: str) -> TakenAnswer:
    """Take an answer that came by a link. UserError says in words why nothing can be taken."""
    now, link = timezone.now(), link_of(token)
    number = links.page_number(page, link.pk)
    links.count(address)  # counts also what is refused
    with transaction.atomic():
        locked = Link.objects.select_for_update().get(pk=link.pk)
        if Answer.objects.filter(once=number).exists():
            raise UserError(TWICE)
        if why := refusal(locked, now=now):
            raise UserError(why)
        answer = Answer(survey=locked.survey, link=locked, unit=locked.survey.unit, once=number)
        return _take(RESPONDENT, answer, sent, now)


def by_person(reach: Reach, number: int, sent: Sent, *, page: str) -> TakenAnswer:
    """Take an answer of a person who is logged in."""
    survey = survey_to_fill(reach, number)
    answer = Answer(survey=survey, unit=reach.person.organisation, person=reach.person)
    answer.once = links.page_number(page, -survey.pk)
    if Answer.objects.filter(once=answer.once).exists():
        raise UserError(TWICE)
    return _take(reach, answer, sent, timezone.now())


def _take(by: Reach | audit.NamedActor, answer: Answer, sent: Sent, now: datetime) -> TakenAnswer:
    day = timezone.localdate(now)
    taken, columns = judged(answer, sent, day)
    if not columns:
        return taken
    for name, value in columns.items():
        setattr(answer, name, value)
    answer.answered_at, answer.receipt = now, _receipt(day)
    try:
        access.create(by, answer, "give")
    except IntegrityError:
        raise UserError(TWICE) from None
    return TakenAnswer(answer.receipt, taken.filled)


def judged(answer: Answer, sent: Sent, day: date) -> tuple[TakenAnswer, dict[str, Any]]:
    """What is wrong with what was sent; where nothing is, the columns of the answer that it makes."""
    ready = form_of(answer.survey)
    filled = fill(ready, sent.answers, on=day)
    files = tuple(f for f in sent.faults if f.field in filled.shown)
    told = {(f.field, f.row) for f in files}
    faults = (*files, *(f for f in filled.faults if (f.field, f.row) not in told))
    known = dict(areas(answer.survey, answer.link))
    area = next(iter(known)) if len(known) == 1 else sent.area
    if area not in known:
        faults = (FieldFault("", "请选择所在乡镇", message_en="Please choose the township"), *faults)
    if faults or filled.unexplained(sent.explanations):
        return TakenAnswer("", filled, faults, filled.queries), {}
    explanations = {q.key: sent.explanations[q.key] for q in filled.queries}
    return TakenAnswer("", filled), {
        "area": area,
        "document": document(ready, filled),
        "explanations": explanations,
    }


def _receipt(day: date) -> str:
    """A receipt: the day, and ten signs that nobody guesses."""
    return f"{day:%y%m%d}-" + "".join(secrets.choice(SIGNS) for _ in range(10))
