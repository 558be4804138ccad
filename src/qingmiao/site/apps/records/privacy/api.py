"""The door of what protects files, a part of that of `records`: requests, consents, reviews, files past their time."""

from __future__ import annotations

from qingmiao.site.apps.records.privacy.asking import (
    consent,
    decide_erasure,
    end_consent,
    judge,
    may_receive,
    receive,
    step_of_request,
)
from qingmiao.site.apps.records.privacy.auditing import write
from qingmiao.site.apps.records.privacy.complying import year_of
from qingmiao.site.apps.records.privacy.copying import made_for
from qingmiao.site.apps.records.privacy.erasing import list_over, past_today, without_time
from qingmiao.site.apps.records.privacy.printing import answer_for, pdf_of_copy
from qingmiao.site.apps.records.privacy.showing import (
    answers,
    consents,
    glass,
    grounds,
    judges,
    keeps,
    past,
    request_kinds,
    request_page,
    requests,
)

__all__ = [
    "answer_for",
    "answers",
    "consent",
    "consents",
    "decide_erasure",
    "end_consent",
    "glass",
    "grounds",
    "judge",
    "judges",
    "keeps",
    "list_over",
    "made_for",
    "may_receive",
    "past",
    "past_today",
    "pdf_of_copy",
    "receive",
    "request_kinds",
    "request_page",
    "requests",
    "step_of_request",
    "without_time",
    "write",
    "year_of",
]
