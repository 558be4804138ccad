from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.surveys import filling, views

urlpatterns = [
    path("surveys/", views.surveys, name="surveys.list"),
    path("surveys/new", views.new, name="surveys.new"),
    path("surveys/<int:number>", views.survey, name="surveys.one"),
    path("surveys/<int:number>/links", views.links, name="surveys.links"),
    path("surveys/<int:number>/answers", views.answers, name="surveys.answers"),
    path("surveys/<int:number>/answers/<str:receipt>", views.answer, name="surveys.answer"),
    path("surveys/<int:number>/answers/<str:receipt>/files/<str:key>", views.file, name="surveys.file"),
    path("surveys/<int:number>/export.csv", views.export, name="surveys.export"),
    path("surveys/<int:number>/fill", filling.fill, name="surveys.fill"),
    path("s/<str:token>", filling.public, name="surveys.public"),
    path("s/<str:token>/correct", filling.correct, name="surveys.correct"),
]
