"""A new or changed task is told to every server (`site.changes`): its mark stands on the series of its indicator."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION tasks_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NOTIFY qingmiao_changes; RETURN NULL; END $$;
CREATE TRIGGER tasks_task_changed AFTER INSERT OR UPDATE OR DELETE ON tasks_task
FOR EACH STATEMENT EXECUTE FUNCTION tasks_changed();
"""
BACKWARD = "DROP TRIGGER tasks_task_changed ON tasks_task; DROP FUNCTION tasks_changed();"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
