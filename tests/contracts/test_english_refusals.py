"""Every refusal of the site is said in English too, and what collecting and the command line say: each sentence is in
the catalogue (`figures.english`)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

import pytest

from qingmiao.figures.english import CHINESE, english

SITE = Path(__file__).parents[2] / "src" / "qingmiao" / "site"
NOT_FOR_PAGES = ("demo/", "first_start.py", "config/", "web/api/")
"""What speaks, in Chinese, to whoever starts the site at a terminal, or to other programs: no page shows it."""
TURNING_AWAY = frozenset({"no", "wrong", "refuse", "refused", "conflict", "tell", "words_fit"})
"""The functions beside the errors (`…Error`) whose sentences people read when something is not done."""
SOURCE = SITE.parent
SAYING = TURNING_AWAY | {"Fault", "Finding", "say", "_finding"}
"""The same of files and at a terminal: faults, findings, what a command says (`cli.saying`)."""
FILLED = ("3", "Ann", "2024", "A. B", "")
"""What is put into a place of a sentence: a number, a name, a year, sentences, nothing."""
MOST_TRIED = 2_000


def turns_away(call: ast.Call, saying: frozenset[str] = TURNING_AWAY) -> bool:
    """Whether a call carries a sentence for somebody who is refused (or is told something)."""
    name = ast.unparse(call.func).rpartition(".")[2]
    return name.endswith("Error") or name in saying


def readings(said: ast.expr) -> list[tuple[str, ...]]:
    """What an argument may say, each as its pieces with places between: both arms of a condition, a sum as one."""
    match said:
        case ast.Constant(value=str() as text):
            return [(text,)]
        case ast.JoinedStr(values=values):
            pieces = [""]
            for value in values:
                if isinstance(value, ast.Constant):
                    pieces[-1] += str(value.value)
                else:
                    pieces.append("")
            return [tuple(pieces)]
        case ast.IfExp(body=one, orelse=other):
            return readings(one) + readings(other)
        case ast.BinOp(left=one, op=ast.Add(), right=other):
            return [(*a[:-1], a[-1] + b[0], *b[1:]) for a in readings(one) for b in readings(other)]
    return [("", "")]


def refusals(tree: ast.AST, saying: frozenset[str] = TURNING_AWAY) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, pieces of the sentence) of every refusal in Chinese of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and turns_away(node, saying):
            for argument in [*node.args, *(k.value for k in node.keywords)]:
                for pieces in readings(argument):
                    if any(CHINESE.search(piece) for piece in pieces):
                        yield node.lineno, pieces


def in_english(pieces: tuple[str, ...]) -> bool:
    """Whether some filling of the places gives a sentence that is English throughout."""
    fillings = islice(product(FILLED, repeat=len(pieces) - 1), MOST_TRIED)
    return any(not CHINESE.search(english(_filled(pieces, filling))) for filling in fillings)


def _filled(pieces: tuple[str, ...], filling: tuple[str, ...]) -> str:
    return pieces[0] + "".join(word + piece for word, piece in zip(filling, pieces[1:], strict=True))


def test_every_refusal_of_the_site_has_its_english() -> None:
    found = []
    for path in sorted(SITE.rglob("*.py")):
        name = path.relative_to(SITE).as_posix()
        if not name.startswith(NOT_FOR_PAGES):
            found += [(f"{name}:{line}", pieces) for line, pieces in refusals(ast.parse(path.read_text("utf-8")))]
    assert len(found) > 200, "the search finds none"
    assert [f"{place}: {'{…}'.join(pieces)}" for place, pieces in found if not in_english(pieces)] == []


@pytest.mark.parametrize(("part", "least"), [("collect", 100), ("cli", 100), ("content", 200)])
def test_what_packs_files_and_commands_are_told_has_its_english(part: str, least: int) -> None:
    found = []
    for path in sorted((SOURCE / part).rglob("*.py")):
        said = refusals(ast.parse(path.read_text("utf-8")), SAYING)
        found += [(f"{path.name}:{line}", pieces) for line, pieces in said]
    assert len(found) > least, "the search finds none"
    assert [f"{place}: {'{…}'.join(pieces)}" for place, pieces in found if not in_english(pieces)] == []


def test_commands_say_chinese_only_by_what_knows_the_language() -> None:
    """`click.echo` of a sentence would be Chinese to whoever asked for English."""
    found = [
        f"{path.name}:{node.lineno}"
        for path in sorted((SOURCE / "cli").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("click.echo", "click.secho")
        if any(CHINESE.search(piece) for a in node.args for pieces in readings(a) for piece in pieces)
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'raise UserError("没有人写过的拒绝")',
        'raise api.NotAllowedError(f"{name}没有人写过的拒绝{n}")',
        'return no("没有人写过的拒绝" if late else "没有这一步")',
        'raise UserError(message="没有人写过的拒绝")',
    ],
)
def test_a_refusal_without_english_is_found(source: str) -> None:
    assert [p for _, p in refusals(ast.parse(source)) if not in_english(p)]


def test_what_has_its_english_is_not_found() -> None:
    known = ['UserError("没有这一步")', 'no(f"重复了{n} 秒")', 'UserError(f"用户名 {name} 已经有人用，请换一个")']
    assert in_english(("没有这一步",))
    assert in_english(("用户名 ", " 已经有人用，请换一个"))
    assert len([p for s in known for p in refusals(ast.parse(s))]) == 3
