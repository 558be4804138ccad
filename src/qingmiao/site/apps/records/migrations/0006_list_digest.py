from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0005_lists")]

    operations = [migrations.RenameField(model_name="childlist", old_name="sha256", new_name="file_digest")]
