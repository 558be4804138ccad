from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.cases import (
    documents,
    funnels,
    listing,
    opening,
    overview,
    printing,
    rounds,
    sealed,
    stepping,
    views,
)

urlpatterns = [
    path("cases/", views.cases, name="cases.list"),
    path("cases/overview", overview.overview, name="cases.overview"),
    path("cases/rounds/<slug:programme>", rounds.round_of, name="cases.round"),
    path("cases/rounds/<slug:programme>/<str:unit>", rounds.round_unit, name="cases.round_unit"),
    path("cases/funnels", funnels.funnels, name="cases.funnels"),
    path("cases/sealed", sealed.unsealings, name="cases.unsealings"),
    path("cases/new", opening.choose, name="cases.choose"),
    path("cases/new/<slug:programme>", opening.begin, name="cases.open"),
    path("cases/new/<slug:programme>/list", listing.listed, name="cases.listed"),
    path("cases/new/<slug:programme>/list/open", listing.opened, name="cases.listed_open"),
    path("cases/new/<slug:programme>/list.xlsx", listing.template, name="cases.list_template"),
    path("cases/<int:number>", views.case, name="cases.one"),
    path("cases/<int:number>/steps/<slug:step>", stepping.step, name="cases.step"),
    path("cases/<int:number>/documents/<str:key>", documents.document, name="cases.document"),
    path("cases/<int:number>/documents/<str:key>/look", documents.look, name="cases.look"),
    path("cases/<int:number>/prints/<slug:form>.<str:kind>", printing.printed, name="cases.print"),
]
