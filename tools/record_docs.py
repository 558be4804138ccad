"""Write docs/reference/record-forms.md from the shared pack (`--check`: exit 1 when it is stale)."""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.content import load_pack
from qingmiao.content.record_forms_page import page

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "record-forms.md"

if __name__ == "__main__":
    made = page(load_pack(ROOT / "content" / "china"))
    if "--check" in sys.argv:
        sys.exit(not PAGE.is_file() or PAGE.read_text("utf-8") != made)
    PAGE.write_text(made, "utf-8")
