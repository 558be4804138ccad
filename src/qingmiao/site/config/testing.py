"""Settings of the tests: a PostgreSQL of their own under the temporary folder, shared by the test processes of one
tree; the site's other files are each process's own, so that what one keeps, drops or damages is in no other's way."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

_TREE = hashlib.sha256(str(Path(__file__).resolve()).encode()).hexdigest()[:10]
os.environ["QINGMIAO_MODE"] = "test"
_SHARED = Path(tempfile.gettempdir()) / f"qingmiao-test-{_TREE}"
os.environ["QINGMIAO_HOME"] = str(_SHARED / os.environ.get("PYTEST_XDIST_WORKER", "alone"))
os.environ.pop("DATABASE_URL", None)

Path(os.environ["QINGMIAO_HOME"], "static").mkdir(parents=True, exist_ok=True)

from qingmiao.site.config.settings import *  # noqa: E402, F403

SERVER = _SHARED / "postgres"
"""The folder of the tests' PostgreSQL."""
DATABASES["default"]["HOST"] = str(SERVER)  # noqa: F405
