from django.db import migrations


class Migration(migrations.Migration):
    """A file of a document is called so: evidence belongs to tasks. Its table stays."""

    dependencies = [("acting", "0007_responsibilities_have_a_flow")]
    operations = [
        migrations.AlterModelTable("Evidence", "acting_evidence"),
        migrations.RenameModel("Evidence", "DocumentFile"),
    ]
