"""What the command line says in English: sentences, faults with place and hint, folded as in Chinese."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click import core, decorators, exceptions, formatting, parser, types
from click.testing import CliRunner, Result

from qingmiao.cli import COMMANDS, frame, main
from qingmiao.cli.saying import lines_of
from qingmiao.figures.english import CHINESE
from qingmiao.kernel.errors import Fault

FOR_PROGRAMMERS = (
    "Deprecat", "deprecated", "Could not determine", "No options defined", "Arguments take", "defined twice",
    "Boolean option", "must be an iterable", "Invalid start character", "Do you want to", "Confirm the action", "UUID",
    "Choice(",
)  # fmt: skip
"""Of what click says: faults of a program, and what no command of ours asks."""
BAD = "id,kind,start\n1,一个没有的单位,2026-02-13T16:30\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_an_error_is_said_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    words = ("due", str(tmp_path / "none.csv"), str(tmp_path / "out.csv"))
    chinese, english = run(*words), run("--lang", "en", *words)
    assert chinese.exit_code == english.exit_code == 2
    assert chinese.stderr.startswith("错误：没有文件")
    assert english.stderr.startswith("error: There is no file")
    assert not CHINESE.search(english.stderr)


def test_the_environment_may_ask_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGMIAO_LANG", "en")
    assert run("due", str(tmp_path / "none.csv"), str(tmp_path / "out.csv")).stderr.startswith("error: ")
    assert run("--lang", "fr", "due").exit_code == 2


def test_a_folder_of_bad_data_is_told_line_by_line_with_place_and_hint(tmp_path: Path) -> None:
    import click

    faults = [
        Fault(
            "facts/x.csv",
            n,
            "wrong_type",
            f"「{n}.5」应为整数",
            place=f"工作表 {n}",
            hint="填数：是零填 0；没有数据就留空",
        )
        for n in range(3, 11)
    ]
    with click.Context(main, info_name="qingmiao") as context:
        context.params["lang"] = "zh"
        assert "（建议：填数" in lines_of(faults)[0]
        context.params["lang"] = "en"
        lines = lines_of(faults)
    assert lines[0] == (
        "facts/x.csv:3 [sheet 3] “3.5” should be a whole number "
        "(hint: Fill in a number: 0 for none; leave it empty where there are no data)"
    )
    assert len(lines) == 6, "the same faults are folded in both languages"
    assert lines[-1].strip() == "…the same at 3 more places: row 8, row 9, row 10"


def shown(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """(command, text) of every help text of a command and of all below it."""
    yield from ((name, text) for text in (command.help, command.short_help) if text)
    for parameter in command.params:
        texts = (getattr(parameter, key, None) for key in ("help", "metavar"))
        yield from ((f"{name} {parameter.name}", text) for text in texts if isinstance(text, str))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from shown(found, f"{name} {below}")


def test_every_command_says_in_english_what_it_does() -> None:
    texts = [*shown(main, "qingmiao"), *((name, told) for name, (_, told) in COMMANDS.items())]
    assert len(texts) > 150
    parts = [(name, p) for name, text in texts for p in frame.paragraphs(text)]
    left = {name: p for name, p in parts if CHINESE.search(frame.say_english(p).replace("2023—2024学年", ""))}
    assert left == {}, "the English stands in figures/english/help.yaml, a paragraph a text"


@pytest.mark.parametrize("module", [core, decorators, exceptions, formatting, parser, types], ids=lambda m: m.__name__)
def test_what_click_says_to_who_types_has_its_chinese(module: ModuleType) -> None:
    said = {
        words.value
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext")
        for words in node.args
        if isinstance(words, ast.Constant) and isinstance(words.value, str)
    }
    assert said
    assert {s for s in said - set(frame.CHINESE) if not any(p in s for p in FOR_PROGRAMMERS)} == set()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("nonsuch", "没有命令 'nonsuch'"), ("due --on 1", "没有选项 '--on'"), ("due a", "缺少参数 'TARGET'"),
        ("serve --port 99999", "'--port' 写得不对：99999 不在范围"), ("token make x --days abc", "'abc' 不是数"),
        ("check a b c", "多写了参数"), ("due --help", "显示这段说明"), ("--help", "选项"),
    ],
)  # fmt: skip
def test_usage_is_told_in_the_language_that_was_asked_for(words: str, told: str) -> None:
    chinese, english = run(*words.split()), run("--lang", "en", *words.split())
    assert chinese.exit_code == english.exit_code
    assert told in chinese.output
    assert chinese.output.startswith("用法：")
    assert english.output.startswith("Usage:")
    assert not CHINESE.search(english.output)
