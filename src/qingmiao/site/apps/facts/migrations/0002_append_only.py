"""The database refuses to change or delete what was published.

A publication may only be set aside by a later version.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION facts_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'facts are append only'; END $$;
CREATE TRIGGER facts_batch_no_change BEFORE UPDATE OR DELETE ON facts_batch
    FOR EACH ROW EXECUTE FUNCTION facts_refuse();
CREATE TRIGGER facts_publication_no_delete BEFORE DELETE ON facts_publication
    FOR EACH ROW EXECUTE FUNCTION facts_refuse();
CREATE TRIGGER facts_publication_no_change BEFORE UPDATE ON facts_publication FOR EACH ROW
    WHEN ((OLD.id, OLD."table", OLD.source, OLD.version, OLD.rows, OLD.at)
        IS DISTINCT FROM (NEW.id, NEW."table", NEW.source, NEW.version, NEW.rows, NEW.at))
    EXECUTE FUNCTION facts_refuse();
"""
BACKWARD = """
DROP TRIGGER facts_batch_no_change ON facts_batch;
DROP TRIGGER facts_publication_no_delete ON facts_publication;
DROP TRIGGER facts_publication_no_change ON facts_publication;
DROP FUNCTION facts_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("facts", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
