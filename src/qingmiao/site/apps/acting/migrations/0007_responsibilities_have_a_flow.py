from typing import Any

from django.db import migrations, models


def confirmed(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("acting", "Responsibility").objects
    rows.filter(confirmed_by__isnull=False).update(state="confirmed")


class Migration(migrations.Migration):
    dependencies = [("acting", "0006_states_are_content")]
    operations = [
        migrations.AddField("responsibility", "state", models.CharField(default="proposed", max_length=20)),
        migrations.AddField("responsibility", "version", models.IntegerField(default=1)),
        migrations.RunPython(confirmed, migrations.RunPython.noop),
    ]
