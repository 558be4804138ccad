"""The doors of consents, requests, reviews of broken glass and files past their time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from qingmiao.flow import Flow, Who
from qingmiao.flow import records as flows
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.access import LEAST_WORDS
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.roles import SECURITY_ADMIN
from qingmiao.site.apps.records import kinds, purposes, words
from qingmiao.site.apps.records.privacy import erasing, passing
from qingmiao.site.apps.records.privacy.models import REQUEST_KINDS, Consent, Erasure, FileRequest, GlassReview

Answers = Mapping[str, Any]
GROUNDS, KINDS = "request_refusal", "request_kind"
"""The code lists of the grounds of a refusal, and of what may be asked."""
NUMBERED = re.compile(r"\d{6}")
BLOCKING = ("delete", "restrict")
"""Requests after which a file is used for nothing any more."""


def consent_flow() -> Flow:
    """The flow of a consent: written down by who keeps files."""
    return flows.consent(kinds.roles_that(lambda r: r.keeps))


def request_flow() -> Flow:
    """The flow of a request: answered by the roles that say so."""
    return flows.file_request(kinds.roles_that(lambda r: r.answers))


def review_flow() -> Flow:
    """The flow of a review: by who keeps files, and who guards the site."""
    return flows.glass_review(kinds.roles_that(lambda r: r.keeps) | {SECURITY_ADMIN})


def erasure_flow() -> Flow:
    """The flow of a file past its time: decided by the unit that keeps it."""
    return flows.erasure(kinds.roles_that(lambda r: r.keeps))


def _consent_fits(consent: Consent, answers: Answers, who: Who, at: datetime) -> Decision:
    purpose = purposes.every().get(consent.purpose)
    if purpose is None or purpose.basis != "consent":
        return no("请选择一项需要征得同意的用途")
    guardian = consent.guardian
    if guardian.child_id != consent.child_id or not guardian.guardian or guardian.to_date is not None:
        return no("请选择这名儿童现在的监护人；没有登记的，先登记亲属")
    if len(consent.form.strip()) < 2:
        return no("请写明同意的方式（签字的书面同意、当面口头同意及见证人）")
    if not consent.child.birth_date <= consent.given_date <= timezone.localdate(at):
        return no("同意的日期不早于出生日期，不晚于今天")
    return YES


def _request_fits(request: FileRequest, answers: Answers, who: Who, at: datetime) -> Decision:
    if request.kind not in REQUEST_KINDS:
        return no("请选择申请的事项")
    if len(request.applicant.strip()) < 2 or not request.relation:
        return no("请填写申请人的姓名和与儿童的关系")
    return YES if len(request.asked.strip()) >= LEAST_WORDS else no(f"请写明申请的内容（不少于 {LEAST_WORDS} 个字）")


def _no_number(request: FileRequest, answers: Answers, who: Who, at: datetime) -> Decision:
    """What was checked is written into the trail, which holds nobody's number."""
    if NUMBERED.search(str(answers.get("document") or "")):
        return no("只写核对了哪些证件和材料，不写证件号码")
    return YES


def _ground_fits(request: FileRequest, answers: Answers, who: Who, at: datetime) -> Decision:
    known = {code for code, _ in words.options(GROUNDS)}
    return YES if answers.get("ground") in known else no("不予办理的，要选择法律依据，并书面告知申请人")


def _carried_out(request: FileRequest, answers: Answers, who: Who, at: datetime) -> Decision:
    if request.kind in ("copy", "looked") and request.copied_at is None:
        return no("请先生成给申请人的副本（答复），再办结")
    return YES


def _is_blocked(request: FileRequest, answers: Answers, who: Who, at: datetime) -> Decision:
    erased = Erasure.objects.filter(child=request.child_id, state="erased").exists()
    if request.kind not in BLOCKING or request.child.blocked_at is None or erased:
        return no("这份档案没有停止使用，或者内容已经删除，不能恢复")
    return YES


def _another_judges(review: GlassReview, answers: Answers, who: Who, at: datetime) -> Decision:
    return no("紧急查阅不能由本人复核") if review.glass.person.username == who.id else YES


def _times_over(erasure: Erasure, answers: Answers, who: Who, at: datetime) -> Decision:
    over = erasing.over(erasure.child, timezone.localdate(at))
    return YES if over is not None else no("保存期限还没有全部届满，不能删除；可以选择继续保存")


COLUMNS: Mapping[str, Callable[[Any, Doing], dict[str, Any]]] = {
    "ended": lambda thing, doing: {"withdrawn_at": doing.at},
    "identified": lambda thing, doing: {"document": doing.said("document")[:200], "identified_at": doing.at},
    "decided": lambda thing, doing: {
        "reason": doing.said("reason"), "decided_by": doing.person, "decided_at": doing.at,
    },
    "grounded": lambda thing, doing: {"ground": doing.answers["ground"]},
    "finished": lambda thing, doing: {"result": doing.said("result")},
    "noted": lambda thing, doing: {"result": f"{thing.result}；恢复使用：{doing.said('reason')}"},
    "judged": lambda thing, doing: {"reason": doing.said("reason"), "by": doing.person, "at": doing.at},
}  # fmt: skip


def _changes(thing: Any, doing: Doing) -> dict[str, Any]:
    found = next_version(thing, doing)
    for name in doing.step.effects:
        found |= COLUMNS[name](thing, doing) if name in COLUMNS else {}
    return found


def _carried(request: FileRequest, doing: Doing) -> Mapping[str, Any] | None:
    return erasing.block(request.child, doing) if request.kind in BLOCKING else None


def _lifted(request: FileRequest, doing: Doing) -> Mapping[str, Any] | None:
    return erasing.unblock(request.child, doing)


def _erased(erasure: Erasure, doing: Doing) -> Mapping[str, Any] | None:
    return erasing.erase(erasure.child, doing)


register(
    Door(
        Consent, lambda thing: consent_flow(), "这项同意", "consent", "records.consent", unit=lambda c: c.by.organisation,
        guards={"consent_fits": _consent_fits}, changes=_changes, several=lambda: (consent_flow(),),
    )
)  # fmt: skip
register(
    Door(
        FileRequest, lambda thing: request_flow(), "这件申请", "file_request", "records.request", unit=lambda r: r.unit,
        guards={
            "request_fits": _request_fits,
            "no_number": _no_number, "ground_fits": _ground_fits, "carried_out": _carried_out,
            "is_blocked": _is_blocked,
        },
        effects={"passed_on": passing.passed_on, "carried": _carried, "lifted": _lifted},
        changes=_changes, several=lambda: (request_flow(),),
    )
)  # fmt: skip
register(
    Door(
        GlassReview, lambda thing: review_flow(), "这次紧急查阅", "glass_review", "records.glass", unit=lambda r: r.unit,
        guards={"another_judges": _another_judges}, changes=_changes, several=lambda: (review_flow(),),
    )
)  # fmt: skip
register(
    Door(
        Erasure, lambda thing: erasure_flow(), "这份到期档案", "erasure", "records.erasure", unit=lambda e: e.unit,
        guards={"times_over": _times_over}, effects={"erased": _erased}, changes=_changes,
        several=lambda: (erasure_flow(),),
    )
)  # fmt: skip
