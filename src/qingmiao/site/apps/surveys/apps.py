from __future__ import annotations

from django.apps import AppConfig


class Surveys(AppConfig):
    name = "qingmiao.site.apps.surveys"
    label = "surveys"
    verbose_name = "问卷调查"

    def ready(self) -> None:
        from qingmiao.site.apps.surveys import doors, publishing  # noqa: F401
