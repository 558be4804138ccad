"""Collected only by ``make test-spark`` (QINGMIAO_RUNNER=spark): needs Java and the spark extra."""

from __future__ import annotations

import os
import sys
from pathlib import Path

collect_ignore_glob = [] if os.environ.get("QINGMIAO_RUNNER") == "spark" else ["test_*.py"]
sys.path.append(str(Path(__file__).parents[1] / "generative"))
