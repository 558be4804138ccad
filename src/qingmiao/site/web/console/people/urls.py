from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.people import views

urlpatterns = [
    path("", views.people, name="people.list"),
    path("new", views.new, name="people.new"),
    path("<str:username>", views.one, name="people.one"),
]
