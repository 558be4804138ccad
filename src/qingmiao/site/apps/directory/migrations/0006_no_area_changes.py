from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("directory", "0005_operations")]
    operations = [migrations.DeleteModel("AreaChange")]
