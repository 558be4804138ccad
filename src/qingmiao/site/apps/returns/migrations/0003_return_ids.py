"""What a filing is of is called by its word: a return, not a form."""

from collections.abc import Callable
from typing import Any

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


def _renamed(old: str, new: str) -> Callable[[Any, Any], None]:
    """The mappings that units saved name their return by `new`, as before by `old`."""

    def rename(apps: Any, _editor: Any) -> None:
        for row in apps.get_model("returns", "Mapping").objects.all():
            if old in row.content:
                row.content[new] = row.content.pop(old)
                row.save(update_fields=["content"])

    return rename


def _constraint(model: str, name: str, *fields: str) -> list[Operation]:
    made = models.UniqueConstraint(fields=fields, name=name)
    return [migrations.RemoveConstraint(model, name), migrations.AddConstraint(model, made)]


class Migration(migrations.Migration):
    dependencies = [("returns", "0002_dunning")]

    operations = [
        migrations.RenameIndex("filing", new_name="filing_return_area_year", old_name="filing_form_area_year"),
        migrations.RenameField("collection", "form", "return_id"),
        migrations.RenameField("filing", "form", "return_id"),
        migrations.RenameField("filing", "form_version", "return_version"),
        migrations.RenameField("mapping", "form", "return_id"),
        # The database renames the column in its indexes and constraints by itself; Django has to be told.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("filing", "filing_return_area_year"),
                migrations.AddIndex(
                    "filing", models.Index(fields=["return_id", "area", "year"], name="filing_return_area_year")
                ),
                *_constraint("collection", "collection_once", "return_id", "year"),
                *_constraint("filing", "filing_once", "return_id", "year", "unit", "area"),
                *_constraint("mapping", "mapping_once", "unit", "return_id", "name"),
            ]
        ),
        migrations.RunPython(_renamed("form", "return"), _renamed("return", "form")),
    ]
