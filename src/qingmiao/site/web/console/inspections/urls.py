from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.inspections import filling, views

urlpatterns = [
    path("inspections/", views.inspections, name="inspections.list"),
    path("inspections/new", views.new, name="inspections.new"),
    path("inspections/<int:number>", views.inspection, name="inspections.one"),
    path("inspections/<int:number>/fill", filling.fill, name="inspections.fill"),
    path("inspections/<int:number>/print", views.record, name="inspections.print"),
    path("inspections/<int:number>/photos/<str:key>", views.photo, name="inspections.photo"),
]
