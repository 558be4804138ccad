"""Whether a report is printed with marks is chosen when it is handed in; those made before have them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0005_languages")]
    operations = [migrations.AddField("edition", "cited", models.BooleanField(default=True))]
