"""Is the process alive; is it ready to serve (database, migrations, worker, sealing, folder, disk)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.web.ui import disk
from qingmiao.site.web.ui.access import open_page
from qingmiao.site.web.ui.calm import patience
from qingmiao.site.web.ui.trouble import RETRY

HEARTBEAT = timedelta(seconds=60)


@open_page("GET")
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"live": True})


@open_page("GET")
def ready(request: HttpRequest) -> HttpResponse:
    """All that a working site needs, each true or false; 503 when one is false.

    The database answers and takes writes, its tables are up to date, a worker lives, audit events are being sealed, the
    site's folder takes a file, its disk has room.
    """
    state = dict.fromkeys(("database", "migrations", "worker", "sealing"), False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'")
            state["database"] = bool(cursor.fetchone()[0])
            cursor.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
                [HEARTBEAT.total_seconds()],
            )
            state["worker"] = cursor.fetchone()[0] > 0
        state["sealing"] = audit.lag() <= audit.YOUNG
        executor = MigrationExecutor(connection)
        state["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        pass
    state |= {"home": disk.writable(settings.HOME), "room": disk.roomy(settings.HOME)}
    if all(state.values()):
        return JsonResponse(state)
    missing = ", ".join(name for name, there in state.items() if not there)
    answer = JsonResponse(state, status=503, headers={"Retry-After": str(RETRY)})
    return patience(answer, f"not ready: {missing}")
