"""The words of a report are content: headings and sentence templates with named places, without any digit.

The package brings `templates/annual.yaml`; a pack overrides single keys with ``reports/annual.yaml`` in any of its layers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qingmiao.content import Pack
from qingmiao.content.yaml_source import read_yaml
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.report.model import Inline, Parts, Text

BASE = Path(__file__).parent / "templates" / "annual.yaml"
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


def load_wording(pack: Pack | None) -> Wording:
    """The base templates, overridden key by key by the layers of the pack. Raises WordingError with all faults.

    An override must use a known key and only places that the base template of that key uses.
    """
    base = _read(BASE, [])
    faults: list[Fault] = []
    merged = dict(base)
    for layer in pack.layers if pack else ():
        path = layer / "reports" / "annual.yaml"
        if not path.is_file():
            continue
        for key, variants in _read(path, faults).items():
            if key not in base:
                faults.append(Fault(str(path), 0, "unknown_key", f"没有「{key}」这个模板", place=key))
                continue
            allowed = {p for v in base[key] for p in _PLACE.findall(v)}
            for place in sorted({p for v in variants for p in _PLACE.findall(v)} - allowed):
                hint = "可用：" + "、".join(sorted(allowed))
                faults.append(Fault(str(path), 0, "unknown_place", f"模板里没有「{place}」", place=key, hint=hint))
            merged[key] = variants
    if faults:
        raise WordingError("报告模板有错误", faults)
    return Wording(merged)


def _read(path: Path, faults: list[Fault]) -> dict[str, tuple[str, ...]]:
    """Templates of one file, as ``key: text`` or ``key: [text, …]``, grouped or not: groups join with a dot."""
    document = read_yaml(path, path.name)
    faults.extend(document.faults)
    found: dict[str, tuple[str, ...]] = {}
    _flatten("", document.data, found)
    for key, variants in found.items():
        for text in variants:
            if re.search(r"\d", text):
                hint = "数字一律用引用"
                faults.append(Fault(path.name, 0, "free_number", f"模板里有数字：{text}", place=key, hint=hint))
    return found


def _flatten(prefix: str, data: Any, found: dict[str, tuple[str, ...]]) -> None:
    """YAML is untyped until here: mappings go down, strings and lists of strings are templates."""
    if isinstance(data, Mapping):
        for key, inner in data.items():
            _flatten(f"{prefix}.{key}" if prefix else str(key), inner, found)
    elif isinstance(data, list):
        found[prefix] = tuple(str(x) for x in data)
    elif data is not None:
        found[prefix] = (str(data),)
