"""What a run keeps is named, no longer told by its place in a list.

Which tables are read as one is kept with the files.
"""

from typing import Any

from django.db import migrations, models


def named(apps: Any, schema_editor: Any) -> None:
    """Rows of before: [form, area, year, due, received, label], [code, message, indicator, area, year, data] and
    [form, area, year, file].
    """
    for run in apps.get_model("monitoring", "Run").objects.iterator():
        run.states = [
            dict(
                zip(("form", "area", "year", "due", "received", "label"), s, strict=True),
                as_of=run.made_at.date().isoformat(),
            )
            for s in run.states
        ]
        names = ("code", "message", "indicator", "area", "year", "data")
        run.findings = [dict(zip(names, f, strict=True)) for f in run.findings]
        run.taken = [
            {"table": "return_cells", "partition": year, "source": f"{form} {area} {file}".strip(), "version": 0}
            for form, area, year, file in run.taken
        ]
        run.save(update_fields=["states", "findings", "taken"])


def listed(apps: Any, schema_editor: Any) -> None:
    """Back to lists; what was published is told without its place."""
    for run in apps.get_model("monitoring", "Run").objects.iterator():
        run.states = [[s[k] for k in ("form", "area", "year", "due", "received", "label")] for s in run.states]
        names = ("code", "message", "indicator", "area", "year", "data")
        run.findings = [[f.get(k, "") for k in names] for f in run.findings]
        run.taken = []
        run.save(update_fields=["states", "findings", "taken"])


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_changed")]
    operations = [
        migrations.AddField(model_name="run", name="crossing", field=models.JSONField(default=list)),
        migrations.RunPython(named, listed),
    ]
