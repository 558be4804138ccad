"""What a file once said may come under a newer key, and stays otherwise as it is: the database lets a sealed column of
a version be replaced by one of a higher version of the keys, and refuses every other change."""

from django.db import migrations

SEALED = ("number_sealed", "certificate_sealed")


def newer(column: str) -> str:
    """SQL: a sealed column stays, or is sealed under a higher version of the keys (bytes 2 and 3 of the value)."""
    version = "get_byte({0}.{1}, 2) * 256 + get_byte({0}.{1}, 3)"
    new, old = version.format("NEW", column), version.format("OLD", column)
    return (
        f"(NEW.{column} IS NOT DISTINCT FROM OLD.{column} OR (OLD.{column} IS NOT NULL AND NEW.{column} IS NOT NULL"
        f" AND {new} > {old}))"
    )


SAME = " AND ".join(newer(c) for c in SEALED)
BLANK = " ".join(f"NEW.{c} := OLD.{c};" for c in SEALED)
FORWARD = f"""
CREATE FUNCTION records_rekeyed_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept records_child_version;
BEGIN
    IF TG_OP = 'UPDATE' AND {SAME} THEN
        kept := NEW;
        {BLANK}
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN kept; END IF;
    END IF;
    RAISE EXCEPTION 'files of children are append only';
END $$;
DROP TRIGGER records_child_version_kept ON records_child_version;
CREATE TRIGGER records_child_version_kept BEFORE UPDATE OR DELETE ON records_child_version
    FOR EACH ROW EXECUTE FUNCTION records_rekeyed_only();
"""
BACKWARD = """
DROP TRIGGER records_child_version_kept ON records_child_version;
CREATE TRIGGER records_child_version_kept BEFORE UPDATE OR DELETE ON records_child_version
    FOR EACH ROW EXECUTE FUNCTION records_refuse();
DROP FUNCTION records_rekeyed_only();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0007_rolls")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
