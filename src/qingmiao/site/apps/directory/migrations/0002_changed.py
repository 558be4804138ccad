"""A committed change of people, units, roles or sessions is told to every server (`site.changes`)."""

from django.db import migrations

TABLES = {
    "directory_session": "UPDATE OF ended_at, second_factor, person_id OR DELETE",
    "directory_person": "UPDATE OR DELETE",
    "directory_assignment": "INSERT OR UPDATE OR DELETE",
    "directory_organisation": "INSERT OR UPDATE OR DELETE",
}
"""A new session or person is remembered by nobody yet; `seen_at` is not remembered at all."""
NOTIFY = """
CREATE OR REPLACE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NOTIFY qingmiao_changes; RETURN NULL; END $$;
"""
TRIGGER = """
CREATE TRIGGER {table}_changed AFTER {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
"""
FORWARD = NOTIFY + "".join(TRIGGER.format(table=t, events=e) for t, e in TABLES.items())
BACKWARD = "".join(f"DROP TRIGGER {t}_changed ON {t};" for t in TABLES) + "DROP FUNCTION directory_changed();"


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
