"""Write docs/reference/openapi.json, the REST interface as it is served (`--check`: exit 1 when it is stale)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "openapi.json"

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "qingmiao.site.config.unconnected"
    import django

    django.setup()
    from qingmiao.site.web.api.rest.served import text

    made = text()
    if "--check" in sys.argv:
        sys.exit(not PAGE.is_file() or PAGE.read_text("utf-8") != made)
    PAGE.write_text(made, "utf-8")
