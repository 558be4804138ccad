from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.inspections import drawing, filling, sharing, views

urlpatterns = [
    path("inspections/", views.inspections, name="inspections.list"),
    path("inspections/new", views.new, name="inspections.new"),
    path("inspections/week", sharing.week, name="inspections.week"),
    path("inspections/standing", sharing.standing, name="inspections.standing"),
    path("inspections/items/<str:checklist>", sharing.items, name="inspections.items"),
    path("inspections/results", sharing.results, name="inspections.results"),
    path("inspections/results.<str:form>", sharing.results, name="inspections.results_file"),
    path("inspections/draws", drawing.draws, name="inspections.draws"),
    path("inspections/draws/<int:number>", drawing.draw, name="inspections.draw"),
    path("inspections/draws/<int:number>/record", drawing.record, name="inspections.draw_record"),
    path("inspections/<int:number>/papers/<str:kind>.<str:form>", views.paper, name="inspections.paper"),
    path("inspections/<int:number>", views.inspection, name="inspections.one"),
    path("inspections/<int:number>/fill", filling.fill, name="inspections.fill"),
    path("inspections/<int:number>/print", views.record, name="inspections.print"),
    path("inspections/<int:number>/photos/<str:key>", views.photo, name="inspections.photo"),
]
