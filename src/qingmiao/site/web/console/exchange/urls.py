from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.exchange import views

urlpatterns = [
    path("", views.home, name="exchange.home"),
    path("figures", views.figures, name="exchange.figures"),
]
