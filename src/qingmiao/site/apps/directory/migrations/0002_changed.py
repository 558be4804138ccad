"""A committed change of people, units, roles or sessions is told to every server (`site.changes`)."""

from django.db import migrations

from qingmiao.site.triggers import telling

TABLES = {
    "directory_session": "UPDATE OF ended_at, second_factor, person_id OR DELETE",
    "directory_person": "UPDATE OR DELETE",
    "directory_assignment": "INSERT OR UPDATE OR DELETE",
    "directory_organisation": "INSERT OR UPDATE OR DELETE",
}
"""A new session or person is remembered by nobody yet; `seen_at` is not remembered at all."""


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_start")]
    operations = [telling("directory", TABLES)]
