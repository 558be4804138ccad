"""Minimums: what is missing where, worked out from the entries in force; published by the worker, a year at a time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from qingmiao.content.check_registers import MINIMUMS
from qingmiao.content.registers import RegisterKind
from qingmiao.forms import fill
from qingmiao.kernel.areas import AreaLevel
from qingmiao.registers.minimums import EntryAtHand, MinimumVerdict, verdicts
from qingmiao.registers.yearly import year_of
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.registers import books
from qingmiao.site.apps.registers.models import MinimumsKept, RegisterEntry, RegisterExcuse, RegisterWaiting

SOURCE = "register_minimums"
LOCK = 7_301_022
"""The advisory lock under which minimums are published, one register after the other."""


@dataclass(frozen=True)
class VerdictHere:
    """A verdict with the entry's name and what it was excused by."""

    verdict: MinimumVerdict
    name: str
    kind: str
    excuse: str


def here(kind: RegisterKind) -> list[VerdictHere]:
    """Every minimum of a register as its entries stand today."""
    pack, today = site_pack.pack(), timezone.localdate()
    root = pack.root_area.code if pack.root_area is not None else ""
    held: dict[str, list[EntryAtHand]] = {}

    def of(register: str) -> list[EntryAtHand]:
        if register not in held:
            held[register] = list(_at_hand(register, today)) if register in books.every() else []
        return held[register]

    townships = tuple(a.code for a in pack.area_tree.under(root, AreaLevel.TOWNSHIP)) if root else ()
    found = list(
        verdicts(kind, of(kind.id), of, townships=townships, county=root, local=pack.policy.minimums)
    )  # fmt: skip
    names = dict(RegisterEntry.objects.filter(register=kind.id, state="open").values_list("pk", "name"))
    kinds = {e.number: e.kind for e in of(kind.id)}
    excuses = {
        (x.entry_id, x.minimum): x.reason
        for x in RegisterExcuse.objects.filter(entry__register=kind.id, year=year_of(kind, today))
    }
    areas = pack.areas
    return [
        VerdictHere(
            v, names.get(v.entry, "") if v.entry is not None else areas[v.area].name if v.area in areas else v.area,
            kinds.get(v.entry or 0, ""), excuses.get((v.entry or 0, v.minimum.id), ""),
        )
        for v in found
    ]  # fmt: skip


def unset(kind: RegisterKind) -> tuple[str, ...]:
    """The local minimums that the county has not set: they ask nothing, and the page says so."""
    given = site_pack.pack().policy.minimums
    return tuple(m.label.zh for m in kind.minimums if m.local and f"{kind.id}.{m.id}" not in given)


def _at_hand(register: str, today: date) -> Iterator[EntryAtHand]:
    ready = books.ready(register)
    rows = RegisterEntry.objects.filter(register=register, state="open").order_by("pk")
    for pk, kind, area, within, answers in rows.values_list("pk", "kind", "area", "within", "answers").iterator():
        yield EntryAtHand(pk, kind, area, within, fill(ready.form, answers, on=today).values)


def publish_waiting() -> int:
    """Work out and publish the minimums of every register that waits; how many publications there were."""
    made = 0
    for register in sorted(set(RegisterWaiting.objects.values_list("register", flat=True))):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            RegisterWaiting.objects.filter(register=register).delete()
            kind = books.every().get(register)
            made += kind is not None and MINIMUMS in site_pack.pack().facts and _publish(kind)
    return made


def every_night() -> None:
    """A new day: registers with minimums wait, so that a new year has its numbers though nothing changed."""
    RegisterWaiting.objects.bulk_create([RegisterWaiting(register=k.id) for k in books.every().values() if k.minimums])


def _publish(kind: RegisterKind) -> bool:
    today = timezone.localdate()
    year = year_of(kind, today)
    rows = [_row(kind, h, year) for h in here(kind) if h.verdict.have is not None]
    digest = hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    short = dict(sorted(Counter(r["area_code"] for r in rows if not r["met"] and not r["excused"]).items()))
    kept = MinimumsKept.objects.filter(register=kind.id, year=year).first()
    if (kept is not None and kept.digest == digest) or (kept is None and not rows):
        if kept is not None and kept.short != short:  # kept before these were
            MinimumsKept.objects.filter(pk=kept.pk).update(short=short)
        return False
    version = kept.version + 1 if kept is not None else 1
    dated = [{**r, "recorded_at": today, "retracted": False} for r in rows]
    source = f"{SOURCE}:{kind.id}-{year}"
    facts.publish(MINIMUMS, year if dated else None, dated, source=source, version=version, on=today)
    made = {"version": version, "digest": digest, "short": short}
    MinimumsKept.objects.update_or_create(register=kind.id, year=year, defaults=made)
    return True


def _row(kind: RegisterKind, one: VerdictHere, year: int) -> dict[str, Any]:
    v = one.verdict
    return {
        "minimum_id": f"{kind.id}.{v.minimum.id}.{v.entry if v.entry is not None else v.area}", "year": year,
        "register": kind.id, "rule": v.minimum.id, "area_code": v.area, "kind": one.kind or None,
        "need": float(v.need), "have": float(v.have or 0), "met": v.met, "excused": bool(one.excuse),
    }  # fmt: skip


def _label(name: str) -> str:
    register, _, year = name.rpartition("-")
    kind = books.every().get(register)
    return f"{kind.label.zh if kind is not None else register}的最低要求，{year} 年"


def _address(name: str) -> str:
    return f"/registers/{name.rpartition('-')[0]}/missing"


facts.register(SOURCE, label=_label, address=_address)
