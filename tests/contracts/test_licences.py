"""The page of licences has every locked package of Python and of the browser's code, with what each states."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from waiting import ENDS

ROOT = Path(__file__).parents[2]


def check(root: Path) -> int:
    command = [sys.executable, str(root / "tools" / "licences.py"), "--check"]
    return subprocess.run(command, capture_output=True, timeout=ENDS, check=False).returncode


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """What the page is made from, and the page."""
    for part in ("tools/licences.py", "docs/reference/licences.md", "frontend/package-lock.json"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def test_the_page_is_as_the_locks_say() -> None:
    assert check(ROOT) == 0, "run python tools/licences.py"


def test_a_package_that_is_new_gone_or_of_another_licence_is_found(copied: Path) -> None:
    assert check(copied) == 0
    lock, page = copied / "requirements" / "dev.txt", copied / "docs" / "reference" / "licences.md"
    locked, told = lock.read_text("utf-8"), page.read_text("utf-8")
    lock.write_text(locked + "\nmade-up==1.0\n", "utf-8")
    assert check(copied) == 1
    lock.write_text(locked, "utf-8")
    row = next(line for line in told.splitlines() if line.startswith("| click |"))
    page.write_text(told.replace(row + "\n", ""), "utf-8")
    assert check(copied) == 1
    page.write_text(told.replace(row, row.replace("BSD", "GPL")), "utf-8")
    assert check(copied) == 1
