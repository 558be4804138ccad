from __future__ import annotations

from django.apps import AppConfig


class Cases(AppConfig):
    name = "qingmiao.site.apps.cases"
    label = "cases"
    verbose_name = "个案"

    def ready(self) -> None:
        from qingmiao.site.apps.cases import doors, hearing, keeping, shelves  # noqa: F401
