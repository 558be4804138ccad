from __future__ import annotations

from django.apps import AppConfig


class Monitoring(AppConfig):
    name = "qingmiao.site.apps.monitoring"
    label = "monitoring"
    verbose_name = "监测"
