"""The site's tests share one PostgreSQL; the process that started the test run stops it.

The measuring tests also run where Django is not installed (make test-spark): nothing here may need it there.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from zones import AHEAD, PURE

WITH_DJANGO = find_spec("pytest_django") is not None

# Time is not what these tests say: a busy machine must not fail them.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Django, when its settings load, puts the whole process on China's time: tests without a site leave it."""
    if item.path.relative_to(Path(__file__).parent).parts[0] not in PURE:
        return (yield)
    china = os.environ.get("TZ")
    on_time_of(os.environ.get("QINGMIAO_TEST_ZONE", AHEAD))
    try:
        return (yield)
    finally:
        on_time_of(china)


def on_time_of(zone: str | None) -> None:
    """The whole process and its children are in a zone; None: in the machine's."""
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    time.tzset()


LONG = (
    "test_kills", "test_fuzz", "test_posts", "test_steps", "test_every_page", "test_year", "test_links", "test_days",
    "test_casework_matrix", "test_case_days", "test_case_days_help", "test_evaluation_days",
    "test_permissions", "test_browser_agrees", "test_rest_fuzz", "test_exchange_live",
)  # fmt: skip
"""Drills, matrices of everything × everybody and whole walks through a browser: `make test-long`, the longest first."""
LONGEST_FIRST = (*LONG, "test_grid", "test_fill", "test_reports_by_layout")
"""Files of few and long tests, the longest first: begun last, one of them would run while the other process has
nothing left to do."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what is long. `make test` gives whole files to whichever process is free, in this order: long ones, then
    those of many tests."""
    for item in items:
        if item.path.stem in LONG:
            item.add_marker("long")
    if not hasattr(config, "workerinput"):
        return
    files = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        name = item.path.stem
        return (LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST), -files[item.path])

    items.sort(key=place)  # stable: a file's own order stays


def pytest_addoption(parser: pytest.Parser) -> None:
    if not WITH_DJANGO:
        parser.addini("DJANGO_SETTINGS_MODULE", "what pytest-django would read")


def pytest_unconfigure(config: pytest.Config) -> None:
    if WITH_DJANGO and not hasattr(config, "workerinput"):
        from django.conf import settings

        from qingmiao.site.config import postgres

        postgres.stop(settings.SERVER, mode="immediate")
