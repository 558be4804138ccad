from __future__ import annotations

from django.apps import AppConfig


class Console(AppConfig):
    name = "qingmiao.site.web.console"
    label = "console"
