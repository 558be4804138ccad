"""The words of the blocks of reports: sentence templates with named places, without any digit.

The package brings `templates/words.yaml` and `words.en.yaml`; a layout says single keys otherwise in its `words` and
`words_en`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qingmiao.content.reports import Layout
from qingmiao.content.yaml_source import read_yaml
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.report.model import Inline, Parts, Text

TEMPLATES = Path(__file__).parent / "templates"
BASES = {"zh": TEMPLATES / "words.yaml", "en": TEMPLATES / "words.en.yaml"}
_PLACE = re.compile(r"\{([a-z_]+)\}")


class WordingError(UserError):
    """The templates of a report are not whole; `faults` lists everything found."""


@dataclass(frozen=True)
class Wording:
    """Templates by key; each has one or more variants that say the same in other words."""

    templates: Mapping[str, tuple[str, ...]]

    def text(self, key: str) -> str:
        """A template without places, as plain text."""
        return self.templates[key][0]

    def compose(self, key: str, variant: int = 0, /, **given: Inline | Parts | str) -> Parts:
        """A sentence with its places filled; `variant` picks one of the wordings (modulo their number).

        Raises KeyError for a template or place that does not exist: a wrong template is a fault of the content,
        found by the tests that compose every template.
        """
        variants = self.templates[key]
        out: list[Inline] = []
        template = variants[variant % len(variants)]
        position = 0
        for match in _PLACE.finditer(template):
            if match.start() > position:
                out.append(Text(template[position : match.start()]))
            part = given[match.group(1)]
            if isinstance(part, tuple):
                out.extend(part)
            else:
                out.append(Text(part) if isinstance(part, str) else part)
            position = match.end()
        if position < len(template):
            out.append(Text(template[position:]))
        return tuple(out)


def load_wording(layout: Layout, file: str = "", language: str = "zh") -> Wording:
    """The base templates of a language, said otherwise key by key by a layout (of `file`). Raises WordingError with
    all faults.

    A layout must use a known key, only places that the base template of that key uses, and no digit.
    """
    merged, faults, given = dict(_base(language)), list[Fault](), dict[str, tuple[str, ...]]()
    _flatten("", layout.words_en if language == "en" else layout.words, given)
    for key, variants in given.items():
        if key not in merged:
            faults.append(Fault(file, 0, "unknown_key", f"没有「{key}」这个模板", place=key))
            continue
        faults.extend(_free_numbers(file, key, variants))
        allowed = {p for v in merged[key] for p in _PLACE.findall(v)}
        for place in sorted({p for v in variants for p in _PLACE.findall(v)} - allowed):
            hint = "可用：" + "、".join(sorted(allowed))
            faults.append(Fault(file, 0, "unknown_place", f"模板里没有「{place}」", place=key, hint=hint))
        merged[key] = variants
    if faults:
        raise WordingError("报告模板有错误", faults)
    return Wording(merged)


@cache
def _base(language: str) -> dict[str, tuple[str, ...]]:
    """Templates of the package, as ``key: text`` or ``key: [text, …]``; groups join with a dot."""
    found: dict[str, tuple[str, ...]] = {}
    _flatten("", read_yaml(BASES[language], BASES[language].name).data, found)
    return found


def _free_numbers(file: str, key: str, variants: tuple[str, ...]) -> Iterator[Fault]:
    for text in variants:
        if re.search(r"\d", text):
            yield Fault(file, 0, "free_number", f"模板里有数字：{text}", place=key, hint="数字一律用引用")


def _flatten(prefix: str, data: Any, found: dict[str, tuple[str, ...]]) -> None:
    """YAML is untyped until here: mappings go down, strings and lists of strings are templates."""
    if isinstance(data, Mapping):
        for key, inner in data.items():
            _flatten(f"{prefix}.{key}" if prefix else str(key), inner, found)
    elif isinstance(data, list):
        found[prefix] = tuple(str(x) for x in data)
    elif data is not None:
        found[prefix] = (str(data),)
