"""Write docs/reference/sources-unknown.md from the indicators of the packs (`--check`: exit 1 when it is stale)."""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.content import load_pack
from qingmiao.content.sources_page import page

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "sources-unknown.md"
PACKS = ("china", "xiangning", "outline-2020", "outline-2030")

if __name__ == "__main__":
    made = page(load_pack(ROOT / "content" / name) for name in PACKS)
    if "--check" in sys.argv:
        sys.exit(not PAGE.is_file() or PAGE.read_text("utf-8") != made)
    PAGE.write_text(made, "utf-8")
