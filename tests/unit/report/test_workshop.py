"""Charts and PDF are made by programs of their own: the figures' process stays small, and a program that ends badly is
told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_report import FONTS, document

from qingmiao.report import workshop
from qingmiao.report.workshop import WorkshopError
from qingmiao.report.write import write_report

HEAVY = {"vl_convert", "typst"}


def test_the_process_that_writes_a_report_never_loads_the_drawing_or_typesetting_engine(tmp_path: Path) -> None:
    code = "import sys, qingmiao.report.write, qingmiao.report.docx; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "qingmiao.report.docx" in loaded
    assert not HEAVY & set(loaded)


def test_the_programs_that_draw_and_set_load_nothing_of_ours() -> None:
    for module in ("drawing", "typesetting"):
        code = f"import sys, qingmiao.report.{module}; print(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        ours = {m for m in loaded if m.startswith("qingmiao.")} - {"qingmiao.report", f"qingmiao.report.{module}"}
        assert not ours
        assert "pyarrow" not in loaded


@pytest.mark.parametrize("program", ["drawing", "typesetting"])
def test_a_program_that_ends_badly_is_told_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    popen = subprocess.Popen

    def broken(command: list[str], **given: object) -> subprocess.Popen[str]:
        code = "import sys; print('no memory left', file=sys.stderr); sys.exit(9)"
        dies = f"qingmiao.report.{program}" in command
        started = [sys.executable, "-c", code] if dies else command
        return popen(started, **given)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(workshop.subprocess, "Popen", broken)
    with pytest.raises(WorkshopError, match=r"退出码 9：no memory left.*内存不够"):
        write_report(document(), tmp_path / "out", fonts=FONTS)
    assert not (tmp_path / "out").exists()
