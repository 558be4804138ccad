from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.search import views

urlpatterns = [path("search", views.search, name="search.page")]
