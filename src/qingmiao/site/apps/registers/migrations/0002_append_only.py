"""The versions of entries are append only: the database refuses to change or delete one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION registers_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the versions of entries are append only'; END $$;
CREATE TRIGGER registers_version_kept BEFORE UPDATE OR DELETE ON registers_version
    FOR EACH ROW EXECUTE FUNCTION registers_kept();
"""
BACKWARD = """
DROP TRIGGER registers_version_kept ON registers_version;
DROP FUNCTION registers_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
