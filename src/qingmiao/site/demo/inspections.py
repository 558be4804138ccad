"""The demonstration's visits by every checklist: one planned, one with a finding to put right, one closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from django.utils import timezone

from qingmiao.content.checklist_forms import CONFORM, NOT
from qingmiao.content.checklist_items import HELD, ChecklistItem
from qingmiao.content.checklists import Checklist
from qingmiao.content.forms import FormField
from qingmiao.content.pack import Pack
from qingmiao.site.apps.directory.api import Person, Reach
from qingmiao.site.apps.inspections import api
from qingmiao.site.demo.accounts import MARK


def stage(pack: Pack, inspectors: dict[str, list[Person]]) -> None:
    """By each checklist the first of its units that has people enough; `inspectors`: unit → who may inspect for it.

    In turn a visit that is planned, one with a finding to put right, one that is closed: every checklist has one of
    them, every department several.
    """
    townships = [a.code for a in pack.areas.values() if a.level == "township"]
    if not townships:
        return
    for n, checklist in enumerate(pack.entries("checklists", Checklist).values()):
        free = ([p for p in inspectors.get(u, ()) if _may(p, checklist)] for u in checklist.units)
        people = next((team for team in free if len(team) >= max(2, checklist.inspectors.least)), None)
        if people is None or any(_asks_photo(item) for item, _ in checklist.items()):
            continue
        others = [team[0].organisation_id for unit, team in inspectors.items() if unit != people[0].organisation_id]
        if checklist.rectified_by is None and not others:
            continue
        responsible = people[0].organisation_id if checklist.rectified_by is not None else others[n % len(others)]
        team = people[: max(2, checklist.inspectors.least)]
        for m in (0, 1 + n % 2):
            _visit(pack, checklist, team, responsible, townships[n % len(townships)], m, turn=n)


def _may(person: Person, checklist: Checklist) -> bool:
    """The person inspects by this checklist, and does not answer for what is inspected."""
    answers = checklist.rectified_by in Reach(person).roles and not checklist.of_oneself
    return not answers and checklist.id in {c.id for c in api.offered(Reach(person))}


def _asks_photo(item: ChecklistItem) -> bool:
    """A photograph that is always asked; none is made up."""
    return item.type == "photo" or item.photo == "always"


def _visit(
    pack: Pack, checklist: Checklist, team: list[Person], responsible: str, area: str, n: int, *, turn: int
) -> None:
    one, other, on = Reach(team[0]), Reach(team[1]), timezone.localdate()
    kinds = pack.codes["inspected_place"]
    kind = next(i.label.zh for i in kinds.items if i.code == checklist.places[0])
    place = f"{pack.areas[area].name}演示{kind}（{turn + 1}）"
    number = api.plan(
        one, checklist=checklist.id, place=place, place_kind=checklist.places[0], area=area,
        responsible=str(responsible), on=on + timedelta(days=5 + 3 * turn if n == 0 else 0),
        inspectors=[p.username for p in team],
    )  # fmt: skip
    if n == 0:
        return
    api.move(one, number, "visit", version=1)
    wrong = next((i.id for i, _ in checklist.items() if _may_fail(i)), "") if n == 1 else ""
    left = api.conclude(one, number, version=2, answers=_answers(checklist, wrong))
    if left is not None:
        raise AssertionError(f"{checklist.id}: {[(f.field, f.message) for f in left.faults]}")
    api.move(other, number, "confirm", version=3)
    if wrong:
        api.move(other, number, "order", version=4, due=on + timedelta(days=30))
    else:
        api.move(other, number, "close", version=4)


def _may_fail(item: ChecklistItem) -> bool:
    plain = item.photo == "no" and item.applies_if is None and item.type != "derived"
    return item.judged and item.severity in ("major", "ordinary") and plain


def _answers(checklist: Checklist, wrong: str) -> dict[str, Any]:
    """All in order but the one item; what the form does not show is dropped by it."""
    answers: dict[str, Any] = {f.id: _said(f) for f in checklist.asks}
    for instrument in checklist.instruments:
        until = (timezone.localdate() + timedelta(days=200)).isoformat()
        answers |= {f"{instrument.id}_no": f"演示-{instrument.id}", f"{instrument.id}_until": until}
    for section in checklist.sections:
        given: dict[str, Any] = {f.id: _said(f) for f in section.asks}
        for item in section.items:
            given |= dict(_of(item, right=item.id != wrong))
        answers |= {section.id: [given] * (section.min or 1)} if section.repeat else given
    return answers


def _of(item: ChecklistItem, *, right: bool) -> Iterator[tuple[str, Any]]:
    if item.type == "derived":
        return
    if item.measured:
        if item.not_applicable:
            yield f"{item.id}_applies", "applies"
        number = _number(item, right=right)
        whole = number.to_integral_value(ROUND_CEILING if right else ROUND_FLOOR)
        yield item.id, f"{whole if item.type == 'count' else number:f}"
    elif item.grades:
        yield item.id, next(g.code for g in item.grades if g.conforms is right)
    else:
        yield item.id, CONFORM if right else NOT
        yield from _beside(item)
    if not right:
        yield f"{item.id}_said", f"现场查看不符合要求，已当场告知陪同人员{MARK}"


def _beside(item: ChecklistItem) -> Iterator[tuple[str, Any]]:
    """What stands on a document or a certificate, or how many were asked."""
    if item.type == "interview":
        yield f"{item.id}_asked", "10"
    if item.type == "person":
        yield f"{item.id}_who", "演示岗位"
    if item.type in HELD:
        yield f"{item.id}_no", "演示-01"
    if item.dated:
        yield f"{item.id}_until", (timezone.localdate() + timedelta(days=365)).isoformat()


def _number(item: ChecklistItem, *, right: bool) -> Decimal:
    """A number that keeps to the limits, or one on the wrong side of one."""
    limits = dict(item.limits())
    low = limits.get("at_least", limits.get("more_than"))
    high = limits.get("at_most", limits.get("less_than"))
    if low is not None and high is not None:
        return (low + high) / 2 if right else low / 2
    if low is not None:
        return min(low * Decimal("1.1"), Decimal(str(item.max or low * 2))) if right else low / 2
    if high is not None:
        return high * Decimal("0.9") if right else high * 2 + 1
    return Decimal(str(item.min or 0))


def _said(field: FormField) -> str:
    """A made-up answer to what is asked beside the items."""
    if field.type == "code":
        return field.options[0].code
    if field.type == "date":
        return timezone.localdate().isoformat()
    return "演示" if field.type in ("text", "long_text") else f"{max(field.min or 0, 1):g}"
