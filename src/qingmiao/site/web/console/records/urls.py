from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.records import (
    changing,
    charts,
    entering,
    files,
    imports,
    lists,
    mothers,
    privacy,
    sharing,
)

urlpatterns = [
    path("records/", lists.children, name="records.list"),
    path("records/work", lists.work, name="records.work"),
    path("records/new", changing.new, name="records.new"),
    path("records/pairs", sharing.pairs, name="records.pairs"),
    path("records/charges", sharing.charges, name="records.charges"),
    path("records/lists", imports.lists, name="records.lists"),
    path("records/lists/<int:number>", imports.listed, name="records.listed"),
    path("records/lists/<int:number>/repaired", imports.repaired, name="records.repaired"),
    path("records/requests", privacy.requests, name="records.requests"),
    path("records/requests/<int:number>", privacy.one, name="records.request"),
    path("records/requests/<int:number>/<str:form>", privacy.fetched, name="records.fetched"),
    path("records/glass", privacy.glass, name="records.glass"),
    path("records/past", privacy.past, name="records.past"),
    path("records/<int:number>/ask", privacy.ask, name="records.ask"),
    path("records/<int:number>/consents", privacy.consents, name="records.consents"),
    path("records/<int:number>", files.one, name="records.one"),
    path("records/<int:number>/change", changing.change, name="records.change"),
    path("records/<int:number>/looked", files.looked, name="records.looked"),
    path("records/<int:number>/growth", charts.growth, name="records.growth"),
    path("records/<int:number>/eyes", charts.eyes, name="records.eyes"),
    path("records/<int:number>/fitness", charts.fitness, name="records.fitness"),
    path("records/<int:number>/sheet", charts.sheet, name="records.sheet"),
    path("records/<int:number>/vaccines", charts.vaccines, name="records.vaccines"),
    path("records/<int:number>/add/<str:kind>", entering.add, name="records.add"),
    path("records/of/<int:number>", files.record, name="records.record"),
    path("records/of/<int:number>/correct", entering.correct, name="records.correct"),
    path("mothers/", mothers.listed, name="mothers.list"),
    path("mothers/new", mothers.new, name="mothers.new"),
    path("mothers/<int:number>", mothers.one, name="mothers.one"),
    path("mothers/<int:number>/change", mothers.change, name="mothers.change"),
    path("mothers/<int:number>/add/<str:kind>", entering.add_of_mother, name="mothers.add"),
]
