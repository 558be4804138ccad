from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.leader import views

urlpatterns = [path("overview/", views.overview, name="leader.overview")]
