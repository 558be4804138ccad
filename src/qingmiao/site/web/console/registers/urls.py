from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.registers import changing, handing, lists, uploads, views

urlpatterns = [
    path("registers/", views.registers, name="registers.list"),
    path("registers/entries/<int:number>", views.entry, name="registers.entry"),
    path("registers/entries/<int:number>/change", changing.change, name="registers.change"),
    path("registers/entries/<int:number>/card.<str:form>", handing.card, name="registers.card"),
    path("registers/uploads/<int:number>", uploads.review, name="registers.review"),
    path("registers/uploads/<int:number>/marked", uploads.marked, name="registers.marked"),
    path("registers/<str:register>/", views.entries, name="registers.entries"),
    path("registers/<str:register>/new", changing.new, name="registers.new"),
    path("registers/<str:register>/missing", lists.missing, name="registers.missing"),
    path("registers/<str:register>/map", lists.map_page, name="registers.map"),
    path("registers/<str:register>/export.<str:form>", handing.export, name="registers.export"),
    path("registers/<str:register>/sheet.<str:form>", handing.sheet, name="registers.sheet"),
    path("registers/<str:register>/import", uploads.upload, name="registers.import"),
    path("registers/<str:register>/confirm", lists.confirm, name="registers.confirm"),
]
