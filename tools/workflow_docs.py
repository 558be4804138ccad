"""Write docs/reference/task-workflow.md from the transition tables of the acting app (`--check`: exit 1 when it is stale)."""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.site.apps.acting.workflow import page

PATH = Path(__file__).resolve().parents[1] / "docs" / "reference" / "task-workflow.md"

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PATH.read_text("utf-8") != page())
    PATH.write_text(page(), "utf-8")
