"""The site's tests share one PostgreSQL; the process that started the test run stops it."""

from __future__ import annotations

import pytest


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        from django.conf import settings

        from qingmiao.site.config import postgres

        postgres.stop(settings.HOME / "postgres", mode="immediate")
