"""The database refuses an approver who edited the prose (editors is a list of people's numbers)."""

from django.db import migrations

FORWARD = """
ALTER TABLE publishing_edition ADD CONSTRAINT edition_editors_do_not_approve
CHECK (approved_by_id IS NULL OR NOT editors @> to_jsonb(approved_by_id));
"""
BACKWARD = "ALTER TABLE publishing_edition DROP CONSTRAINT edition_editors_do_not_approve;"


class Migration(migrations.Migration):
    dependencies = [("publishing", "0002_released_stays")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
