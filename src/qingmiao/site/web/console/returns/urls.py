from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.returns import bulk, files, filing, opening, overview

urlpatterns = [
    path("", overview.home, name="returns.home"),
    path("calendar", overview.calendar, name="returns.calendar"),
    path("open", opening.open_year, name="returns.open"),
    path("lock", overview.lock, name="returns.lock"),
    path("bulk", bulk.bulk, name="returns.bulk"),
    path("<int:number>", filing.show, name="returns.filing"),
    path("<int:number>/cells", filing.cells, name="returns.cells"),
    path("<int:number>/move", filing.move, name="returns.move"),
    path("<int:number>/history", filing.history, name="returns.history"),
    path("<int:number>/cell/<str:code>", filing.cell, name="returns.cell"),
    path("<int:number>/template", files.template, name="returns.template"),
    path("<int:number>/upload", files.upload, name="returns.upload"),
    path("<int:number>/mapping", files.mapping, name="returns.mapping"),
    path("<int:number>/uploads/<int:upload>", files.preview, name="returns.preview"),
    path("<int:number>/uploads/<int:upload>/repaired", files.repaired, name="returns.repaired"),
]
