from __future__ import annotations

from django.apps import AppConfig


class Audit(AppConfig):
    name = "qingmiao.site.apps.audit"
    label = "audit"
    verbose_name = "审计"
