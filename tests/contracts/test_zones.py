"""The machine's time zone changes nothing: one child process a zone, equal outputs to the last byte; nobody asks the
local clock."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qingmiao.kernel.days import CHINA
from zones import AHEAD, PURE

ROOT = Path(__file__).parents[2]
ZONES = ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati")
CHILD = Path(__file__).with_name("zone_child.py")

LOCAL_CLOCK = {
    "date.today", "datetime.today", "datetime.utcnow", "datetime.utcfromtimestamp", "time.localtime", "time.strftime",
    "time.ctime", "time.mktime", "datetime.date.today", "datetime.datetime.today", "datetime.datetime.utcnow",
}  # fmt: skip
NEEDS_ZONE = {
    "datetime.now": 1,
    "datetime.fromtimestamp": 2,
    "datetime.datetime.now": 1,
    "datetime.datetime.fromtimestamp": 2,
}
"""Calls that take the machine's zone unless a zone is their argument at this place."""


def calls_of_the_local_clock(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        zoned = len(node.args) >= NEEDS_ZONE.get(name, 0) or any(k.arg in ("tz", "tzinfo") for k in node.keywords)
        if name in LOCAL_CLOCK or not zoned or (name.endswith(".astimezone") and not node.args):
            yield node.lineno, name


def test_nobody_asks_the_local_clock() -> None:
    files = sorted((ROOT / "src").rglob("*.py"))
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in files
        for line, name in calls_of_the_local_clock(path.read_text("utf-8"))
    ]
    assert found == [], "use qingmiao.kernel.days.china_today or china_now"


@pytest.mark.parametrize(
    "text",
    [
        "date.today()",
        "datetime.now()",
        "datetime.now().astimezone()",
        "time.localtime()",
        "datetime.fromtimestamp(0)",
    ],
)
def test_a_call_of_the_local_clock_is_seen(text: str) -> None:
    assert list(calls_of_the_local_clock(text))
    assert not list(calls_of_the_local_clock("datetime.now(UTC); datetime.fromtimestamp(0, UTC); x.astimezone(CHINA)"))


def test_the_tests_without_a_site_run_ahead_of_china_and_behind_it() -> None:
    """`make test` runs them in the one zone, `make test-zones` in the other: a day that the machine's zone shifts is
    another day in one of them."""
    ahead, behind, *more = zones_of_the_suite()
    assert more == []
    noon = datetime(2026, 11, 27, 12, tzinfo=CHINA)
    days = [noon.replace(hour=hour).astimezone(ZoneInfo(zone)).date() for zone, hour in ((ahead, 23), (behind, 1))]
    assert days == [noon.date() + timedelta(days=1), noon.date() - timedelta(days=1)]
    folders = re.search(r"loadfile (tests/.*)", (ROOT / "Makefile").read_text("utf-8"))
    assert folders is not None
    assert tuple(folders[1].replace("tests/", "").split()) == PURE
    others = {p.name for p in (ROOT / "tests").iterdir() if p.is_dir() and any(p.rglob("test_*.py"))} - set(PURE)
    assert others == {"contracts", "generative", "spark", "website"}


def zones_of_the_suite() -> tuple[str, ...]:
    return (AHEAD, *re.findall(r"QINGMIAO_TEST_ZONE=(\S+)", (ROOT / "Makefile").read_text("utf-8")))


CONNECTING = {"src/qingmiao/measure/engine.py", "src/qingmiao/identity/linking/database.py"}
"""Who starts DuckDB: measuring one for the process, linking (which may not import measuring) one for each job."""


def test_every_connection_has_chinas_clock() -> None:
    """A DuckDB connection made elsewhere takes the machine's zone."""
    found = {
        str(path.relative_to(ROOT)): text
        for path in sorted((ROOT / "src").rglob("*.py"))
        if "duckdb.connect(" in (text := path.read_text("utf-8"))
    }
    assert set(found) == CONNECTING
    assert all("SET TimeZone = '{CHINA_ZONE}'" in text for text in found.values())


def test_equal_outputs_in_every_zone(tmp_path: Path) -> None:
    found = {}
    for zone in ZONES:
        folder = tmp_path / "work"  # one and the same path: a run records where its files were
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, str(CHILD), str(folder)],
            env={**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found[zone] = done.stdout
        shutil.rmtree(folder)
    first = found[ZONES[0]]
    for line in ("vision u 6", "vision t 6", "report day 2026-11-27", "measured 2024 4", "run "):
        assert line in first, first
    assert found == dict.fromkeys(ZONES, first)
