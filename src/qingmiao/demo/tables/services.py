"""Services by year: health facilities, nurseries, staff."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qingmiao.demo.drafts import Array, Coded, Draft, NumberedIds
from qingmiao.demo.tables.common import recorded, truths, year_end
from qingmiao.demo.tables.units import flags_of, named
from qingmiao.demo.world import World


def health_facilities(world: World) -> Iterator[Draft]:
    """One row a facility and year: the scenario's list for the county town, and one township hospital each."""
    kinds, towns = [], []
    for kind, count in world.scenario.group("facilities.town").items():
        kinds += [str(kind)] * int(count)
        towns += [world.places.seat] * int(count)
    kinds += [world.scenario.text("facilities.township_kind")] * len(world.places.codes)
    towns += list(range(len(world.places.codes)))
    township, unit = np.array(towns), np.arange(len(towns))
    code_list = tuple(dict.fromkeys(kinds))
    names = named([f"{world.places.names[t]}医疗卫生机构{n + 1}号" for n, t in enumerate(towns)])
    small = np.array([k == world.scenario.text("facilities.township_kind") for k in kinds])
    for year in world.scenario.years:
        rng = world.streams.rng("health_facilities", year)
        count = len(unit)

        def doctors(what: str, year: int = year, rng: np.random.Generator = rng, count: int = count) -> Array:
            mean = np.where(
                small,
                world.scenario.level(f"facilities.{what}.township", year),
                world.scenario.level(f"facilities.{what}.town", year),
            )
            steady = world.streams.rng(f"health_facilities:{what}").random(count)
            got: Array = np.floor(mean + steady).astype(np.int64)
            return got

        yield {
            "facility_id": NumberedIds("演示-H", unit + 1, 4),
            "year": np.full(count, year),
            "area_code": world.places.coded(township),
            "name": names,
            "kind": Coded(np.array([code_list.index(k) for k in kinds]), code_list),
            "general_practitioners": doctors("general_practitioners"),
            "paediatricians": doctors("paediatricians"),
            "child_health_doctors": doctors("child_health_doctors"),
            "paediatric_beds": doctors("paediatric_beds"),
            "newborn_centre": truths((unit == 0) & (year >= world.scenario.number("facilities.newborn_centre_from"))),
            **flags_of(
                world,
                "facilities",
                ("adolescent_health", "mental_health", "early_development", "pregnancy_school"),
                unit,
                year,
            ),
            "recorded_at": recorded(world, township, np.full(count, year_end(year)), rng),
        }


def nurseries(world: World) -> Iterator[Draft]:
    """One row a nursery and year: more of them every year, the county town first."""
    order = np.argsort(-world.places.weights, kind="stable")
    for year in world.scenario.years:
        rng = world.streams.rng("nurseries", year)
        count = round(world.scenario.level("nurseries.count", year))
        unit = np.arange(count)
        township = np.where(unit % 2 == 0, world.places.seat, order[(unit // 2) % len(order)])
        places = np.rint(
            world.scenario.level("nurseries.places", year)
            * world.scale
            / max(1, count)
            * (0.7 + 0.6 * world.streams.rng("nurseries:size").random(500)[unit % 500])
        )
        yield {
            "nursery_id": NumberedIds("演示-N", unit + 1, 4),
            "year": np.full(count, year),
            "area_code": world.places.coded(township),
            "name": named([f"{world.places.names[t]}托育点{n + 1}号" for n, t in enumerate(township)]),
            "inclusive": truths(
                world.streams.rng("nurseries:inclusive").random(500)[unit % 500]
                < world.scenario.level("nurseries.inclusive", year) / 100
            ),
            "places": places,
            "children": rng.binomial(places.astype(np.int64), world.scenario.level("nurseries.used", year) / 100),
            "filed": truths(rng.random(count) < 0.9),
            "in_kindergarten": truths(unit % 3 != 0),
            "recorded_at": recorded(world, township, np.full(count, year_end(year)), rng),
        }


def staff(world: World) -> Iterator[Draft]:
    """One row a person and year, by role; each role has so many in every township and so many in the county town."""
    roles = world.scenario.names("staff.roles")
    for year in world.scenario.years:
        rng = world.streams.rng("staff", year)
        role_of: list[int] = []
        township: list[int] = []
        for r, role in enumerate(roles):
            per = round(world.scenario.level(f"staff.roles.{role}.township", year))
            extra = round(world.scenario.level(f"staff.roles.{role}.town", year))
            for t in range(len(world.places.codes)):
                number = per + (extra if t == world.places.seat else 0)
                role_of += [r] * number
                township += [t] * number
        area, code = np.array(township), np.array(role_of)
        count = len(area)
        # a person's number: role, then place in the role, so that it stays the same when another role grows
        within = np.arange(count) - np.searchsorted(code, code)
        yield {
            "staff_id": NumberedIds("演示-R", (code + 1) * 10_000 + within, 6),
            "year": np.full(count, year),
            "area_code": world.places.coded(area),
            "role": Coded(code.astype(np.int16), tuple(roles)),
            "full_time": truths(rng.random(count) < 0.6),
            "trained": truths(rng.random(count) < world.scenario.level("staff.trained", year) / 100),
            "checked": truths(rng.random(count) < world.scenario.level("staff.checked", year) / 100),
            "recorded_at": recorded(world, area, np.full(count, year_end(year)), rng),
        }
