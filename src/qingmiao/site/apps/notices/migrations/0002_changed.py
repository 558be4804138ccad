"""A change of notices is heard by every listening server (qingmiao.site.changes)."""

from django.db import migrations

from qingmiao.site.triggers import telling


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_start")]
    operations = [telling("notices", {"notices_notification": "INSERT OR DELETE OR UPDATE OF read_at"})]
