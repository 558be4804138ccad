from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.monitoring import behind, benchmarks, drawer, indicator, wall, warnings

urlpatterns = [
    path("plan/", wall.wall, name="monitoring.wall"),
    path("plan/benchmarks", benchmarks.benchmarks, name="monitoring.benchmarks"),
    path("plan/goals/<str:goal>", wall.goal, name="monitoring.goal"),
    path("indicators/", indicator.all_indicators, name="monitoring.indicators"),
    path("indicators/<str:indicator_id>", indicator.indicator, name="monitoring.indicator"),
    path("areas/<str:code>", indicator.area, name="monitoring.area"),
    path("lineage", drawer.lineage, name="monitoring.lineage"),
    path("lineage/recompute", drawer.recompute, name="monitoring.recompute"),
    path("rows", drawer.rows, name="monitoring.rows"),
    path("people-counted", behind.people, name="monitoring.people"),
    path("warnings/", warnings.warnings, name="monitoring.warnings"),
    path("warnings/<int:number>", warnings.warning, name="monitoring.warning"),
]
