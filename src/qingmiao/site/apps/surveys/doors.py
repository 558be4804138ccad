"""The doors of surveys and answers: whose they are, what must hold, what follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.doors import Doing, Door, register
from qingmiao.site.apps.surveys import publishing
from qingmiao.site.apps.surveys.models import Answer, EarlierAnswer, Survey
from qingmiao.site.apps.surveys.workflow import RESPONDENT, answer_flow, survey_flow


def runs(survey: Survey) -> frozenset[str]:
    """The roles that run a survey, as its form says."""
    return frozenset(survey.frozen["form"].get("roles", ()))


def is_open_form(survey: Survey) -> bool:
    """Whether the form may be answered without login."""
    return bool(survey.frozen["form"].get("open", False))


def _open_form(survey: Survey, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return YES if is_open_form(survey) and survey.by_link else no("这张表单要登录才能填，不能做链接")


def _fits(survey: Survey, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    if survey.by_link and not is_open_form(survey):
        return no("这张表单没有写 open: true，只能登录填答")
    return YES if survey.area in site_pack.pack().areas else no("没有这个地区")


def running(survey: Survey, at: datetime) -> Decision:
    """Whether a survey takes answers at a moment, with the reason in words where it does not."""
    day = timezone.localdate(at)
    if survey.state == "prepared" or day < survey.from_date:
        return no(f"调查还没有开始，{survey.from_date:%Y-%m-%d} 起可以填")
    if survey.state == "closed" or day > survey.to_date:
        return no("调查已经结束，不再收答卷，谢谢您的关心")
    return YES


def _running(answer: Answer, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return running(answer.survey, at)


def _replaced(answer: Answer, doing: Doing) -> dict[str, Any]:
    """The effect of correcting: the text before it is kept under its version, the new one (`document`, `area`,
    `explanations` of the step) takes its place; facts read the new one alone, when the survey is closed."""
    EarlierAnswer.objects.create(
        answer=answer, version=answer.version - 1, area=answer.area, document=answer.document,
        explanations=answer.explanations, until_at=doing.at,
    )  # fmt: skip
    told = doing.answers
    answer.document, answer.area, answer.explanations = told["document"], told["area"], told["explanations"]
    answer.corrected_at = doing.at
    answer.save(update_fields=["document", "area", "explanations", "corrected_at"])
    return {}


register(
    Door(
        Survey, lambda s: survey_flow(runs(s)), "这次调查", "survey", "surveys", unit=lambda s: s.unit,
        guards={"open_form": _open_form, "fits": _fits}, effects={"published": publishing.published},
        several=lambda: (survey_flow(()),),
    )
)  # fmt: skip
register(
    Door(
        Answer, lambda a: answer_flow(runs(a.survey)), "这份答卷", "survey_answer", "surveys.answer",
        unit=lambda a: a.unit, guards={"running": _running}, effects={"replaced": _replaced},
        relations=lambda a, person: (RESPONDENT,) if a.person_id == person.pk else (), name=lambda a: a.receipt,
        several=lambda: (answer_flow(frozenset()),),
    )
)  # fmt: skip
