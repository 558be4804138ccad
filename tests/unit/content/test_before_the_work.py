"""Fonts and the output folder are looked at before any data are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.new_pack import new_pack


def run(root: Path, out: Path, *more: str) -> tuple[int, str]:
    args = ["monitor", "--pack", str(root), "--data", str(root / "data"), "--year", "2024", "--out", str(out)]
    result = CliRunner().invoke(main, [*args, "--date", "2025-06-01", *more])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


@pytest.fixture
def root(tmp_path: Path) -> Path:
    new_pack(tmp_path / "pack")
    # what reading the data would find: it must not come to that
    (tmp_path / "pack/data/returns/mch01.csv").write_text("nonsense\n1\n", "utf-8")
    return tmp_path / "pack"


def test_missing_fonts_are_said_at_once(root: Path, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    code, told = run(root, tmp_path / "out", "--fonts", str(tmp_path / "fonts"))
    assert code == 2
    assert "没有字体" in told
    assert "--formats none" in told
    assert "mch01" not in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_file_in_the_way_of_the_result_is_said_at_once(root: Path, tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").write_text("mine", "utf-8")
    code, told = run(root, tmp_path / "taken" / below, "--formats", "none")
    assert code == 2
    assert "已经是一个文件" in told
    assert "mch01" not in told
    assert (tmp_path / "taken").read_text("utf-8") == "mine"


def test_a_folder_that_may_not_be_written_is_said_at_once(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The superuser may write everywhere, so the system's answer is played."""
    locked = tmp_path / "locked"
    locked.mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: Path(p) != locked and real(p, mode))
    code, told = run(root, locked / "out", "--formats", "none")
    assert code == 2
    assert "没有写入" in told
    assert "mch01" not in told


def test_the_result_of_a_run_inside_a_pack_is_no_content(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    assert run(root, root / "out", "--formats", "none")[0] == 0
    assert check_path(root)[1] == []
