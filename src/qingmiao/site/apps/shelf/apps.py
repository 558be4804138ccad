from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PublicShelf(AppConfig):
    name = "qingmiao.site.apps.shelf"
    label = "shelf"
    verbose_name = "公开架"

    def ready(self) -> None:
        """The portal's role is there whenever the tables are."""
        from qingmiao.site.apps.shelf.grants import after_migrating

        post_migrate.connect(after_migrating, sender=self)
