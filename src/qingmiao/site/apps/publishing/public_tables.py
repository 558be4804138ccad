"""What of a released report everybody may see: the plan and how it stands, the indicators that decide its targets,
services of the registers and news.

Made when the report is handed in and kept as one of its files, so that the second person approves what will lie on
the shelf; no number of the run is in it that has not gone through `disclosure`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from qingmiao.assess.verdict import Verdict
from qingmiao.content.citing import method_cited
from qingmiao.content.frameworks import matches_of
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.figures.english import english
from qingmiao.figures.public_numbers import Earlier, PublicPart, about_of, part_of, value_of, whole
from qingmiao.report.languages import CHINESE
from qingmiao.report.layouts import ANNUAL
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.apps.registers import api as registers
from qingmiao.site.apps.shelf import api as shelf

KIND = "public.json"
"""The kind of the file among an edition's files."""

NOT_SHOWN = {"code": "not_shown", "zh": "不显示", "en": "not shown"}
"""A target whose numbers are not shown, or that has none."""


def is_public(layout: str, language: str) -> bool:
    """The annual report brings its numbers to the public; in Chinese only, for both languages are in them."""
    return layout == ANNUAL and language == CHINESE


def public_file(run: LoadedRun, year: int, on: date, more: Iterable[dict[str, Any]] = ()) -> bytes:
    """The public items of a report about a year, as JSON, compared with everything that lies on the shelf; services and
    news as of a day; `more`: further items (the yearbook). `held`: what is not published since it tells of a person; it
    does not go to the shelf.
    """
    seen, earlier = shelf.newest(), shelf.tables_before()
    held: list[registers.HeldBack] = []
    items = [*_items(run, year, earlier), *_around(year, on, held), *more]
    told = {"seen": seen, "items": items, "held": [{"of": h.of, "kind": h.kind} for h in held]}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


@dataclass(frozen=True)
class PublicOutline:
    """What a public file holds beside its numbers, for whoever approves it: services by kind, news (day, title), and
    what is held back since it tells of a person (kind, name)."""

    services: tuple[tuple[str, int], ...]
    news: tuple[tuple[str, str], ...]
    held: tuple[tuple[str, str], ...]


def outline(raw: bytes) -> PublicOutline:
    """The outline of a public file."""
    told = json.loads(raw)
    found = [i["content"] for i in told["items"] if i["kind"] == shelf.SERVICES]
    pieces = [p for i in told["items"] if i["kind"] == shelf.NEWS for p in i["content"]["news"]]
    return PublicOutline(
        tuple((s["label"]["zh"], len(s["rows"])) for s in found),
        tuple((p["date"], p["title"]) for p in pieces),
        tuple(dict.fromkeys((h["kind"], h["of"]) for h in told.get("held", ()))),
    )


def _around(year: int, on: date, held: list[registers.HeldBack]) -> Iterator[dict[str, Any]]:
    """What is no number of an indicator: services by register, news."""
    names = registers.known_names()
    for n, (key, content) in enumerate(registers.services(on, names, held)):
        yield {"kind": shelf.SERVICES, "key": key, "content": {**content, "order": n}}
    yield {"kind": shelf.NEWS, "key": "", "content": {"news": acting.news(year, on, names, held)}}


def shelved(raw: bytes) -> tuple[int, list[shelf.ShelvedItem]]:
    """The file read again: with which newest edition it was compared, and its items."""
    told = json.loads(raw)
    return int(told["seen"]), [shelf.ShelvedItem(i["kind"], i["key"], i["content"]) for i in told["items"]]


def _items(run: LoadedRun, year: int, earlier: Earlier) -> Iterator[dict[str, Any]]:
    pack, shown = run.pack, {}
    for indicator in public_indicators(pack):
        content, parts = _indicator(run, indicator, year, earlier)
        if any(row["value"] for row in content["county"]):
            shown[indicator.id] = content
            yield {"kind": "indicator", "key": indicator.id, "content": content}
            yield {"kind": shelf.NUMBERS, "key": indicator.id, "content": {"tables": [p.stored() for p in parts]}}
    yield {"kind": "plan", "key": "", "content": _plan(run, year, shown)}


def public_indicators(pack: Pack) -> list[Indicator]:
    """The indicators that decide a target of the plan, in the order of the plan; the others stay inside."""
    order = {target: n for n, target in enumerate(pack.targets)}
    found = [i for i in pack.indicators.values() if any(t in order for t in i.implements)]
    return sorted(found, key=lambda i: (min(order[t] for t in i.implements if t in order), i.id))


