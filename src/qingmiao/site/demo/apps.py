from __future__ import annotations

from django.apps import AppConfig


class Demo(AppConfig):
    name = "qingmiao.site.demo"
    label = "demo"
    verbose_name = "演示"
