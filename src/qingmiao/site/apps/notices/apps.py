from __future__ import annotations

from django.apps import AppConfig


class Notices(AppConfig):
    name = "qingmiao.site.apps.notices"
    label = "notices"
    verbose_name = "消息"
