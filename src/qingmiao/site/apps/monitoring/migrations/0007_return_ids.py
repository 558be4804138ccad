"""The states of returns in a run's row name their return by `return_id`."""

from collections.abc import Callable
from typing import Any

from django.db import migrations


def _renamed(old: str, new: str) -> Callable[[Any, Any], None]:
    def rename(apps: Any, _editor: Any) -> None:
        for run in apps.get_model("monitoring", "Run").objects.iterator():
            run.states = [{new if k == old else k: v for k, v in state.items()} for state in run.states]
            run.save(update_fields=["states"])

    return rename


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0006_warning_records")]

    operations = [migrations.RunPython(_renamed("form", "return_id"), _renamed("return_id", "form"))]
