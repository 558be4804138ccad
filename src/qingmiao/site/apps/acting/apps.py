from __future__ import annotations

from django.apps import AppConfig


class Acting(AppConfig):
    name = "qingmiao.site.apps.acting"
    label = "acting"
    verbose_name = "任务与责任"

    def ready(self) -> None:
        from qingmiao.site.apps.acting import proofs  # noqa: F401
