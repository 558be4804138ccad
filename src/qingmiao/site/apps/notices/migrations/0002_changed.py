"""A change of notices is heard by every listening server (qingmiao.site.changes)."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION notices_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NOTIFY qingmiao_changes; RETURN NULL; END $$;
CREATE TRIGGER notices_notification_changed AFTER INSERT OR DELETE OR UPDATE OF read_at ON notices_notification
FOR EACH STATEMENT EXECUTE FUNCTION notices_changed();
"""
BACKWARD = "DROP TRIGGER notices_notification_changed ON notices_notification; DROP FUNCTION notices_changed();"


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
