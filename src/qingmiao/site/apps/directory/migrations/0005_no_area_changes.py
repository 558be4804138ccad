from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("directory", "0004_second_factor")]
    operations = [migrations.DeleteModel("AreaChange")]
