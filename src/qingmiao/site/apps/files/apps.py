from __future__ import annotations

from django.apps import AppConfig


class KeptFiles(AppConfig):
    name = "qingmiao.site.apps.files"
    label = "files"
    verbose_name = "文件"
