from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.audit import views

urlpatterns = [path("", views.trail, name="audit.trail")]
