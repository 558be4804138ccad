"""The units that care for the children and that the pack does not list: schools and township clinics, made up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from qingmiao.demo.register.numbers import padded
from qingmiao.demo.tables.schooling import SCHOOL, STAGES, school_list
from qingmiao.demo.tables.units import school_titles
from qingmiao.demo.world import World

CLINIC = "演示-Y"


def clinic_id(township: str) -> str:
    """The id of a township's clinic."""
    return f"{CLINIC}{township}"


def register_units(world: World) -> pa.Table:
    """One row a unit: id, name, area, what it is (a stage of schools, or clinic), the pack's unit above it."""
    schools, places = school_list(world), world.places
    above = {kind: world.scenario.text(f"register.above.{kind}") for kind in ("school", "clinic")}
    word = world.scenario.text("register.clinic")
    count = len(schools.stage)
    rows = pa.table(
        {
            "unit": padded(SCHOOL, np.arange(1, count + 1), 5),
            "name": school_titles(world),
            "area": [places.codes[t] for t in schools.township],
            "kind": [STAGES[s] for s in schools.stage],
            "above": [above["school"]] * count,
        }
    )
    clinics = pa.table(
        {
            "unit": [clinic_id(c) for c in places.codes],
            "name": [f"（演示）{n}{word}" for n in places.names],
            "area": list(places.codes),
            "kind": ["clinic"] * len(places.codes),
            "above": [above["clinic"]] * len(places.codes),
        }
    )
    return pa.concat_tables([rows.cast(clinics.schema), clinics])
