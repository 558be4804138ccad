"""The reference pages of the fitness, vision, immunisation and screening norms, and the metadata, are up to date."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from qingmiao.standards import derivations

ROOT = Path(__file__).resolve().parents[3]


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_not_stale() -> None:
    for name, text in tool("standards_docs_more").pages().items():
        written = (ROOT / "docs/reference/standards" / name).read_text(encoding="utf-8")
        assert written == text, f"{name} is stale: run tools/standards_docs_more.py"


@pytest.mark.parametrize("folder", ["fitness", "vision", "immunisation", "child_health"])
def test_metadata_describes_every_file(folder: str) -> None:
    written = (ROOT / "src/qingmiao/standards/data" / folder / "metadata.json").read_text(encoding="utf-8")
    assert written == tool("standards_metadata_more").metadata(folder), "run tools/standards_metadata_more.py"


def test_every_page_says_what_is_not_verified() -> None:
    for name, text in tool("standards_docs_more").pages().items():
        for head in ("它是什么", "出处", "怎样计算", "算一个例子", "还没有核实的"):
            assert f"\n## {head}\n" in text, (name, head)


def test_derivations_are_found_by_name() -> None:
    assert {"fitness.total", "vision.screening_myopia", "vision.new_myopia", "immunisation.dose"} <= set(derivations())
