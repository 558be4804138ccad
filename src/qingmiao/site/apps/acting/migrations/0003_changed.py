"""A new or changed task is told to every server (`site.changes`): its mark stands on the series of its indicator."""

from django.db import migrations

from qingmiao.site.triggers import telling


class Migration(migrations.Migration):
    dependencies = [("acting", "0002_decisions")]
    operations = [telling("acting", {"acting_task": "INSERT OR UPDATE OR DELETE"})]
