"""``check --fix``: writes what is certain into the lines of a pack's files; comments, order and layout stay as they
are.

Certain is: a code word in Chinese or in other case, a number in quotes, in full width or with the unit that stands
beside it, a date or truth value in Chinese, a code without quotes, a full-width colon behind a key and full-width
commas between words, blanks at the end of lines. Everything else stays a fault for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from qingmiao.content.check import check_path
from qingmiao.content.pack_files import shown_path
from qingmiao.content.yaml_source import read_yaml
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.whole_files import write_whole

MOST_ROUNDS = 50
"""Mending one mistake may show another behind it; each round mends at least one line or is the last."""

_KEY_COLON = re.compile(r"(?P<key>(?:^\s*(?:- )?|[{,，]\s*)[A-Za-z_]\w*)：\s*")
_COMMA = re.compile(r"(?<=[\w\"'\]}])，\s*(?=[A-Za-z0-9_\"'\[{])")
_BLANKS = re.compile(r"[ \t]+(?=\r?\n?$)")


@dataclass(frozen=True)
class LineChange:
    """One line that was written anew: the file as shown to people, the line's number, before and after."""

    file: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.before.strip()} → {self.after.strip()}"


def fix_pack(root: Path) -> list[LineChange]:
    """Mend the pack's own files (not those that it extends); returns what was changed, in the order of the changes.

    A file is written whole or not at all, and only where the faults become fewer. Running it again changes nothing.
    """
    files = {shown_path(p): p for p in sorted(root.rglob("*")) if p.suffix.lower() in (".yaml", ".yml") and p.is_file()}
    changes: list[LineChange] = []
    for _ in range(MOST_ROUNDS):
        faults = check_path(root)[1]
        done = _mend(root, files, faults)
        if not done:
            break
        changes.extend(done)
    for shown, path in files.items():
        changes.extend(_strip_blanks(shown, path))
    return changes


def _mend(root: Path, files: dict[str, Path], faults: list[Fault]) -> list[LineChange]:
    """One round: every file's certain faults at once; a file whose faults do not become fewer stays as it was."""
    done: list[LineChange] = []
    before = len(faults)
    for shown in dict.fromkeys(f.file for f in faults):
        path = files.get(shown)
        lines = _lines(path) if path is not None else None
        if path is None or lines is None:
            continue
        own = [f for f in faults if f.file == shown]
        new = list(lines)
        for fault in own:
            if 0 < fault.line <= len(new):
                new[fault.line - 1] = _mended(new[fault.line - 1], fault)
        if new == lines:
            continue
        write_whole(path, _bytes(new))
        after = check_path(root)[1]
        if len(after) > before or set(own) <= set(after):
            write_whole(path, _bytes(lines))
            continue
        before = len(after)
        done.extend(LineChange(shown, n, a, b) for n, (a, b) in enumerate(zip(lines, new, strict=True), 1) if a != b)
    return done


def _mended(line: str, fault: Fault) -> str:
    """The line without this fault, or as it is where that is not certain."""
    if fault.fix is not None:
        return _replaced(line, fault)
    if fault.code in ("yaml_syntax", "unknown_key", "missing_key", "wrong_type", "wrong_value"):
        return "".join(
            text if quoted else _COMMA.sub(", ", _KEY_COLON.sub(r"\g<key>: ", text)) for text, quoted in _pieces(line)
        )
    return line


def _replaced(line: str, fault: Fault) -> str:
    assert fault.fix is not None
    old, new = fault.fix
    key = re.escape(fault.place.rpartition(".")[2])
    body, comment = _without_comment(line)
    spelt = rf"(?P<q>[\"']?){re.escape(old)}(?P=q)"
    for pattern in (
        rf"(?P<before>(?:^|[\s{{,\[]){key}\s*:\s*){spelt}(?=\s*(?:[,}}\]]|$))",
        rf"(?P<before>(?:^|[\s:\[,{{-])){spelt}(?=\s*(?:[,}}\]:]|$))",
    ):
        found = list(re.finditer(pattern, body.rstrip("\r\n")))
        if len(found) == 1:
            start, end = found[0].start() + len(found[0]["before"]), found[0].end()
            return body[:start] + new + body[end:] + comment
    return line


def _pieces(line: str) -> Iterable[tuple[str, bool]]:
    """The line in pieces: (text, whether it is quoted or a comment)."""
    body, comment = _without_comment(line)
    for piece in re.split(r"(\"[^\"]*\"|'[^']*')", body):
        yield piece, piece[:1] in ("'", '"')
    yield comment, True


def _without_comment(line: str) -> tuple[str, str]:
    """A line and its comment: a # at the beginning or behind a blank, outside quotes."""
    quote = ""
    for n, c in enumerate(line):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'" and (n == 0 or line[n - 1] in " \t{[,:"):
            quote = c
        elif c == "#" and (n == 0 or line[n - 1] in " \t"):
            return line[:n], line[n:]
    return line, ""


def _strip_blanks(shown: str, path: Path) -> list[LineChange]:
    """Blanks at the end of lines go where they mean nothing: the file says the same without them."""
    lines = _lines(path)
    if lines is None:
        return []
    new = [_BLANKS.sub("", line) for line in lines]
    if new == lines:
        return []
    before = read_yaml(path, shown)
    write_whole(path, _bytes(new))
    after = read_yaml(path, shown)
    if before.faults or after.faults or before.data != after.data:
        write_whole(path, _bytes(lines))
        return []
    return [
        LineChange(shown, n, f"{a.strip()}␠", b) for n, (a, b) in enumerate(zip(lines, new, strict=True), 1) if a != b
    ]


def _lines(path: Path) -> list[str] | None:
    """The lines with their ends; None for a file that is not UTF-8 text."""
    try:
        return path.read_bytes().decode("utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError):
        return None


def _bytes(lines: list[str]) -> bytes:
    return "".join(lines).encode("utf-8")
