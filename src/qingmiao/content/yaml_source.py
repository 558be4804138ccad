"""YAML with line numbers: duplicate keys are errors, every value knows the line it stands on.

Only plain YAML 1.1 scalars as PyYAML's safe loader reads them, but for one trap: ``no``/``yes``/``on`` stay words
(they are codes in our lists), only ``true`` and ``false`` are truth values.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from qingmiao.kernel.errors import Fault

Path_ = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """Safe loader in which only true and false are booleans."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOL, list("tTfF"))


@dataclass
class YamlDocument:
    """The data of one file, the line of every path in it, and what is wrong with its form."""

    path: Path
    data: Any  # YAML holds anything; the models say what is allowed
    lines: dict[Path_, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path_) -> int:
        """The line of a path, or of the nearest path above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(path: Path, shown: str) -> YamlDocument:
    """Read one UTF-8 YAML file. Faults (syntax, encoding, duplicate keys) are collected, not raised."""
    document = YamlDocument(path, None)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        hint = "另存为 UTF-8 编码"
        document.faults.append(
            Fault(shown, 0, "encoding", f"不是 UTF-8 编码（第 {e.start} 字节）", hint=hint)
        )
        return document
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            document.data = _build(loader, node, (), document, shown)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line = mark.line + 1 if mark else 0
        document.faults.append(
            Fault(
                shown,
                line,
                "yaml_syntax",
                f"YAML 语法错误：{e.problem or e}",
                hint="检查缩进、冒号后的空格和引号",
            )
        )
    except (yaml.YAMLError, ValueError) as e:
        document.faults.append(Fault(shown, 0, "yaml_syntax", f"YAML 语法错误：{e}"))
    finally:
        loader.dispose()
    return document


def _build(loader: _Loader, node: yaml.Node, path: Path_, document: YamlDocument, shown: str) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                key = str(key_node.value)
            if key in result:
                first = document.lines.get((*path, key), 0)
                document.faults.append(
                    Fault(
                        shown,
                        line,
                        "duplicate_key",
                        f"键「{key}」重复（第 {first} 行已有）",
                        hint="删去其中一个",
                    )
                )
                continue
            document.lines[(*path, key)] = line
            result[key] = _build(loader, value_node, (*path, key), document, shown)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, (*path, i), document, shown) for i, item in enumerate(node.value)]
    return loader.construct_object(node, deep=True)
