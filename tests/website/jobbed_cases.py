"""A programme in which the system takes a step of each sort, for the matrix of steps: what content may let it do."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

import pytest

from qingmiao.casework import ready as readying
from qingmiao.casework.deciding import Doer
from qingmiao.casework.ready import ReadyProgramme, prepare_programme
from qingmiao.content.pack import Pack
from qingmiao.content.programmes import Programme
from qingmiao.flow import Step
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import doors, programmes, publishing
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.cases.workflow import ENDED, OPEN, SEALED
from qingmiao.site.apps.directory import access

BY_JOB = "by_job"
NUMBERS = count(1)
STEPS = {
    "open": {"to": OPEN},
    "work": {"from": OPEN},
    "close": {"from": OPEN, "to": ENDED},
    "follow": {"from": ENDED},
    "reopen": {"from": ENDED, "to": OPEN},
    "seal": {"from": [OPEN, ENDED], "to": SEALED},
}
"""The steps of the door that are not for receivers of referrals → from where to where the programme takes them."""


def _label(word: str) -> dict[str, str]:
    return {"zh": f"演示{word}", "en": word}


@cache
def programme() -> Programme:
    """No role is named by it that anybody holds; every step is the system's."""
    states: dict[str, Any] = {
        OPEN: {"owners": ["nobody"]}, ENDED: {"final": True}, SEALED: {"final": True, "seals": True},
    }  # fmt: skip
    return Programme.model_validate(
        {
            "id": BY_JOB, "label": _label("programme"), "subject": "event", "secrecy": "核心",
            "states": {id_: {"label": _label(id_), **said} for id_, said in states.items()},
            "steps": [{"do": do, "label": _label(do), "job": True, **way} for do, way in STEPS.items()],
            "source": {"evidence": "proposal", "note": "演示"},
        }
    )  # fmt: skip


def known(monkeypatch: pytest.MonkeyPatch, pack: Pack) -> None:
    """The site knows the programme beside those of its pack; facts, whose codes are the pack's, do not."""
    made: list[ReadyProgramme] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(readying, "programmes_of", lambda pack: {BY_JOB: programme()})
        made.append(prepare_programme(pack, BY_JOB))
    every, ready = programmes.every, programmes.ready
    tables = publishing.tables
    monkeypatch.setattr(publishing, "tables", lambda of: () if of.programme.id == BY_JOB else tables(of))
    monkeypatch.setattr(programmes, "every", lambda: {**every(), BY_JOB: programme()})
    monkeypatch.setattr(programmes, "ready", lambda id_: made[0] if id_ == BY_JOB else ready(id_))


def asked(step: str, unit: str) -> dict[str, Any]:
    """A step as a job asks for it."""
    return {doors.ASKED: doors.AskedStep(step, {}, (Doer(job=True, unit=unit),), f"matrix-{next(NUMBERS)}")}


def before(case: KeptCase, line: Step) -> tuple[KeptCase, dict[str, Any]]:
    """A case of the programme that came by its steps to where the line starts, and what the line is told."""
    unit = str(case.owner_id)
    found = KeptCase(**{f.attname: getattr(case, f.attname) for f in case._meta.concrete_fields if f.attname != "id"})
    found.programme = BY_JOB
    if not line.makes:
        access.create(audit.SYSTEM, found, "open", asked("open", unit))
        if line.source == ENDED:
            seen = access.Seen(OPEN, found.version)
            found = access.perform(audit.SYSTEM, found, "close", seen, asked("close", unit))
    return found, asked(line.name, unit)
