"""What the Markdown names in `code` is there: files by their path, classes, functions and keys by their name.

A renamed class or moved module leaves no page behind that still says the old name.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *("ARCHITECTURE.md", "GLOSSARY.md", "CONTRIBUTING.md", "README.md"),
    *("docs/explanation", "docs/how-to", "docs/decisions"),
)
CODE = (".py", ".yaml", ".toml", ".js", ".mjs", ".html", ".css", ".csv", ".json", ".importlinter")
"""The files in which a name can be."""
SUFFIXES = "py|js|mjs|css|html|toml|md"
"""Kinds of files that are of the tree: a YAML, CSV or JSON on a page may be one that its reader is to make."""
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?", re.ASCII)
IDENTIFIER = re.compile(r"_|[a-z][A-Z]|^[A-Z][a-z]+$")
"""What looks like a name of the code and not like a word: an underscore, a hump, or a capital alone."""
ELSEWHERE = {
    "PreCommit_Notify": "a function of PostgreSQL itself",
    "WsgiToAsgi": "a class of asgiref that was tried and left",
    "__MACOSX": "the folder that macOS puts into archives",
    "__index_level_0__": "the column that pandas writes into Parquet",
}
"""Names that are no part of this tree, and whose they are."""


@cache
def tracked() -> tuple[str, ...]:
    """The files of the tree by their paths."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


@cache
def names() -> frozenset[str]:
    """Every word that the code and the content of the tree hold."""
    here = Path(__file__).relative_to(ROOT).as_posix()
    texts = [(ROOT / f).read_text("utf-8") for f in tracked() if f.endswith(CODE) and f != here]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text, re.ASCII))


def said(text: str) -> Iterator[tuple[int, str]]:
    """The code spans of a page with their lines; what stands in a fence is an example, not a name."""
    plain = FENCE.sub(lambda m: "\n" * m.group().count("\n"), text)
    for number, line in enumerate(plain.splitlines(), start=1):
        for span in SPAN.findall(line):
            yield number, span


def missing(span: str) -> bool:
    """Whether a span names a file or a thing of the code that is not there (a reason is written small)."""
    if re.fullmatch(rf"[\w./-]+\.(?:{SUFFIXES})", span, re.ASCII) and "/" in span:
        return not any(f"/{file}".endswith(f"/{span.removeprefix('./')}") for file in tracked())
    if not NAME.fullmatch(span) or re.search(r"\.(?:py|js|mjs|css|html|ya?ml|toml|csv|md|json|xlsx)$", span):
        return False
    parts = [p for p in span.removesuffix("()").split(".") if IDENTIFIER.search(p)]
    return any(not {p, p.upper()} & names() and p not in ELSEWHERE for p in parts)


def pages() -> list[str]:
    """The pages that people write; those under docs/reference are printed by tools from what is there."""
    return [f for f in tracked() if f.endswith(".md") and f.startswith(PAGES)]


def test_what_the_pages_name_is_there() -> None:
    found = [
        f"{page}:{line} {span}"
        for page in pages()
        for line, span in said((ROOT / page).read_text("utf-8"))
        if missing(span)
    ]
    assert found == []


def test_a_name_that_is_gone_is_found() -> None:
    text = "`collect/gone_words.py` `GoneMark` `returns.gone_marks` `ContentKind` `collect/returns.py`\n"
    text += "```\n`GoneToo`\n```\n"
    assert [span for _, span in said(text) if missing(span)] == [
        "collect/gone_words.py", "GoneMark", "returns.gone_marks",
    ]  # fmt: skip
    assert len(pages()) > 40


def test_the_names_from_elsewhere_are_still_said() -> None:
    spans = {span for page in pages() for _, span in said((ROOT / page).read_text("utf-8"))}
    assert set(ELSEWHERE) <= {part for span in spans for part in re.findall(r"\w+", span)}
