"""YAML with line numbers: duplicate keys are errors, every value knows the line it stands on.

A small, safe part of YAML: a value is text unless it is plainly a number, a date, ``true``/``false`` or empty. So
``no``,
``on``, ``010`` and ``12:30`` stay words (they are codes in our lists), and no tag can call anything. The file is read
as a stream of events, so that neither deep nesting nor aliases of aliases can exhaust memory or stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from qingmiao.kernel.errors import Fault

Path_ = tuple[str | int, ...]

DEEPEST = 40
"""Levels of nesting; the deepest content of ours has 12."""
LARGEST = 4_000_000
"""Bytes of one file; larger tables are data, not content."""
MOST_REPEATED = 100_000
"""Values that aliases may repeat in one file."""

_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_PROBLEMS = {
    "mapping values are not allowed": "这里不能有冒号：含「: 」的文字要加引号，或上一行缩进不对",
    "could not find expected ':'": "缺少冒号",
    "did not find expected key": "这里应是「键: 值」，检查缩进",
    "did not find expected '-' indicator": "列表的各项没有对齐，或漏了「- 」",
    "did not find expected ',' or": "方括号、花括号没有配对，或缺少逗号",
    "did not find expected node content": "括号或逗号多了一个，或值写不全",
    "found character that cannot start any token": "有不能用在这里的字符",
    "found unexpected end of stream": "引号没有配对",
    "found unexpected document indicator": "引号没有配对，或有多余的 ---",
    "did not find expected alphabetic or numeric": "以 *、& 开头的文字要加引号",
    "found unknown escape character": "双引号里的反斜杠要写两个，或改用单引号",
    "control characters are not allowed": "有控制字符",
    "block sequence entries are not allowed": "「- 」要另起一行",
    "did not find expected <document start>": "这里应是「键: 值」，检查冒号和缩进",
}
_FULL_COLON = re.compile(r"^\s*(?:- )?\{?[A-Za-z_][A-Za-z0-9_]*：|^\s*(?:- )?[A-Za-z_][A-Za-z0-9_]*[：，]?\s*：")
_FULL_MARKS = "：，｛｝【】［］“”‘’－　"


@dataclass
class YamlDocument:
    """The data of one file, the line of every path in it, and what is wrong with its form."""

    path: Path
    data: Any  # YAML holds anything; the models say what is allowed
    lines: dict[Path_, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    text: str = ""

    def line(self, path: Path_) -> int:
        """The line of a path, or of the nearest path above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _RefusedError(Exception):
    """The file cannot be read on: line, what, likely fix."""

    def __init__(self, line: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.line, self.message, self.hint = line, message, hint


def read_yaml(path: Path, shown: str) -> YamlDocument:
    """Read one UTF-8 YAML file. Faults (access, encoding, syntax, duplicate keys) are collected, not raised."""
    document = YamlDocument(path, None)

    def fault(line: int, code: str, message: str, hint: str) -> None:
        document.faults.append(Fault(shown, line, code, message, hint=hint))

    document.text, problem = read_text(path)
    if problem is not None:
        fault(*problem)
        return document
    text = document.text
    loader = None
    try:
        loader = yaml.CSafeLoader(text)
        document.data = _Builder(loader, document, shown).build()
    except _RefusedError as e:
        fault(e.line, "yaml_syntax", f"YAML 不能这样写：{e.message}", e.hint)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        fault(*_told(e.problem or "", text, mark.line + 1 if mark else 0))
    except yaml.reader.ReaderError as e:
        fault(*_told(e.reason, text, text.count("\n", 0, e.position) + 1))
    finally:
        if loader is not None:
            loader.dispose()
    return document


def read_text(path: Path) -> tuple[str, tuple[int, str, str, str] | None]:
    """The text of a UTF-8 file, or what is wrong with it: line, code, message, likely fix."""
    try:
        if path.stat().st_size > LARGEST:
            message = f"文件超过 {LARGEST // 1_000_000} MB，太大"
            return "", (0, "too_large", message, "拆成几个文件；大量数据放进数据文件夹，不放进内容包")
        raw = path.read_bytes()
    except OSError as e:
        return "", (0, "unreadable", f"读不出文件：{e.strerror or e}", "检查文件的权限和链接")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as e:
        line = raw.count(b"\n", 0, e.start) + 1
        text = raw.decode("gb18030", "replace")
        return text, (line, "encoding", f"不是 UTF-8 编码（第 {e.start} 字节）", "另存为 UTF-8 编码")


def full_width_line(text: str) -> int:
    """The first line whose key ends with a full-width colon; 0 where none does."""
    return next((n for n, row in enumerate(text.splitlines(), 1) if _FULL_COLON.match(row)), 0)


def _told(problem: str, text: str, line: int) -> tuple[int, str, str, str]:
    """The line that is really wrong, the code, and the parser's words in Chinese with the likely fix."""
    rows = text.splitlines()
    known = next((zh for en, zh in _PROBLEMS.items() if en in problem), "这一行的写法读不懂")
    tab = next((n for n, row in enumerate(rows, 1) if "\t" in row[: len(row) - len(row.lstrip())]), 0)
    if tab:
        return tab, "yaml_syntax", "YAML 语法错误：缩进里有制表符（Tab）", "缩进用空格，不用制表符（Tab）"
    colon = full_width_line(text)
    if colon:
        return colon, "yaml_syntax", "YAML 语法错误：键后面是全角冒号「：」", "改成半角冒号，后面空一格"
    line = min(line, len(rows)) or line
    for near in (line, line - 1):
        if 0 < near <= len(rows) and (bad := [c for c in _FULL_MARKS if c in _bare(rows[near - 1])]):
            hint = f"可能是全角标点「{'」「'.join(bad)}」：标点用半角；文字里要用就加引号"
            return near, "yaml_syntax", f"YAML 语法错误：{known}", hint
    return line, "yaml_syntax", f"YAML 语法错误：{known}", "检查缩进、冒号后的空格和引号"


def _bare(row: str) -> str:
    """A line without its quoted text and its comment."""
    return re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", row)


class _Builder:
    """Builds the data from the parser's events."""

    def __init__(self, loader: yaml.CSafeLoader, document: YamlDocument, shown: str) -> None:
        self._loader, self._document, self._shown = loader, document, shown
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._built = 0
        self._repeated = 0

    def build(self) -> Any:
        """The only document of the file; None where there is none."""
        self._next()
        if self._loader.check_event(yaml.StreamEndEvent):
            return None
        self._next()
        data = self._value(self._next(), (), 0)
        self._next()
        if not self._loader.check_event(yaml.StreamEndEvent):
            line = self._next().start_mark.line + 1
            raise _RefusedError(line, "一个文件里有几份文档（---）", "拆成几个文件")
        return data

    def _fault(self, line: int, code: str, message: str, hint: str) -> None:
        self._document.faults.append(Fault(self._shown, line, code, message, hint=hint))

    def _next(self) -> Any:
        """The next event; Any because the stubs leave out what the parser guarantees."""
        return self._loader.get_event()

    def _value(self, event: Any, path: Path_, depth: int) -> Any:
        line: int = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), line)
        self._document.lines.setdefault(path, line)
        before = self._built
        self._built += 1
        if event.tag not in _TEXT_TAGS:
            self._fault(line, "yaml_syntax", f"不能用 YAML 标签「{event.tag}」", "删去标签，只写内容")
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif depth >= DEEPEST:
            raise _RefusedError(line, f"嵌套超过 {DEEPEST} 层", "检查括号和缩进")
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(event_ := self._next(), yaml.SequenceEndEvent):
                value.append(self._value(event_, (*path, len(value)), depth + 1))
        else:
            value = self._mapping(path, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._built - before)
        return value

    def _alias(self, anchor: str, line: int) -> Any:
        if anchor not in self._anchors:
            raise _RefusedError(line, f"别名「*{anchor}」前面没有定义，或引用了自己", "照写一遍，不用别名")
        value, size = self._anchors[anchor]
        self._built += size
        self._repeated += size
        if self._repeated > MOST_REPEATED:
            raise _RefusedError(line, f"别名展开后超过 {MOST_REPEATED} 个值", "照写一遍，不用别名")
        return value

    def _mapping(self, path: Path_, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        lines = self._document.lines
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                self._fault(line, "unknown_key", "键应为文字", "含方括号、花括号的键要加引号")
                self._value(event, (*path, "?"), depth + 1)
                self._value(self._next(), (*path, "?"), depth + 1)
                continue
            key = event.value
            if key in result:
                message = f"键「{key}」重复（第 {lines.get((*path, key), 0)} 行已有）"
                self._fault(line, "duplicate_key", message, "删去其中一个")
                self._value(self._next(), (*path, key), depth + 1)
                continue
            if key == "<<" and event.implicit[0]:
                raise _RefusedError(line, "不能用合并键 <<", "把要合并的内容照写一遍")
            lines[(*path, key)] = line
            result[key] = self._value(self._next(), (*path, key), depth + 1)
        return result


def _scalar(event: Any) -> Any:
    """A plain scalar's number, date or truth value; any other is text."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text  # no day of the calendar: the model that wants a date says so
    return text
