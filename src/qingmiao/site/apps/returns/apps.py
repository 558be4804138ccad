from __future__ import annotations

from django.apps import AppConfig


class Returns(AppConfig):
    name = "qingmiao.site.apps.returns"
    label = "returns"
    verbose_name = "统计报表"
