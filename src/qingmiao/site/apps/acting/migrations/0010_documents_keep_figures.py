"""Documents keep the figures of their unit's goals as they were recorded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("acting", "0009_documents_have_forms")]
    operations = [migrations.AddField("activity", "figures", models.JSONField(null=True))]
