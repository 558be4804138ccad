"""Working days of China: the yearly notices of the State Council's General Office as a `WorkCalendar`.

Source and how far each notice was seen: ``data/calendar/SOURCES.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from qingmiao.kernel.deadlines import WorkCalendar


@cache
def china() -> WorkCalendar:
    """Rest days and worked weekend days of every published year, without school terms (a local setting)."""
    days: dict[str, set[date]] = {"rest": set(), "work": set()}
    for row in _rows("days.csv"):
        first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        days[row["kind"]] |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return WorkCalendar(
        rest=frozenset(days["rest"]),
        work=frozenset(days["work"]),
        published=frozenset(int(row["notice_year"]) for row in _rows("notices.csv")),
        fixed=tuple((int(r["since"]), int(r["month"]), int(r["day"])) for r in _rows("fixed.csv")),
    )


def notices() -> dict[int, str]:
    """For each published year the document that says so, with its number where that was seen."""
    return {
        int(row["notice_year"]): row["document"] + (f"（{row['number']}）" if row["number"] else "")
        for row in _rows("notices.csv")
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("qingmiao.standards") / "data" / "calendar" / name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())
