"""Write docs/reference/content-kinds.md from the registry of content kinds (`--check`: exit 1 when it is stale)."""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.content.kinds_page import page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "content-kinds.md"

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(not PAGE.is_file() or PAGE.read_text("utf-8") != page())
    PAGE.write_text(page(), "utf-8")
