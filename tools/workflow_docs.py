"""Write the pages of docs/reference that are printed from tables of acting and publishing (`--check`: exit 1 when one is stale)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingmiao.site.config.testing")
django.setup()

from qingmiao.site.apps.acting import workflow as acting  # noqa: E402
from qingmiao.site.apps.publishing import workflow as publishing  # noqa: E402
from qingmiao.site.web.console.acting import duties  # noqa: E402

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
PAGES = {
    "task-workflow.md": acting.page,
    "report-workflow.md": publishing.page,
    "duties.md": duties.reference,
}

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(any((FOLDER / name).read_text("utf-8") != page() for name, page in PAGES.items()))
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), "utf-8")
