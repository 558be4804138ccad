"""The scripts of the pack's programmes, for every test that plays them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from qingmiao.casework.case import ANSWERS, CaseFile
from qingmiao.casework.deciding import StepOutcome
from qingmiao.casework.playing import WAIT, ScriptLine, line_taken, read_script
from qingmiao.casework.ready import ReadyProgramme, prepare_programme
from qingmiao.content.load import load_pack
from qingmiao.content.pack import Pack

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "content/china/tests/programmes"


@cache
def china() -> Pack:
    return load_pack(ROOT / "content/china")


@cache
def ready(programme: str) -> ReadyProgramme:
    """The programme of a script: ``orphan.yaml`` and ``orphan.adopted.yaml`` are of the same."""
    return prepare_programme(china(), programme.partition(".")[0])


def script(programme: str) -> tuple[list[ScriptLine], list[dict[str, Any]]]:
    told = yaml.safe_load((SCRIPTS / f"{programme}.yaml").read_text("utf-8"))
    expected = [line.pop("expect", {}) for line in told]
    return read_script(told), expected


NAMES = sorted(p.stem for p in SCRIPTS.glob("*.yaml"))
MAIN = [n for n in NAMES if "." not in n]
"""The scripts that go a programme's usual way to its end: one each."""


def lines_taken(programme: str) -> Iterator[tuple[CaseFile, ScriptLine, StepOutcome]]:
    """Each line of a script by which somebody takes a step that is allowed, with the case before it; what a receiver
    answers to a referral is no step."""
    case = CaseFile(ready(programme).programme.id)
    for line in script(programme)[0]:
        outcome = line_taken(ready(programme), case, line, china())
        if outcome.allowed and not (line.record or line.case or line.do == WAIT or line.do in ANSWERS):
            yield case, line, outcome
        case = outcome.case
