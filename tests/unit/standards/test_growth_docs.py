"""The pages of the growth norms say what the data and the code say now."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_growth_pages_are_not_stale() -> None:
    spec = importlib.util.spec_from_file_location("standards_docs", ROOT / "tools" / "standards_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages = module.pages()
    on_disk = {path.name: path.read_text("utf-8") for path in module.FOLDER.glob("growth-*.md")}
    assert sorted(on_disk) == sorted(pages)
    assert [name for name, text in pages.items() if on_disk[name] != text] == []
