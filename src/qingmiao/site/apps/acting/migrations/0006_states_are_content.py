from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("acting", "0005_kinds_are_content")]
    operations = [migrations.AlterField("activity", "state", models.CharField(max_length=60))]
