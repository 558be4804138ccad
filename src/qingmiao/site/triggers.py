"""The triggers that tell every server of a committed change (`changes`), as a migration makes them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.migrations import RunSQL

from qingmiao.site.changes import CHANNEL


def telling(app: str, tables: Mapping[str, str]) -> RunSQL:
    """The operation that lets an app's tables tell: table → the events, as SQL says them ("INSERT OR DELETE")."""
    function = f"{app}_changed()"
    told = f"BEGIN NOTIFY {CHANNEL}; RETURN NULL; END"
    made = [f"CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$ {told} $$;"]
    made += [
        f"CREATE TRIGGER {t}_changed AFTER {events} ON {t} FOR EACH STATEMENT EXECUTE FUNCTION {function};"
        for t, events in tables.items()
    ]
    dropped = [*(f"DROP TRIGGER {t}_changed ON {t};" for t in tables), f"DROP FUNCTION {function};"]
    return RunSQL("\n".join(made), "\n".join(dropped))
