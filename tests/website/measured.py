"""A small measured world for the pages of monitoring: published series of two indicators and one return, all made
up."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict

from qingmiao.collect.folder import Collected, collect
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.monitoring import api, renewing
from qingmiao.site.apps.monitoring.models import Run
from website.small_county import RATES, TOWNSHIPS

_kept: dict[str, Collected] = {}
_rows: dict[str, dict[str, Any]] = {}


def data(folder: Path, *, units: int = 20, passed: int = 18) -> Path:
    """A data folder: series of infant mortality; the cold-chain return of 2022 and 2023."""
    (folder / "returns").mkdir(parents=True)
    lines = ["indicator,area,year,value,numerator,denominator,source"]
    lines += [f"health.imr,141029,{y},{v},{v * 10:.0f},10000,演示数据" for y, v in RATES.items()]
    lines += [
        f"health.imr,{t},2023,{5 + 20 * (i == 9)},{5 + 20 * (i == 9)},1000,演示数据" for i, t in enumerate(TOWNSHIPS)
    ]
    (folder / "series.csv").write_text("\n".join(lines) + "\n", "utf-8")
    cells = ["return,period,area,row,column,value"]
    for year in (2022, 2023):
        values = {"01": units, "02": passed, "03": 4, "04": 2, "05": 1}
        cells += [f"H103,{year},141029,{row},1,{v}" for row, v in values.items()]
    (folder / "returns" / "H103.csv").write_text("\n".join(cells) + "\n", "utf-8")
    return folder


def collected() -> Collected:
    """The folder, read once a test process."""
    if "first" not in _kept:
        with tempfile.TemporaryDirectory() as folder:
            _kept["first"] = collect(api.pack(), data(Path(folder) / "data"))
    return _kept["first"]


@transaction.atomic
def a_run() -> Run:
    """The run that there is, or a first one."""
    found = Run.objects.order_by("-pk").first()
    if found is not None:
        return found
    told_before = bool(facts.partitions())
    if told_before or "run" not in _rows:
        made = api.load(audit.SYSTEM, api.pack(), collected())
        if not told_before:  # what a test published itself is in no other test's run, and none of it is left unmeasured
            _rows["run"] = model_to_dict(made, exclude=["id"])
        return made
    # The same files again in a fresh database: measuring once a test process is enough.
    for name, table in collected().tables.items():
        facts.load(api.pack(), name, *facts.by_file(table))
    facts.take(facts.untaken(api.CONSUMER))
    made = Run.objects.create(**_rows["run"])
    audit.append(audit.SYSTEM, "monitoring.run", object_type="run", object_id=made.pk)
    renewing.renew_warnings(api.pack(), api.of_run(made.pk).values, made)
    return made
