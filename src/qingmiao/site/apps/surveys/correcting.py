"""An answer that is corrected by who gave it, until the survey is over: without login by who holds its receipt, with a
login by that person. The last text counts, each earlier one is kept (`doors`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.surveys import links
from qingmiao.site.apps.surveys.answering import RESPONDENT, SIGNS, Sent, TakenAnswer, judged
from qingmiao.site.apps.surveys.asked import link_of, survey_to_fill
from qingmiao.site.apps.surveys.doors import running
from qingmiao.site.apps.surveys.models import Answer, Survey

_RECEIPT = re.compile(rf"[0-9]{{6}}-[{SIGNS}]{{10}}")
CORRECTED_MEANWHILE = "这份答卷在您打开以后又有变动，这一次没有保存；请重新打开再更正"


@dataclass(frozen=True)
class HeldAnswer:
    """An answer as who gave it has it before them, to correct it: of which day, area and version it is."""

    receipt: str
    version: int
    on: date
    area: str
    answers: dict[str, Any]
    explanations: dict[str, str]


def held_by_link(token: str, receipt: str, *, address: str) -> HeldAnswer:
    """The answer that somebody holds the receipt of, of the survey behind the link. Raises UserError for none such.

    Tries are counted by address, so that nobody looks for other people's receipts.
    """
    links.count(address)
    return _held(_of_link(token, receipt))


def held_by_person(reach: Reach, number: int, receipt: str) -> HeldAnswer:
    """The answer that this person gave with a login. Raises AbsentError for none such."""
    return _held(_of_person(reach, number, receipt))


def own_receipts(reach: Reach, number: int) -> tuple[tuple[str, datetime], ...]:
    """(receipt, when) of the answers in force that this person gave with a login, newest first, twenty at most."""
    found = Answer.objects.filter(survey=survey_to_fill(reach, number), person=reach.person, state="given").order_by(
        "-pk"
    )
    return tuple(found.values_list("receipt", "answered_at")[:20])


def correct_by_link(token: str, receipt: str, sent: Sent, *, version: int, address: str) -> TakenAnswer:
    """Put a better answer in the place of the one with this receipt. UserError says in words why it cannot be."""
    links.count(address)
    return _correct(RESPONDENT, _of_link(token, receipt), sent, version)


def correct_by_person(reach: Reach, number: int, receipt: str, sent: Sent, *, version: int) -> TakenAnswer:
    """Put a better answer in the place of one that this person gave."""
    return _correct(reach, _of_person(reach, number, receipt), sent, version)


def receipt_in(text: str) -> str:
    """A receipt as it was typed, in its one form; empty for what is none."""
    plain = "".join(text.split()).upper()
    return plain if _RECEIPT.fullmatch(plain) else ""


def _correct(by: Reach | audit.NamedActor, answer: Answer, sent: Sent, version: int) -> TakenAnswer:
    """Judged as of the day on which it was first filled in: that is the day of which it tells."""
    taken, columns = judged(answer, sent, date.fromisoformat(answer.document["filled_on"]))
    if not columns:
        return taken
    try:
        access.perform(by, answer, "correct", Seen("", version), columns)
    except access.ConflictError:
        raise UserError(CORRECTED_MEANWHILE) from None
    return TakenAnswer(answer.receipt, taken.filled)


def _held(answer: Answer) -> HeldAnswer:
    if why := running(answer.survey, timezone.now()).reason:
        raise UserError(why)
    if answer.state != "given":
        raise UserError("这份答卷已经作废，不能再更正；如有疑问，请向发放问卷的单位提出")
    kept = answer.document
    return HeldAnswer(
        answer.receipt, answer.version, date.fromisoformat(kept["filled_on"]), answer.area, kept["answers"],
        answer.explanations,
    )  # fmt: skip


def _of_link(token: str, receipt: str) -> Answer:
    """An answer without login of the link's survey. What was given with a login is corrected with that login."""
    found = _answers(link_of(token).survey, receipt).filter(person=None).first()
    if found is None:
        raise UserError("没有这个回执号的答卷，请核对回执号（6 位日期、横线、10 个字母或数字）")
    return found


def _of_person(reach: Reach, number: int, receipt: str) -> Answer:
    found = _answers(survey_to_fill(reach, number), receipt).filter(person=reach.person).first()
    if found is None:
        raise AbsentError("没有这份答卷")
    return found


def _answers(survey: Survey, receipt: str) -> QuerySet[Answer]:
    answers = Answer.objects.select_related("survey__unit", "link", "unit")
    return answers.filter(survey=survey, receipt=receipt_in(receipt) or "-")
