"""What the processes that never end, and the measuring one, may load: checked in a fresh Python, so that an import
somewhere deep shows here."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = (
    "numpy",
    "pyarrow",
    "duckdb",
    "scipy",
    "pandas",
    "sqlglot",
    "pydantic",
    "docx",
    "typst",
    "vl_convert",
    "openpyxl",
)
PARENT = """
import qingmiao.cli, qingmiao.cli.site
from qingmiao.site.config import environment, postgres, supervisor, welcome
postgres.programs(); supervisor.serve; environment.read()
"""
WORKER = """
from qingmiao.site.config import process
process.set_up("working")
from qingmiao.site.apps.audit.api import Sealer
from django.core.management import load_command_class
from procrastinate.contrib.django import app
load_command_class("procrastinate.contrib.django", "procrastinate")
app.perform_import_paths()  # as a worker that starts
known = {"monitoring.refresh", "publishing.make", "returns.remind", "tasks.escalate", "audit.anchor"}
assert known | {"demo.make_reports"} <= {*app.tasks}
"""
WRITERS = ("docx", "typst", "vl_convert", "openpyxl", "xlsxwriter")
NEEDLESS = ("pandas", "scipy.stats", "narwhals", "polars")
"""Arrow would load the first where it happens to be there; the others are for what nobody gives the site."""
CHILD = """
from qingmiao.site.config import process
process.without_pandas()
process.set_up()
from qingmiao.site.apps.monitoring import api, tasks
api.pack()
"""
PAGES = "import qingmiao.site.config.asgi, qingmiao.site.config.urls\n"
PAGES += "from django.urls import get_resolver; get_resolver().url_patterns\n"


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        (PARENT, (*HEAVY, "django", "procrastinate")),
        (WORKER, HEAVY),
        (CHILD, (*WRITERS, *NEEDLESS, "jinja2")),  # pages have it by Django
        (PAGES, (*WRITERS, *NEEDLESS)),
    ],
    ids=["parent", "worker", "child", "pages"],
)
def test_a_process_loads_nothing_that_is_heavy_and_not_its_own(code, forbidden, tmp_path):
    asked = f"{code}\nimport sys; print(*(m for m in {forbidden!r} if m in sys.modules))"
    surroundings = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {
        "QINGMIAO_MODE": "test",
        "QINGMIAO_HOME": str(tmp_path),
        "PYTHONPATH": ":".join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", asked], env=surroundings, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr[-2000:]
