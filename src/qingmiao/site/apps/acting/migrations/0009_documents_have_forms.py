"""Documents hold the form of their kind; a count of people kept before becomes the answer of a form of its own."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

COUNTED = {
    "form": {
        "id": "record.people", "version": 1, "label": {"zh": "人数", "en": "People"}, "purpose": "record",
        "fields": [{"id": "people", "label": {"zh": "人数", "en": "People"}, "type": "integer", "required": False}],
        "source": {"document": "文书原有的“人数”一栏"},
    },
    "facts": {}, "codes": {},
}  # fmt: skip


def counted(apps: Any, schema_editor: Any) -> None:
    activities = apps.get_model("acting", "Activity").objects.exclude(people=None)
    for one in activities.order_by("pk").iterator():
        one.frozen, one.answers, one.filled_date = COUNTED, {"people": str(one.people)}, one.on_date
        one.save(update_fields=["frozen", "answers", "filled_date"])


class Migration(migrations.Migration):
    dependencies = [("acting", "0008_document_files")]
    operations = [
        migrations.AddField("activity", "frozen", models.JSONField(null=True)),
        migrations.AddField("activity", "answers", models.JSONField(default=dict)),
        migrations.AddField("activity", "explanations", models.JSONField(default=dict)),
        migrations.AddField("activity", "filled_date", models.DateField(null=True)),
        migrations.RunPython(counted, migrations.RunPython.noop),
        migrations.RemoveConstraint("activity", "activity_people"),
        migrations.RemoveField("activity", "people"),
        migrations.AddConstraint(
            "activity",
            models.CheckConstraint(
                condition=Q(frozen=None, filled_date=None) | Q(frozen__isnull=False, filled_date__isnull=False),
                name="activity_form_filled",
            ),
        ),
    ]
