from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.publishing import views

urlpatterns = [
    path("", views.reports, name="publishing.reports"),
    path("<int:number>", views.report, name="publishing.report"),
    path("<int:number>/progress", views.progress, name="publishing.progress"),
    path("<int:number>/prose", views.prose, name="publishing.prose"),
    path("<int:number>/move", views.move, name="publishing.move"),
    path("<int:number>/files/<str:suffix>", views.download, name="publishing.download"),
]
