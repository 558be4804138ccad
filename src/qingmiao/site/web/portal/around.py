"""What of a public edition is no indicator: services that a family looks for, by kind and township; news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qingmiao.site.web.portal.saying import SaidText, said
from qingmiao.site.web.portal.words import words

FIRST = 5
"""Pieces of news on the first page."""


@dataclass(frozen=True)
class ServicePlace:
    """One place. `cells`: heading and what is said there; `free`: free places in words ("" where nothing is known),
    `has_free`: whether there are any; `on`: the day from which it holds; `point`: latitude and longitude."""

    name: str
    town: str
    cells: tuple[tuple[SaidText, SaidText], ...]
    phone: str
    point: tuple[float, float] | None
    places: int | None
    free: str
    has_free: bool
    on: str


@dataclass(frozen=True)
class ServiceKind:
    """A kind of service with its places; `as_of`: the day on which they were read from the register."""

    id: str
    label: SaidText
    positioned: bool
    counts: bool
    as_of: str
    places: tuple[ServicePlace, ...]

    @property
    def towns(self) -> list[tuple[int, str, list[ServicePlace]]]:
        """(number, township, its places); what lies in no township last."""
        ordered = sorted(self.places, key=lambda p: not p.town)
        groups = [(town, list(places)) for town, places in groupby(ordered, lambda p: p.town)]
        return [(n, town, places) for n, (town, places) in enumerate(groups, 1)]


@dataclass(frozen=True)
class PieceOfNews:
    """One thing that was done: its day, what kind, who, and how far (`percent` None: nothing to say)."""

    date: str
    label: SaidText
    unit: str
    title: str
    text: str
    percent: int | None
    due: str
    finished: bool


def services_of(documents: Mapping[str, Mapping[str, Any]], language: str) -> tuple[ServiceKind, ...]:
    """The kinds of services in their order; one of which there is no place is not shown."""
    ordered = sorted(documents.values(), key=lambda d: d["order"])
    return tuple(_kind(d, language) for d in ordered if d["rows"])


def news_of(document: Mapping[str, Any] | None, language: str) -> tuple[PieceOfNews, ...]:
    """The news, the newest first."""
    return tuple(
        PieceOfNews(
            n["date"], said(n["label"], language), n["unit"], n["title"], n["text"], n["percent"], n["due"],
            n["finished"],
        )
        for n in (document or {"news": ()})["news"]
    )  # fmt: skip


def _kind(d: Mapping[str, Any], language: str) -> ServiceKind:
    columns = [said(c, language) for c in d["columns"]]
    places = tuple(_place(r, columns, language) for r in d["rows"])
    return ServiceKind(d["id"], said(d["label"], language), d["position"], d["places"], d["as_of"], places)


def _place(row: Mapping[str, Any], columns: list[SaidText], language: str) -> ServicePlace:
    cells = tuple((c, said(v, language)) for c, v in zip(columns, row["cells"], strict=True) if v is not None)
    point = None if row["point"] is None else (row["point"][0], row["point"][1])
    free = row["free"]
    return ServicePlace(
        row["name"], row["town"]["name"], cells, row["phone"], point, row["places"], _free(free, language),
        free not in (None, "none"), row["on"],
    )  # fmt: skip


def _free(free: int | str | None, language: str) -> str:
    if free is None:
        return ""
    w = words(language)
    return w[f"free_{free}"] if isinstance(free, str) else f"{w['free_at_least']} {free}"
