from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("acting", "0004_tasks_are_their_own_app")]
    operations = [migrations.AlterField("activity", "kind", models.CharField(max_length=60))]
