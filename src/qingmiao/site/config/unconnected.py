"""Settings of what looks at models and migrations alone (`make check`): no database is asked or waited for."""

from __future__ import annotations

from qingmiao.site.config.testing import *  # noqa: F403

DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
