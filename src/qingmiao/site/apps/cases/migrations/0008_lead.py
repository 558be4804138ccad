from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="casestep",
            name="lead",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
