"""A new or changed task is told to every server (`site.changes`): its mark stands on the series of its indicator."""

from django.db import migrations

TABLES = {"acting_task": "INSERT OR UPDATE OR DELETE"}
NOTIFY = """
CREATE OR REPLACE FUNCTION acting_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NOTIFY qingmiao_changes; RETURN NULL; END $$;
"""
TRIGGER = """
CREATE TRIGGER {table}_changed AFTER {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION acting_changed();
"""
FORWARD = NOTIFY + "".join(TRIGGER.format(table=t, events=e) for t, e in TABLES.items())
BACKWARD = "".join(f"DROP TRIGGER {t}_changed ON {t};" for t in TABLES) + "DROP FUNCTION acting_changed();"


class Migration(migrations.Migration):
    dependencies = [("acting", "0002_decisions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
