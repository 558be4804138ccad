"""The cases of a register or a checklist played for ``qingmiao play``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from qingmiao.content.checklists import Checklist
from qingmiao.content.pack import Pack
from qingmiao.content.registers import RegisterKind
from qingmiao.forms import inspected_playing
from qingmiao.forms.ready import places
from qingmiao.kernel.errors import UserError
from qingmiao.registers import playing
from qingmiao.registers.judging import ready_register


def folder_of(pack: Pack, id_: str) -> str:
    """The folder in which an entry of that id stands; "" for none of these."""
    if id_ in pack.entries("registers", RegisterKind):
        return "registers"
    return "checklists" if id_ in pack.entries("checklists", Checklist) else ""


def read_cases(path: Path) -> Any:
    """What a file of cases holds; in it a case may take over what another one says (a merge key). UserError where it
    cannot be read."""
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as e:
        raise UserError(f"例子文件 {path} 读不懂：{e}") from e


def cases_unlike(pack: Pack, folder: str, id_: str, told: Any) -> tuple[int, list[str]]:
    """How many cases a file of cases holds, and how what comes differs from what they say."""
    if not isinstance(told, Mapping):
        raise UserError("案例文件的第一层要是「名称: 内容」")
    if folder == "registers":
        ready = ready_register(pack.entries(folder, RegisterKind)[id_], pack.facts, pack.codes, places(pack))
        if "as_of" not in told or not told.get("cases"):
            raise UserError("登记册的例子要写 as_of（哪一天）和 cases")
        cases = told["cases"]
        return len(cases), [line for case in cases for line in playing.unlike(ready, case, told["as_of"])]
    checklist = pack.entries(folder, Checklist)[id_]
    wrong = inspected_playing.unlike(pack, checklist, told)
    return sum(1 for x in told["limits"] for _ in inspected_playing.tries(x)) + len(told["visits"]), wrong
