from __future__ import annotations

from django.apps import AppConfig


class Tasks(AppConfig):
    name = "qingmiao.site.apps.tasks"
    label = "tasks"
    verbose_name = "任务"
