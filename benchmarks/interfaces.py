"""What other programs wait for with 50 of them at once: children read and searched under /fhir and /api/v1, against a
bare view of the same interface.

    python benchmarks/interfaces.py [CLIENTS=50] [REQUESTS=1000] [CHILDREN=5000]

The demonstration site starts with that many children; a child health doctor of the county has a token of both
interfaces. The bare view is `/api/v1/me`: token, rights and one small answer. Target: the 95th percentile of each at
most twice the bare view's, the middle of ROUNDS rounds, each against the bare view of its own round. Ends with one JSON
line, and with 1 when the target is missed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from waiting import until
from website import served
from website.killing import ROOT

SITE, CHILDREN = served.benchmark("site"), served.benchmark("children")
TARGET, ROUNDS = 2.0, 5
SCOPES = ("fhir.read", "rest.read")


def token(home: Path) -> str:
    """A key of the child health doctor for both interfaces."""
    command = [sys.executable, "-m", "qingmiao.cli", "token", "make", "child-health-doctor", "--purpose", "量速度"]
    address = f"postgresql://postgres@/qingmiao?host={home / 'postgres'}"
    around = served.surroundings(
        QINGMIAO_HOME=str(home), QINGMIAO_MODE="demo", QINGMIAO_PACK=str(ROOT / "content" / "xiangning"),
        DATABASE_URL=address,
    )  # fmt: skip
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    done = subprocess.run([*command, *scopes], check=True, cwd=ROOT, env=around, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def a_child(home: Path) -> int:
    """A child of three years or so with many records."""
    with psycopg.connect(f"postgresql://postgres@/qingmiao?host={home / 'postgres'}") as connection:
        asked = "SELECT child_id FROM records_record GROUP BY child_id ORDER BY count(*) DESC, child_id LIMIT 1"
        found: int = connection.execute(asked).fetchall()[0][0]
        return found


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of `finally`: no site is left behind
    clients, requests, children = (int(n) for n in (*sys.argv[1:], *("50", "1000", "5000")[len(sys.argv) - 1 :]))
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-interfaces-"))
    data, home = CHILDREN.made(folder / "data", children), folder / "home"
    port, log = SITE.free_port(), (folder / "log").open("w")
    site = subprocess.Popen(
        served.command(home, data, port),
        env=served.surroundings(QINGMIAO_RATE="1000"),
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    try:

        def ready() -> bool:
            assert site.poll() is None, (folder / "log").read_text("utf-8")[-2000:]
            return bool(SITE.answers(port, "/health/ready"))

        until(ready, told=lambda: "the site did not start")
        key, number = f"Bearer {token(home)}", a_child(home)
        asked = {
            "bare": "/api/v1/me", "rest_file": f"/api/v1/children/{number}", "rest_list": "/api/v1/children?size=50",
            "fhir_patient": f"/fhir/Patient/{number}", "fhir_search": f"/fhir/Observation?patient={number}&_count=50",
        }  # fmt: skip

        def measured(path: str, count: int) -> float:
            found = SITE.measure(port, path, key, clients, count, head="Authorization")
            return float(found["p95"])

        for path in asked.values():
            measured(path, clients)  # warm
        rounds = [{name: measured(path, requests) for name, path in asked.items()} for _ in range(ROUNDS)]
    finally:
        site.send_signal(signal.SIGTERM)
        site.wait(60)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)
    middle = ROUNDS // 2
    ratios = {name: sorted(round(r[name] / r["bare"], 2) for r in rounds)[middle] for name in asked if name != "bare"}
    missed = [name for name, ratio in ratios.items() if ratio > TARGET]
    line = {
        "name": "interfaces", "clients": clients, "requests": requests, "children": children,
        "p95_s": {name: sorted(round(r[name], 4) for r in rounds)[middle] for name in asked}, "ratios": ratios,
        "target": TARGET, "missed": missed, "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
