"""Taking an answer: by a link without login, or by a person of a unit. Judged by the survey's own version of the form."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from qingmiao.forms import FieldFault, Filled, fill
from qingmiao.forms.answers import document
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.surveys import links
from qingmiao.site.apps.surveys.doors import running
from qingmiao.site.apps.surveys.models import Answer, Link, Survey
from qingmiao.site.apps.surveys.publishing import form_of

RESPONDENT = audit.NamedActor("respondent")
"""Who answers without login, in the trail."""


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


def areas(survey: Survey, link: Link | None = None) -> tuple[tuple[str, str], ...]:
    """(code, name) of the areas that an answer may be of: the link's own, else the townships of the survey's area."""
    pack = site_pack.pack()
    if link is not None and link.area:
        return ((link.area, pack.areas[link.area].name),) if link.area in pack.areas else ()
    below = pack.area_tree.under(survey.area, AreaLevel("township"), survey.from_date)
    return tuple((a.code, pack.areas[a.code].name) for a in below) or ((survey.area, pack.areas[survey.area].name),)


def refusal(link: Link, *, now: datetime) -> str:
    """Why a link takes no answer now, in words; empty where it does."""
    decision = running(link.survey, now)
    if not decision:
        return decision.reason
    if link.ended_at is not None or link.expires_at <= now:
        return "链接已经过期，请向发放问卷的单位要新的链接"
    return "这个链接已经填过一份，每个链接只收一份答卷" if link.single and link.answers.exists() else ""


def by_link(link: Link, sent: Sent, *, page: str, address: str) -> TakenAnswer:
    """Take an answer that came by a link. UserError says in words why nothing can be taken."""
    now = timezone.now()
    number = links.page_number(page, link.pk)
    links.count(address)  # counts also what is refused
    with transaction.atomic():
        locked = Link.objects.select_for_update().get(pk=link.pk)
        if Answer.objects.filter(once=number).exists():
            raise UserError("这一页已经交过了，不用再交")
        if why := refusal(locked, now=now):
            raise UserError(why)
        return _take(
            RESPONDENT, Answer(survey=locked.survey, link=locked, unit=locked.survey.unit, once=number), sent, now
        )


def by_person(reach: Reach, survey: Survey, sent: Sent, *, page: str) -> TakenAnswer:
    """Take an answer of a person who is logged in."""
    answer = Answer(survey=survey, unit=reach.person.organisation, person=reach.person)
    answer.once = links.page_number(page, -survey.pk)
    if Answer.objects.filter(once=answer.once).exists():
        raise UserError("这一页已经交过了，不用再交")
    return _take(reach, answer, sent, timezone.now())


def _take(by: Reach | audit.NamedActor, answer: Answer, sent: Sent, now: datetime) -> TakenAnswer:
    survey, day = answer.survey, timezone.localdate(now)
    ready = form_of(survey)
    filled = fill(ready, sent.answers, on=day)
    files = tuple(f for f in sent.faults if f.field in filled.shown)
    told = {(f.field, f.row) for f in files}
    faults = (*files, *(f for f in filled.faults if (f.field, f.row) not in told))
    known = dict(areas(survey, answer.link))
    area = next(iter(known)) if len(known) == 1 else sent.area
    if area not in known:
        faults = (FieldFault("", "请选择所在乡镇", message_en="Please choose the township"), *faults)
    asked = filled.unexplained(sent.explanations)
    if faults or asked:
        return TakenAnswer("", filled, faults, filled.queries)
    answer.area, answer.answered_at, answer.receipt = area, now, _receipt(day)
    answer.document = document(ready, filled)
    answer.explanations = {q.key: sent.explanations[q.key] for q in filled.queries}
    try:
        access.create(by, answer, "give")
    except IntegrityError:
        raise UserError("这一页已经交过了，不用再交") from None
    return TakenAnswer(answer.receipt, filled)


def _receipt(day: date) -> str:
    """A receipt: the day, and ten signs that nobody guesses (no 0, O, 1, I, L)."""
    signs = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    return f"{day:%y%m%d}-" + "".join(secrets.choice(signs) for _ in range(10))
