"""A run tells which returns it took; what it measures no longer hangs on who asked for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_start")]

    operations = [
        migrations.RemoveConstraint(model_name="run", name="run_once_per_version"),
        migrations.RemoveField(model_name="run", name="filing"),
        migrations.RemoveField(model_name="run", name="filing_version"),
        migrations.AddField(model_name="run", name="taken", field=models.JSONField(default=list)),
    ]