def _indicator(
    run: LoadedRun, indicator: Indicator, year: int, earlier: Earlier
) -> tuple[dict[str, Any], list[PublicPart]]:
    pack, root = run.pack, run.root
    towns = [a.code for a in pack.areas.values() if a.parent == root and run.series(indicator.id, a.code).points]
    county, below, parts = [], {town: [] for town in towns}, []  # type: ignore[var-annotated]
    for at in sorted(y for y in run.years if y <= year):
        definition = indicator.definition_for(at)
        sides = [] if definition is None else [definition.numerator, definition.denominator]
        if definition is None or definition.combine is not None or sides[0] is None:
            continue
        ratio = sides[1] is not None
        made = [
            _part(run, indicator, about_of(definition, side, at), name, at, towns, earlier)
            for side, name in zip(sides, ("numerator", "denominator"), strict=True)
            if side is not None
        ]
        if None in made or run.series(indicator.id, root).at(at).value is None:
            continue
        both = [p for p in made if p is not None]
        parts += both
        county.append(_row(indicator, at, [p.county for p in both], ratio, definition.version))
        for town in towns:
            below[town].append(_row(indicator, at, [p.towns[town] for p in both], ratio, definition.version))
    field = pack.field_of(next((t for t in indicator.implements if t in pack.targets), ""))
    content = {
        "id": indicator.id,
        "label": _said(indicator.label.zh, indicator.label.en),
        "unit": indicator.unit,
        "better": indicator.better,
        "decimals": indicator.decimals,
        "formula": indicator.formula,
        "source": method_cited(indicator.source),
        "lead": pack.organisations[indicator.lead].label.zh if indicator.lead in pack.organisations else "",
        "field": field.id if field is not None else "",
        "targets": [t for t in indicator.implements if t in pack.targets],
        "matches": [
            {
                "type": m.framework.type,
                "framework": _said(m.framework.label.zh, m.framework.label.en),
                "code": m.entry.code,
                "label": _said(m.entry.label.zh, m.entry.label.en),
                "fit": _said(m.fit.label, m.fit.label_en),
                "note": m.entry.note,
            }
            for m in matches_of(pack, indicator.id)
        ],
        "breaks": list(run.series(indicator.id, root).breaks),
        "county": county,
        "towns": [
            {
                "code": a.code,
                "name": a.name,
                "tile": [a.tile.column, a.tile.row] if a.tile else None,
                "rows": below[a.code],
            }
            for a in pack.areas.values()
            if a.code in below
        ],
    }
    return content, parts


def _part(
    run: LoadedRun, indicator: Indicator, about: str, side: str, year: int, towns: list[str], earlier: Earlier
) -> PublicPart | None:
    """One side of a year; None where the county's is no count. Townships without a count are left out of the table."""
    county = whole(getattr(run.series(indicator.id, run.root).at(year), side))
    if county is None:
        return None
    counts = {town: whole(getattr(run.series(indicator.id, town).at(year), side)) for town in towns}
    made = part_of(about, county, {town: n for town, n in counts.items() if n is not None}, earlier)
    return replace(made, towns={town: made.towns.get(town) for town in towns})


def _row(indicator: Indicator, year: int, shown: list[int | None], ratio: bool, version: int) -> dict[str, Any]:
    numerator, denominator = shown[0], shown[1] if ratio else None
    return {
        "year": year,
        "value": value_of(indicator, numerator, denominator, ratio=ratio),
        "numerator": numerator,
        "denominator": denominator,
        "version": version,
    }


def _plan(run: LoadedRun, year: int, shown: dict[str, Any]) -> dict[str, Any]:
    pack, verdicts = run.pack, run.assessment(year).targets
    root = pack.root_area
    told = {}
    for target in pack.targets:
        deciding = [i for i in verdicts[target].indicators if i in pack.indicators] if target in verdicts else []
        whole_ = bool(deciding) and all(
            any(row["year"] == year and row["value"] for row in shown.get(i, {"county": ()})["county"])
            for i in deciding
        )
        told[target] = _standing(verdicts[target].verdict) if whole_ else NOT_SHOWN
    return {
        "title": _said(pack.plan.title if pack.plan is not None else pack.title, ""),
        "county": {"code": run.root, "name": root.name if root is not None else ""},
        "year": year,
        "fields": [
            {
                "id": f.id,
                "label": _said(f.label.zh, f.label.en),
                "goals": [
                    {
                        "id": g.id,
                        "number": g.number,
                        "text": g.text,
                        "targets": [
                            {
                                "id": t.id,
                                "label": _said(t.label.zh, t.label.en),
                                "quote": t.quote,
                                "verdict": told[t.id],
                                "indicators": [i for i, c in shown.items() if t.id in c["targets"]],
                            }
                            for t in g.targets
                        ],
                    }
                    for g in f.goals
                ],
            }
            for f in pack.fields
        ],
    }


def _standing(verdict: Verdict) -> dict[str, str]:
    return {"code": verdict.value, "zh": verdict.label, "en": english(verdict.label)}


def _said(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}
