from __future__ import annotations

from django.apps import AppConfig


class Facts(AppConfig):
    name = "qingmiao.site.apps.facts"
    label = "facts"
    verbose_name = "事实"
