"""Is the process alive; is it ready to serve (database, migrations, worker)."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from qingmiao.site.web.ui.access import open_page

HEARTBEAT = timedelta(seconds=60)


@open_page("GET")
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"live": True})


@open_page("GET")
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, its tables are up to date, a worker lives; 503 says which is not so."""
    state = {"database": False, "migrations": False, "worker": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            state["database"] = True
            cursor.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
                [HEARTBEAT.total_seconds()],
            )
            state["worker"] = cursor.fetchone()[0] > 0
        executor = MigrationExecutor(connection)
        state["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        pass
    return JsonResponse(state, status=200 if all(state.values()) else 503)
