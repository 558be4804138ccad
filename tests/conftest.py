"""The site's tests share one PostgreSQL; the process that started the test run stops it.

The measuring tests also run where Django is not installed (make test-spark): nothing here may need it there.
"""

from __future__ import annotations

import os
import time
from importlib.util import find_spec

import pytest
from hypothesis import settings as hypothesis_settings

WITH_DJANGO = find_spec("pytest_django") is not None

# Time is not what these tests say: a busy machine must not fail them.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Django, when its settings load, puts the whole process on China's time: `make test-zones` takes its own zone
    back."""
    if zone := os.environ.get("QINGMIAO_TEST_ZONE"):
        os.environ["TZ"] = zone
        time.tzset()


def pytest_addoption(parser: pytest.Parser) -> None:
    if not WITH_DJANGO:
        parser.addini("DJANGO_SETTINGS_MODULE", "what pytest-django would read")


def pytest_unconfigure(config: pytest.Config) -> None:
    if WITH_DJANGO and not hasattr(config, "workerinput"):
        from django.conf import settings

        from qingmiao.site.config import postgres

        postgres.stop(settings.HOME / "postgres", mode="immediate")
