"""The console's addresses; each part brings its own."""

from __future__ import annotations

from django.urls import include, path

from qingmiao.site.web.console import home
from qingmiao.site.web.console.today import views as today
from qingmiao.site.web.ui.forms.computing import compute

urlpatterns = [
    path("", home.home, name="home"),
    path("today/", today.today, name="today"),
    path("", include("qingmiao.site.web.console.leader.urls")),
    path("", include("qingmiao.site.web.console.monitoring.urls")),
    path("", include("qingmiao.site.web.console.account.urls")),
    path("returns/", include("qingmiao.site.web.console.returns.urls")),
    path("people/", include("qingmiao.site.web.console.people.urls")),
    path("notices/", include("qingmiao.site.web.console.notices.urls")),
    path("reports/", include("qingmiao.site.web.console.publishing.urls")),
    path("", include("qingmiao.site.web.console.acting.urls")),
    path("", include("qingmiao.site.web.console.surveys.urls")),
    path("forms/compute", compute, name="forms.compute"),
    path("", include("qingmiao.site.web.console.inspections.urls")),
    path("", include("qingmiao.site.web.console.registers.urls")),
    path("", include("qingmiao.site.web.console.search.urls")),
    path("", include("qingmiao.site.web.console.help.urls")),
    path("", include("qingmiao.site.web.console.records.urls")),
    path("", include("qingmiao.site.web.console.cases.urls")),
    path("", include("qingmiao.site.web.console.benefits.urls")),
    path("exchange/", include("qingmiao.site.web.console.exchange.urls")),
    path("audit/", include("qingmiao.site.web.console.audit.urls")),
]
