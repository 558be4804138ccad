from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0006_list_digest")]

    operations = [
        migrations.CreateModel(
            name="RollWaiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("township", models.CharField(max_length=9)),
            ],
            options={"db_table": "records_roll_waiting"},
        ),
        migrations.CreateModel(
            name="RollKept",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("roll", models.CharField(max_length=60)),
                ("year", models.PositiveSmallIntegerField()),
                ("township", models.CharField(max_length=9)),
                ("version", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("on_date", models.DateField()),
                ("rows", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "records_roll_kept",
                "constraints": [
                    models.UniqueConstraint(fields=("roll", "year", "township"), name="roll_kept_once"),
                ],
            },
        ),
    ]
