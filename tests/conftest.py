"""The site's tests share one PostgreSQL; the process that started the test run stops it."""

from __future__ import annotations

import pytest
from hypothesis import settings as hypothesis_settings

# Time is not what these tests say: a busy machine must not fail them.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        from django.conf import settings

        from qingmiao.site.config import postgres

        postgres.stop(settings.HOME / "postgres", mode="immediate")
