from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.benefits import views

urlpatterns = [
    path("benefits/", views.runs, name="benefits.list"),
    path("benefits/<int:number>", views.run, name="benefits.one"),
    path("benefits/<int:number>/file/<str:layout>", views.bank_file, name="benefits.file"),
]
