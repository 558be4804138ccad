"""What was done for children, as everybody may read it: projects, and documents that somebody agreed to publish."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from qingmiao.disclosure import tells_of_person
from qingmiao.site.apps.acting.kinds import kinds
from qingmiao.site.apps.acting.models import Activity, Project
from qingmiao.site.apps.registers.api import HeldBack

PROJECT = {"zh": "民生实事", "en": "Project for the people"}
MOST = 200
"""Pieces of news in one edition: the newest."""


def news(since: int, on: date, names: Collection[str], held: list[HeldBack]) -> list[dict[str, Any]]:
    """The news of a year and later, as of a day, the newest first. One that tells of a person (one of `names`, a
    mobile or identity number) is left out whole and added to `held`."""
    found = sorted([*_projects(since, on), *_documents(since, on)], key=lambda n: (n["date"], n["title"]), reverse=True)
    told = []
    for one in found:
        if tells_of_person(f"{one['title']}\n{one['text']}", names):
            held.append(HeldBack(one["title"], one["label"]["zh"]))
        else:
            told.append(one)
    return told[:MOST]


def _projects(since: int, on: date) -> Iterator[dict[str, Any]]:
    """Projects that were promised: the day on which one was finished, else how far it is on this day."""
    for p in Project.objects.filter(year__gte=since, year__lte=on.year).select_related("unit").order_by("pk"):
        done = p.finished_date
        yield _piece(done or on, PROJECT, p.unit.label, p.title) | {
            "percent": p.percent,
            "due": p.due_date.isoformat(),
            "finished": done is not None,
        }


def _documents(since: int, on: date) -> Iterator[dict[str, Any]]:
    for kind in kinds().values():
        if kind.public is None:
            continue
        rows = Activity.objects.filter(kind=kind.id, state=kind.public, year__gte=since, on_date__lte=on)
        for a in rows.select_related("unit").order_by("pk"):
            label = {"zh": kind.label.zh, "en": kind.label.en or ""}
            yield _piece(a.on_date, label, a.unit.label, a.title, a.text)


def _piece(day: date, label: dict[str, str], unit: str, title: str, text: str = "") -> dict[str, Any]:
    return {
        "date": day.isoformat(), "label": label, "unit": unit, "title": title, "text": text,
        "percent": None, "due": "", "finished": False,
    }  # fmt: skip
