"""The starter pack with its data folder, copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingmiao.content import Pack, load_pack
from qingmiao.content.new_pack import new_pack


@pytest.fixture
def root(tmp_path: Path) -> Path:
    new_pack(tmp_path / "pack")
    return tmp_path / "pack"


@pytest.fixture
def pack(root: Path) -> Pack:
    return load_pack(root)


@pytest.fixture
def data(root: Path) -> Path:
    return root / "data"
