"""The database refuses to change or delete a released edition."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION publishing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a released report never changes'; END $$;
CREATE TRIGGER publishing_released_stays BEFORE UPDATE OR DELETE ON publishing_edition
FOR EACH ROW WHEN (OLD.state = 'released') EXECUTE FUNCTION publishing_refuse();
"""
BACKWARD = "DROP TRIGGER publishing_released_stays ON publishing_edition; DROP FUNCTION publishing_refuse();"


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
