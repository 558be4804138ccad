"""The site's tests share one PostgreSQL; the process that started the test run stops it.

The measuring tests also run where Django is not installed (make test-spark): nothing here may need it there.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import settings as hypothesis_settings

WITH_DJANGO = find_spec("pytest_django") is not None

# Time is not what these tests say: a busy machine must not fail them.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    if not WITH_DJANGO:
        parser.addini("DJANGO_SETTINGS_MODULE", "what pytest-django would read")


def pytest_unconfigure(config: pytest.Config) -> None:
    if WITH_DJANGO and not hasattr(config, "workerinput"):
        from django.conf import settings

        from qingmiao.site.config import postgres

        postgres.stop(settings.HOME / "postgres", mode="immediate")
