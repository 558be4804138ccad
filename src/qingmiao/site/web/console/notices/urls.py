from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.notices import views

urlpatterns = [path("", views.inbox, name="notices.inbox")]
