"""The made-up schools and clinics of the register as units of the site, for pupils and files to belong to."""

from __future__ import annotations

import pyarrow as pa

from qingmiao.demo.register.units import clinic_id
from qingmiao.site.apps.directory.models import Area, Organisation

SORTS = {"kindergarten": "kindergarten", "clinic": "clinic"}
"""What the register calls a unit → its kind; the rest are stages of schools."""


def make_units(units: pa.Table) -> None:
    """Every unit of the register that is not there yet, below the unit of the pack that the register names."""
    known = dict(Organisation.objects.values_list("pk", "path"))
    areas = set(Area.objects.values_list("pk", flat=True))
    Organisation.objects.bulk_create(
        Organisation(
            id=u["unit"], label=u["name"], short=u["name"], kind=SORTS.get(u["kind"], "school"), area_id=u["area"],
            parent_id=u["above"], path=f"{known[u['above']]}{u['unit']}/",
        )
        for u in units.to_pylist()
        if u["unit"] not in known and u["above"] in known and u["area"] in areas
    )  # fmt: skip


def clinics(units: pa.Table) -> dict[str, str]:
    """Township → the id of its clinic."""
    return {u["area"]: u["unit"] for u in units.to_pylist() if u["unit"] == clinic_id(u["area"])}
