from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.acting import activities, commissioned, duties, money, tasks

urlpatterns = [
    path("tasks/", tasks.tasks, name="acting.tasks"),
    path("tasks/new", tasks.new, name="acting.task_new"),
    path("tasks/<int:number>", tasks.task, name="acting.task"),
    path("evidence/<int:number>", tasks.evidence, name="acting.evidence"),
    path("documents/evidence/<int:number>", activities.evidence, name="acting.document_evidence"),
    path("duties/", duties.duties, name="acting.duties"),
    path("duties/commissioned", commissioned.commissioned, name="acting.commissioned"),
    path("duties/responsibility", duties.responsibility, name="acting.responsibility"),
    path("duties/funds", money.funds, name="acting.funds"),
    path("duties/projects", money.projects, name="acting.projects"),
    path("duties/<str:kind>/", activities.activities, name="acting.activities"),
    path("duties/<str:kind>/<int:number>", activities.activity, name="acting.activity"),
]
