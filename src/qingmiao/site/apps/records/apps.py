from __future__ import annotations

from django.apps import AppConfig


class ChildrenFiles(AppConfig):
    name = "qingmiao.site.apps.records"
    label = "records"
    verbose_name = "儿童档案"

    def ready(self) -> None:
        from qingmiao.site.apps.records import doors, event_models, lists, publishing, recording  # noqa: F401
        from qingmiao.site.apps.records.mothers import doors as mothers  # noqa: F401
        from qingmiao.site.apps.records.privacy import doors as privacy  # noqa: F401
        from qingmiao.site.apps.records.rolls import publishing as rolls  # noqa: F401
