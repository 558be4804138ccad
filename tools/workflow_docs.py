"""Write the workflow pages of docs/reference from the transition tables of acting and publishing (`--check`: exit 1 when one is stale)."""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.site.apps.acting import workflow as acting
from qingmiao.site.apps.publishing import workflow as publishing

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
PAGES = {"task-workflow.md": acting.page, "report-workflow.md": publishing.page}

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(any((FOLDER / name).read_text("utf-8") != page() for name, page in PAGES.items()))
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), "utf-8")
