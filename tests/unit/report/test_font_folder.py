"""Which fonts set a report where nobody names a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingmiao.report import font_folder


@pytest.mark.parametrize(
    ("beside", "built", "taken"),
    [(True, True, "beside"), (True, False, "beside"), (False, True, "built"), (False, False, "beside")],
)
def test_a_countys_own_fonts_go_before_those_of_the_package(
    beside: bool, built: bool, taken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font_folder, "BESIDE", tmp_path / "beside")
    monkeypatch.setattr(font_folder, "BUILT_IN", tmp_path / "built")
    for there, name in ((beside, "beside"), (built, "built")):
        if there:
            (tmp_path / name).mkdir()
            (tmp_path / name / "a.ttf").write_bytes(b"")
    assert font_folder.font_folder() == tmp_path / taken
