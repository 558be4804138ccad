"""A new run is told to every server (`site.changes`)."""

from django.db import migrations

from qingmiao.site.triggers import telling


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_taken")]
    operations = [telling("monitoring", {"monitoring_run": "INSERT OR UPDATE OR DELETE"})]
