import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0003_roles_kept")]
    operations = [
        migrations.AddField(
            "person",
            "codes_asked_by",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.person"
            ),
        ),
        migrations.AddField("person", "codes_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("session", "waived", models.BooleanField(default=False)),
    ]
