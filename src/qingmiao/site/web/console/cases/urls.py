from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.cases import opening, printing, stepping, views

urlpatterns = [
    path("cases/", views.cases, name="cases.list"),
    path("cases/new", opening.choose, name="cases.choose"),
    path("cases/new/<slug:programme>", opening.begin, name="cases.open"),
    path("cases/<int:number>", views.case, name="cases.one"),
    path("cases/<int:number>/steps/<slug:step>", stepping.step, name="cases.step"),
    path("cases/<int:number>/prints/<slug:form>.<str:kind>", printing.printed, name="cases.print"),
]
