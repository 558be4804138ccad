"""An edition says by which layout it is made and about which field; those made before are annual reports."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0003_editors_do_not_approve")]
    operations = [
        migrations.AddField("edition", "layout", models.CharField(default="annual", max_length=80)),
        migrations.AddField("edition", "field", models.CharField(blank=True, default="", max_length=80)),
        migrations.RemoveConstraint("edition", "edition_number"),
        migrations.AddConstraint(
            "edition",
            models.UniqueConstraint(fields=("year", "layout", "field", "number"), name="edition_number"),
        ),
    ]
