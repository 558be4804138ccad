from __future__ import annotations

from django.apps import AppConfig


class Benefits(AppConfig):
    name = "qingmiao.site.apps.benefits"
    label = "benefits"
    verbose_name = "按月发放"

    def ready(self) -> None:
        from qingmiao.site.apps.benefits import doors, keeping  # noqa: F401
