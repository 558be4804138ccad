"""What hangs on an entry that is to be closed: entries that belong to it, open findings, children enrolled, cases."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from qingmiao.site.apps.cases import api as cases
from qingmiao.site.apps.inspections import api as inspections
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.registers import books
from qingmiao.site.apps.registers.models import LIVE, RegisterEntry


@dataclass(frozen=True)
class Hanging:
    """One kind of things that hang on an entry, and how many."""

    label: str
    count: int
    register: str = ""
    """The register whose entries they are; "" for things of other apps."""


def of(entry: RegisterEntry) -> tuple[Hanging, ...]:
    """What hangs on an entry: of each kind that there is anything of."""
    rows = entry.holds.filter(state__in=LIVE).values("register").annotate(many=Count("pk")).order_by("register")
    every = books.every()
    found = [Hanging(every[r["register"]].label.zh, r["many"], r["register"]) for r in rows if r["register"] in every]
    unit = str(entry.answers.get("unit") or "")
    found.append(Hanging("督导检查没有整改的问题", inspections.findings_left(entry.name, entry.area)))
    if unit:
        found += [
            Hanging("在园（在校）儿童", records.attending(unit)), Hanging("没有结束的个案", cases.open_of_unit(unit)),
        ]  # fmt: skip
    return tuple(h for h in found if h.count)
