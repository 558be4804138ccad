"""Settings of the tests: a PostgreSQL of their own under the temporary folder, shared by the test processes of one
tree."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

_TREE = hashlib.sha256(str(Path(__file__).resolve()).encode()).hexdigest()[:10]
os.environ["QINGMIAO_MODE"] = "test"
os.environ["QINGMIAO_HOME"] = str(Path(tempfile.gettempdir()) / f"qingmiao-test-{_TREE}")
os.environ.pop("DATABASE_URL", None)

Path(os.environ["QINGMIAO_HOME"], "static").mkdir(parents=True, exist_ok=True)

from qingmiao.site.config.settings import *  # noqa: E402, F403
