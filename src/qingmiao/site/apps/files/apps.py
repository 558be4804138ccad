from __future__ import annotations

from django.apps import AppConfig


class Files(AppConfig):
    name = "qingmiao.site.apps.files"
    label = "files"
    verbose_name = "文件"
