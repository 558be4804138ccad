from __future__ import annotations

from django.apps import AppConfig


class Inspections(AppConfig):
    name = "qingmiao.site.apps.inspections"
    label = "inspections"
    verbose_name = "督导检查"

    def ready(self) -> None:
        from qingmiao.site.apps.inspections import doors, drawing, publishing  # noqa: F401
