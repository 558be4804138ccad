"""The WSGI application that granian serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from qingmiao.site.config.process import without_pandas

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingmiao.site.config.settings")
without_pandas()
application = get_wsgi_application()

from qingmiao.site.changes import CHANGES  # noqa: E402 - needs the settings

CHANGES.listen()
