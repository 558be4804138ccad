"""kill -9 of the real server and worker, as often as asked: python benchmarks/kills.py [KILLS=1000] [SEED=1]

The quick test (tests/website/test_kills.py) does twelve; this is the nightly run. Ends with one JSON line.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website.killing import Drill

if __name__ == "__main__":
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    drill, began = Drill(seed), time.monotonic()
    try:
        drill.start()
        outcome = drill.run(kills)
        wrong = drill.check()
    finally:
        wrong_at_end = drill.end()
    wrong = [*wrong, *wrong_at_end]
    for problem in wrong[:20]:
        print(problem, file=sys.stderr)
    line = {
        "name": "kills", "kills": kills, "seed": seed, "seconds": round(time.monotonic() - began, 1),
        "acknowledged": dict(outcome.acknowledged),
        "unknown": dict(outcome.unknown), "measured_after_seconds": round(outcome.delay, 1),
        "lost_or_half_done": len(wrong),
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))
    raise SystemExit(bool(wrong))
