"""The database refuses to change or delete what a file once said, and to delete a child, a record or a stay."""

from django.db import migrations

KEPT = ("records_child_version", "records_record_version", "records_form_kept", "records_glass")
STAYING = (
    "records_child",
    "records_record",
    "records_stay",
    "records_relation",
    "records_attendance",
    "records_relative",
)

FORWARD = """
CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'files of children are append only'; END $$;
""" + "\n".join(
    [
        f"CREATE TRIGGER {t}_kept BEFORE UPDATE OR DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION records_refuse();"
        for t in KEPT
    ]
    + [
        f"CREATE TRIGGER {t}_stays BEFORE DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION records_refuse();"
        for t in STAYING
    ]
)
BACKWARD = "\n".join(
    [f"DROP TRIGGER {t}_kept ON {t};" for t in KEPT]
    + [f"DROP TRIGGER {t}_stays ON {t};" for t in STAYING]
    + ["DROP FUNCTION records_refuse();"]
)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_start")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
