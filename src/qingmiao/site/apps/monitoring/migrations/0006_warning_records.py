from django.db import migrations


class Migration(migrations.Migration):
    """The model gets a name that is no builtin's; its table stays."""

    dependencies = [("monitoring", "0005_told")]
    operations = [
        migrations.AlterModelTable("Warning", "monitoring_warning"),
        migrations.RenameModel("Warning", "WarningRecord"),
    ]
