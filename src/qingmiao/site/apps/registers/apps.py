from __future__ import annotations

from django.apps import AppConfig


class Registers(AppConfig):
    name = "qingmiao.site.apps.registers"
    label = "registers"
    verbose_name = "登记册"

    def ready(self) -> None:
        from qingmiao.site.apps.registers import doors, publishing, shelves  # noqa: F401
