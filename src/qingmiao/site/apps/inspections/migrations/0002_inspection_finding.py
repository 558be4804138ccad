from django.db import migrations


class Migration(migrations.Migration):
    """The model gets a name that only it has; its table stays."""

    dependencies = [("inspections", "0001_start")]
    operations = [
        migrations.AlterModelTable("Finding", "inspections_finding"),
        migrations.RenameModel("Finding", "InspectionFinding"),
    ]
