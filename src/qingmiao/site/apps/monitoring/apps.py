from __future__ import annotations

from django.apps import AppConfig


class Monitoring(AppConfig):
    name = "qingmiao.site.apps.monitoring"
    label = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        """Every publication of facts wakes the measuring, every submitted return the warnings about returns, by a job
        in the transaction of whoever publishes or submits."""
        from procrastinate.contrib.django import app as jobs

        from qingmiao.site.apps.facts import api as facts
        from qingmiao.site.events import RETURN_SUBMITTED

        facts.subscribe("monitoring", jobs.configure_task("monitoring.refresh", queue="measure").defer)
        RETURN_SUBMITTED.follow(jobs.configure_task("monitoring.follow_calendar", queue="default").defer)
