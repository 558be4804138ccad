"""An edition says in which language it is written; those made before are in Chinese."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0004_layouts")]
    operations = [
        migrations.AddField("edition", "language", models.CharField(default="zh", max_length=8)),
        migrations.RemoveConstraint("edition", "edition_number"),
        migrations.AddConstraint(
            "edition",
            models.UniqueConstraint(fields=("year", "layout", "field", "language", "number"), name="edition_number"),
        ),
    ]
