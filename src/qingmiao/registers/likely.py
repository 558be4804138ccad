"""Which other entries may be the same thing: near on the ground, or of the same name near by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any

from qingmiao.content.registers import RegisterKind
from qingmiao.registers.keys import plain

EARTH = 6_371_009
"""Mean radius in metres (IUGG)."""
Point = tuple[float, float]
"""Latitude and longitude on WGS-84, in degrees."""


@dataclass(frozen=True)
class Neighbour:
    """An entry with what may tell that it is the same."""

    number: int
    name: str
    kind: str
    area: str
    point: Point | None


@dataclass(frozen=True)
class Likely:
    """An entry that may be the same: of the same name in the same area (`metres` None), or so near."""

    number: int
    name: str
    metres: int | None


def distance(one: Point, other: Point) -> float:
    """Metres between two points on the ground (haversine)."""
    (a, b), (c, d) = (tuple(map(radians, p)) for p in (one, other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * EARTH * asin(sqrt(half))


def point_of(value: Any) -> Point | None:
    """A position as it is stored or read, as a point; None where there is none."""
    if value is None:
        return None
    given = value if isinstance(value, Mapping) else {"latitude": value.latitude, "longitude": value.longitude}
    if given.get("latitude") is None or given.get("longitude") is None:
        return None
    return float(given["latitude"]), float(given["longitude"])


def likely_same(kind: RegisterKind, one: Neighbour, others: Iterable[Neighbour]) -> Iterator[Likely]:
    """The others of the same kind within `near` metres, and those of the same name in the same area."""
    for other in others:
        if other.number == one.number:
            continue
        if kind.near is not None and one.kind == other.kind and one.point is not None and other.point is not None:
            metres = distance(one.point, other.point)
            if metres <= kind.near:
                yield Likely(other.number, other.name, round(metres))
                continue
        if plain(one.name) == plain(other.name) and one.area == other.area:
            yield Likely(other.number, other.name, None)
