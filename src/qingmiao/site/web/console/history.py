"""What happened to a thing, in words: the audit's events of an object with people's names instead of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingmiao.site.apps.audit.api import EventShown
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.web.console.deeds import words as known
from qingmiao.site.web.ui.language import t


@dataclass(frozen=True)
class HistoryStep:
    """One step: when, who, what, and what was said with it."""

    at: datetime
    who: str
    what: str
    said: str


NONE: Mapping[str, tuple[str, str]] = {}
SAID = ("reason", "opinion", "cause", "countermeasure", "name", "document")
"""What an event's detail may tell its readers; all else is for auditors."""


def told(
    events: Iterable[EventShown], also: Iterable[str] = (), own: Mapping[str, tuple[str, str]] = NONE
) -> list[HistoryStep]:
    """The steps of these events, in the words of the audit trail (`deeds`).

    `also`: what else was asked for by name with a step, and may be told. `own`: words of this thing's own flow.
    """
    words = {**known(), **own}
    keys = tuple(dict.fromkeys((*SAID, *also)))
    listed = list(events)
    names = directory.names(e.actor for e in listed)
    return [
        HistoryStep(
            e.at,
            t("系统", "system") if e.actor == "system" else names.get(e.actor, e.actor),
            t(*words[e.action]) if e.action in words else e.action,
            _said(e.detail, keys),
        )
        for e in listed
    ]


def _said(detail: Mapping[str, Any], keys: Iterable[str]) -> str:
    return "；".join(str(detail[key]) for key in keys if detail.get(key))
