"""Start one entry of a pack: a short, whole, commented file with its case, ready to be changed line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from qingmiao.content.load import load_pack
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import UserError

FILES = "new_entry_files"
_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}")
_NAMED = {"programme": _WORD, "checklist": re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*"), "register": _WORD}
"""What an id of each looks like."""
_PLAIN = re.compile(r"[^{}\[\]:,#&*!|>'\"%@`\n]{1,60}")
"""A name that stands in YAML as it is."""


@dataclass(frozen=True)
class NewEntry:
    """The two files that were written: the entry, and its case."""

    entry: Path
    case: Path


WHERE: Mapping[str, str] = {"programme": "programmes", "checklist": "checklists", "register": "registers"}
"""What can be started → the folder of the pack, and of its `tests/`, where it belongs."""


def new_entry(kind: str, pack: Path, id_: str, *, label: str, english: str = "") -> NewEntry:
    """Write a starter of a kind (`WHERE`) into a pack, with its case under the pack's `tests/`.

    The case lies in a township of the pack. Raises UserError where there is no pack or it cannot be read, the id or a
    name cannot stand, or one of the files is there already: nothing is ever overwritten.
    """
    if not (pack / "pack.toml").is_file():
        raise UserError(f"{pack} 不是内容包（没有 pack.toml）")
    if not _NAMED[kind].fullmatch(id_):
        raise UserError(f"id「{id_}」应以小写字母开头，只用小写字母、数字和下划线，例如 summer_care")
    for name in (label, english or id_):
        if not _PLAIN.fullmatch(name) or name != name.strip():
            raise UserError(f"名称「{name}」不能空着，不能有冒号、逗号、括号、引号，最长 60 字")
    folder = WHERE[kind]
    made = NewEntry(pack / folder / f"{id_}.yaml", pack / "tests" / folder / f"{id_}.yaml")
    for path in (made.entry, made.case):
        if path.exists():
            raise UserError(f"{path} 已经有了，没有改动；请换一个 id")
    written = {}
    for path, file in ((made.entry, f"{kind}.yaml"), (made.case, f"{kind}.case.yaml")):
        text = (resources.files("qingmiao.content") / FILES / file).read_text("utf-8")
        filled = text.replace("@ID@", id_).replace("@LABEL@", label).replace("@ENGLISH@", english or id_)
        if "@AREA@" in filled:
            filled = filled.replace("@AREA@", _area(pack))
        written[path] = filled
    for path, filled in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled, "utf-8")
    return made


def _area(pack: Path) -> str:
    """A township of the pack, or whatever area it has: the country's own has no townships."""
    found = sorted(load_pack(pack).areas.values(), key=lambda a: (a.level != AreaLevel.TOWNSHIP, a.code))
    if not found:
        raise UserError(f"{pack} 没有地区（areas/），例子写不出所在乡镇")
    return found[0].code
