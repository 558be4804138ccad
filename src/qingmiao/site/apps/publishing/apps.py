from __future__ import annotations

from django.apps import AppConfig


class Publishing(AppConfig):
    name = "qingmiao.site.apps.publishing"
    label = "publishing"
    verbose_name = "发布"
