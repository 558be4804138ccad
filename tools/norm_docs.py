"""Write docs/reference/functions.md from the tables of functions (`--check`: exit 1 when it is stale)."""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.content.norms_page import page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "functions.md"

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(not PAGE.is_file() or PAGE.read_text("utf-8") != page())
    PAGE.write_text(page(), "utf-8")
