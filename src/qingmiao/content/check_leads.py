"""Rules over leads: what is led and who leads it exist, and dated leads follow each other without gap or overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from qingmiao.content.faults import near, unknown
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


def check_leads(pack: Pack) -> Iterator[Fault]:
    """Every lead refers to what exists; dated leads have no gap and no overlap."""
    elements = set(pack.elements())
    by_element: dict[str, list[tuple[str, str]]] = {}
    for lead in pack.leads:
        where = _lead_place(pack, lead.of)
        if unknown(pack, elements, lead.of):
            message = f"分工表提到没有的目标或措施「{lead.of}」"
            yield replace(_with(where, message, near(lead.of, elements)), subject=f"plan/{lead.of}")
        for unit_id in (lead.lead, *lead.with_units):
            if unknown(pack, pack.organisations, unit_id):
                message = f"分工表提到没有的单位「{unit_id}」"
                yield replace(
                    _with(where, message, near(unit_id, pack.organisations)),
                    subject=f"organisations/{unit_id}",
                )
        begins = lead.valid_from.isoformat() if lead.valid_from else "0000-00-00"
        by_element.setdefault(lead.of, []).append(
            (begins, lead.valid_to.isoformat() if lead.valid_to else "9999-99-99")
        )
    for element, spans in by_element.items():
        yield from _span_faults(replace(_lead_place(pack, element), code="date_gap"), sorted(set(spans)))


def _lead_place(pack: Pack, of: str) -> Fault:
    """A fault still without words, at the (last) entry that says who leads `of`."""
    place = pack.place("leads", of)
    return Fault(place.file, place.line, "dangling_id", "", place=of)


def _with(fault: Fault, message: str, hint: str) -> Fault:
    return replace(fault, message=message, hint=hint)


def _span_faults(where: Fault, spans: list[tuple[str, str]]) -> Iterator[Fault]:
    for (_, ends), (begins, _) in pairwise(spans):
        if ends == "9999-99-99" or begins == "0000-00-00" or begins <= ends:
            yield _with(
                where,
                f"分工的有效期重叠（{ends} 与 {begins}）",
                "给前一条写 valid_to，后一条写次日的 valid_from",
            )
        elif date.fromisoformat(begins) != date.fromisoformat(ends) + timedelta(days=1):
            yield _with(
                where,
                f"分工的有效期有空档（{ends} 之后到 {begins} 之前没有牵头单位）",
                "补上这一段，或把日期接上",
            )
