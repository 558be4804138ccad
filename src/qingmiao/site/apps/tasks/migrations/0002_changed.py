"""A new or changed task is told to every server (`site.changes`): its mark stands on the series of its indicator."""

from django.db import migrations

from qingmiao.site.triggers import telling


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_start")]
    operations = [telling("tasks", {"tasks_task": "INSERT OR UPDATE OR DELETE"})]
