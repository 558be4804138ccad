from __future__ import annotations

from django.apps import AppConfig


class Monitoring(AppConfig):
    name = "qingmiao.site.apps.monitoring"
    label = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        """Every publication of facts wakes the measuring, by a job in the publisher's own transaction."""
        from procrastinate.contrib.django import app as jobs

        from qingmiao.site.apps.facts import api as facts

        facts.subscribe("monitoring", jobs.configure_task("monitoring.refresh", queue="measure").defer)
