"""An entry as facts: one row a year, as it stood on the day of that year's numbers; published with every step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.content.check_registers import TABLE
from qingmiao.forms import fill
from qingmiao.registers.steps import COUNTED
from qingmiao.registers.yearly import as_of, counting_day, year_of, years_of
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.registers import books
from qingmiao.site.apps.registers.models import LIVE, RegisterEntry, RegisterEntryVersion

SOURCE = "register"
CENTURY = 100
"""A version of a source counts the entry's version and the year as of which it was written."""


def publish(entry: RegisterEntry, today: date) -> int:
    """Publish what is known of an entry, in place of what was; how many rows it has."""
    if entry.register not in books.every():
        return 0
    rows = list(_rows(entry, today))
    version = entry.version * CENTURY + today.year % CENTURY
    facts.publish(TABLE, None, rows, source=f"{SOURCE}:{entry.pk}", version=version, on=today)
    return len(rows)


def _rows(entry: RegisterEntry, today: date) -> Iterator[dict[str, Any]]:
    kind = books.every()[entry.register]
    versions = list(RegisterEntryVersion.objects.filter(entry=entry).order_by("version"))
    if not versions or TABLE not in site_pack.pack().facts:
        return
    ready = books.ready(entry.register)
    for year in years_of(kind, versions[0].valid_from, today):
        found = as_of(versions, counting_day(kind, year, today))
        if found is None or found.state not in COUNTED:
            continue
        values = fill(ready.form, found.answers, on=counting_day(kind, year, today)).values
        area = str(values.get("area", entry.area))
        yield {
            "entry_id": str(entry.pk), "year": year, "register": kind.id, "area_code": area,
            "kind": str(values.get("kind", "")) or None, "working": found.state == "open",
            "confirmed": (found.confirmed_year or 0) >= year, "recorded_at": today, "retracted": False,
            **{column: _plain(values.get(field)) for column, field in kind.publishes.items()},
        }  # fmt: skip


def _plain(value: Any) -> Any:
    return float(value) if value is not None and not isinstance(value, bool | str) else value


def readers(register: str) -> set[str]:
    """The registers whose minimums an entry of this one may change: its own, and those that count it."""
    every = books.every().values()
    counting = {k.id for k in every for m in k.minimums if m.counted is not None and m.counted.register_ == register}
    return {k for k in counting | {register} if books.kind(k).minimums}


def new_year() -> int:
    """Entries of which the running year was not published yet are published anew; how many (a night's work)."""
    today, made = timezone.localdate(), 0
    for kind in books.every().values():
        year = year_of(kind, today)
        said = _published(year)
        rows = RegisterEntry.objects.filter(register=kind.id, state__in=LIVE).exclude(pk__in=said)
        for number in list(rows.order_by("pk").values_list("pk", flat=True)):
            with transaction.atomic():
                entry = RegisterEntry.objects.select_for_update().get(pk=number)
                made += publish(entry, today) > 0
    return made


def _published(year: int) -> set[int]:
    table = facts.current(site_pack.pack(), TABLE, year)
    return {int(n) for n in table["entry_id"].to_pylist()}


def _label(name: str) -> str:
    found = RegisterEntry.objects.filter(pk=int(name) if name.isdigit() else 0).first()
    kind = books.every().get(found.register) if found is not None else None
    return f"{kind.label.zh}：{found.name}" if found is not None and kind is not None else f"登记册 {name}"


def _entered(name: str) -> facts.Entered:
    rows = RegisterEntry.objects.filter(pk=int(name) if name.isdigit() else 0).select_related("made_by")
    found = rows.first()
    return facts.Entered() if found is None else facts.Entered(found.unit_id, f"{found.made_by.name}登记")


facts.register(SOURCE, label=_label, address=lambda name: f"/registers/entries/{name}", entered=_entered)
