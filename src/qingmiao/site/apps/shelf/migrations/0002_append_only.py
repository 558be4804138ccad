"""The database refuses to change or delete what was released, and tells every server of a new edition."""

from django.db import migrations

from qingmiao.site.triggers import telling

FORWARD = """
CREATE FUNCTION shelf_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what was released never changes'; END $$;
CREATE TRIGGER shelf_edition_stays BEFORE UPDATE OR DELETE ON shelf_publicedition
    FOR EACH ROW EXECUTE FUNCTION shelf_refuse();
CREATE TRIGGER shelf_item_stays BEFORE UPDATE OR DELETE ON shelf_publicitem
    FOR EACH ROW EXECUTE FUNCTION shelf_refuse();
"""
BACKWARD = """
DROP TRIGGER shelf_edition_stays ON shelf_publicedition;
DROP TRIGGER shelf_item_stays ON shelf_publicitem;
DROP FUNCTION shelf_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("shelf", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD), telling("shelf", {"shelf_publicedition": "INSERT"})]
