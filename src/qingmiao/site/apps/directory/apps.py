from __future__ import annotations

from django.apps import AppConfig


class Directory(AppConfig):
    name = "qingmiao.site.apps.directory"
    label = "directory"
    verbose_name = "机构与人员"
