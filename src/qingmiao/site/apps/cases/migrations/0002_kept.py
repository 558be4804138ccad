"""The steps of a case are append only: the database refuses to change or delete one, but for a sealed column that comes
under a higher version of the keys."""

from django.db import migrations

VERSION = "get_byte({0}.values_sealed, 2) * 256 + get_byte({0}.values_sealed, 3)"
FORWARD = f"""
CREATE FUNCTION cases_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said cases_step;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.values_sealed IS NOT NULL AND NEW.values_sealed IS NOT NULL
        AND {VERSION.format("NEW")} > {VERSION.format("OLD")} THEN
        said := NEW;
        said.values_sealed := OLD.values_sealed;
        IF said IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'the steps of cases are append only';
END $$;
CREATE TRIGGER cases_step_kept BEFORE UPDATE OR DELETE ON cases_step FOR EACH ROW EXECUTE FUNCTION cases_kept();
"""
BACKWARD = """
DROP TRIGGER cases_step_kept ON cases_step;
DROP FUNCTION cases_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
