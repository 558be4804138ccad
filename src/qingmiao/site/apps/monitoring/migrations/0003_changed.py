"""A new run is told to every server (`site.changes`)."""

from django.db import migrations

TABLES = {"monitoring_run": "INSERT OR UPDATE OR DELETE"}
NOTIFY = """
CREATE OR REPLACE FUNCTION monitoring_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NOTIFY qingmiao_changes; RETURN NULL; END $$;
"""
TRIGGER = """
CREATE TRIGGER {table}_changed AFTER {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION monitoring_changed();
"""
FORWARD = NOTIFY + "".join(TRIGGER.format(table=t, events=e) for t, e in TABLES.items())
BACKWARD = "".join(f"DROP TRIGGER {t}_changed ON {t};" for t in TABLES) + "DROP FUNCTION monitoring_changed();"


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_taken")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
