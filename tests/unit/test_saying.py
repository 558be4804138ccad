"""What the command line says in English: sentences, faults with place and hint, folded as in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qingmiao.cli import main
from qingmiao.cli.saying import lines_of
from qingmiao.figures.english import CHINESE
from qingmiao.kernel.errors import Fault

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
