"""A survey as those see it who answer it: what is asked, of which areas, and why not now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from qingmiao.forms import ReadyForm
from qingmiao.kernel.areas import AreaLevel, lies_in
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.surveys import links
from qingmiao.site.apps.surveys.doors import running
from qingmiao.site.apps.surveys.models import Link, Survey
from qingmiao.site.apps.surveys.publishing import form_of


@dataclass(frozen=True)
class Asked:
    """A survey as those see it who answer. `refusal`: why no answer is taken now, in words; empty where one is.

    `over`: the survey takes none any more (or not yet), so that none can be corrected either. `page`: what a page of it
    holds so that it is sent once.
    """

    survey: int
    title: str
    unit: str
    from_date: date
    to_date: date
    form: ReadyForm
    areas: tuple[tuple[str, str], ...]
    refusal: str
    over: str
    page: str


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


def asked_by_link(token: str) -> Asked | None:
    """The survey behind a link's token; None for no link of ours."""
    link, now = links.find(token), timezone.now()
    return None if link is None else _asked(link.survey, link, refusal(link, now=now), now)


def asked_of(reach: Reach, number: int) -> Asked:
    """A survey that this person may answer: one of a unit of their own county. Raises AbsentError for any other."""
    survey, now = survey_to_fill(reach, number), timezone.now()
    return _asked(survey, None, running(survey, now).reason, now)


def _asked(survey: Survey, link: Link | None, why: str, now: datetime) -> Asked:
    return Asked(
        survey.pk, survey.title, survey.unit.label, survey.from_date, survey.to_date, form_of(survey),
        areas(survey, link), why, running(survey, now).reason,
        links.page_token(link.pk if link is not None else -survey.pk),
    )  # fmt: skip


def link_of(token: str) -> Link:
    """The link of a token. Raises AbsentError for no link of ours."""
    link = links.find(token)
    if link is None:
        raise AbsentError("没有这个链接")
    return link


def survey_to_fill(reach: Reach, number: int) -> Survey:
    """A survey that this person may answer: one of a unit of their own county. Raises AbsentError for any other."""
    survey = Survey.objects.select_related("unit").filter(pk=number).first()
    if survey is None or not any(lies_in(a, survey.area) for a in reach.areas(WORKING)):
        raise AbsentError("没有这次调查")
    return survey
