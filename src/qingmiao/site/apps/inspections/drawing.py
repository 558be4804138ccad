"""Double-random drawing of a unit's visits: one person makes the lists, another draws; everything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from qingmiao.flow import Who
from qingmiao.flow.house import DRAW
from qingmiao.flow.house import draw as flow_for
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.drawing import DrawLine, Drawn, draw, list_hash, read_record
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.guards import may_inspect
from qingmiao.site.apps.inspections.models import Draw
from qingmiao.site.apps.inspections.planning import checklists, offer

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class DrawShown:
    """A drawing as its page shows it."""

    id: int
    version: int
    state: str
    state_label: tuple[str, str]
    tone: str
    checklist: str
    unit: str
    wanted: int
    each: int
    places: tuple[DrawLine, ...]
    people: tuple[DrawLine, ...]
    places_hash: str
    people_hash: str
    seed: str
    drawn: tuple[Drawn, ...]
    made: tuple[str, datetime]
    drawn_by: str
    drawn_at: datetime | None
    may: frozenset[str]
    """The steps that this person may take now."""


def _listed(raw: Any) -> tuple[DrawLine, ...]:
    return tuple(DrawLine(*one) for one in raw)


def _lists_fit(found: Draw, answers: Answers, who: Who, at: datetime) -> Decision:
    try:
        draw(_listed(found.places), _listed(found.people), seed="-", wanted=found.wanted, each=found.each)
    except UserError as e:
        return no(str(e))
    return YES


def _another_draws(found: Draw, answers: Answers, who: Who, at: datetime) -> Decision:
    return no("名单是您定的，由另一个人抽取") if found.made_by.username == who.id else YES


def _can_draw(found: Draw, answers: Answers, who: Who, at: datetime) -> Decision:
    return YES if 1 <= len(str(answers.get("seed") or "").strip()) <= 200 else no("请填写种子，不超过 200 个字")


def _changes(found: Draw, doing: Doing) -> dict[str, Any]:
    changed = next_version(found, doing)
    if "drawn" in doing.step.effects:
        seed, lists = doing.said("seed"), (_listed(found.places), _listed(found.people))
        record = draw(*lists, seed=seed, wanted=found.wanted, each=found.each)
        changed |= {"seed": seed, "record": record.text(), "drawn_by": doing.person, "drawn_at": doing.at}
    return changed


def _told(found: Draw, doing: Doing) -> Mapping[str, Any]:
    return {"places_hash": found.places_hash, "people_hash": found.people_hash, "seed": found.seed}


register(
    Door(
        Draw,
        lambda found: flow_for(frozenset(found.roles)),
        noun="这次抽取",
        kind="draw",
        action="draws",
        unit=lambda found: found.unit,
        guards={"lists_fit": _lists_fit, "another_draws": _another_draws, "can_draw": _can_draw},
        effects={"drawn": _told, "dropped": _told},
        changes=_changes,
        several=lambda: (DRAW,),
    )
)  # fmt: skip


def prepare(reach: Reach, *, checklist: str, places: str, wanted: int, each: int) -> int:
    """Make the lists of a drawing: a place a line (its unit behind a comma or tab, where it has one), and everybody of
    the person's unit who may inspect. Returns its number."""
    found, unit = offer(reach, checklist).checklist, reach.person.organisation
    sites = sorted({_site(line) for line in places.splitlines() if line.strip()})
    people = [DrawLine(p.name, unit.label) for p in may_inspect(unit, frozenset(found.inspected_by)).values()]
    if len({p.name for p in people}) < len(people):
        people = [DrawLine(f"{p.name}（{u}）", unit.label) for u, p in _named(unit, found.inspected_by)]
    if each < found.inspectors.least:
        raise UserError(f"检查人员不得少于 {found.inspectors.least} 人")
    made = Draw(
        checklist=found.id, roles=sorted(found.inspected_by), unit=unit, places=[[s.name, s.unit] for s in sites],
        people=[[p.name, p.unit] for p in people], wanted=wanted, each=each, places_hash=list_hash(sites),
        people_hash=list_hash(people), made_by=reach.person, made_at=timezone.now(),
    )  # fmt: skip
    return int(access.create(reach, made, "prepare", {}).pk)


def take(reach: Reach, number: int, step: str, *, version: int, said: Mapping[str, str]) -> None:
    """Draw, or drop the lists."""
    access.perform(reach, _get(reach, number), step, Seen("", version), dict(said))


def drawing(reach: Reach, number: int) -> DrawShown:
    """One drawing of a unit in reach. Raises AbsentError."""
    return _shown(reach, _get(reach, number))


def drawings(reach: Reach) -> tuple[DrawShown, ...]:
    """The drawings of the units in reach, the newest first."""
    found = Draw.objects.filter(_visible(reach)).select_related("unit", "made_by", "drawn_by").order_by("-pk")
    return tuple(_shown(reach, one) for one in found[:100])


def draw_record(reach: Reach, number: int) -> str:
    """The record of a drawing as a file. AbsentError where nothing is drawn."""
    found = _get(reach, number)
    if not found.record:
        raise AbsentError("还没有抽取")
    return found.record


def _visible(reach: Reach) -> Q:
    return Q(unit__in=reach.unit_ids)


def _get(reach: Reach, number: int) -> Draw:
    one = Draw.objects.select_related("unit", "made_by", "drawn_by").filter(_visible(reach), pk=number).first()
    if one is None:
        raise AbsentError("没有这次抽取")
    return one


def _shown(reach: Reach, one: Draw) -> DrawShown:
    checklist, state = checklists().get(one.checklist), DRAW.state(one.state)
    steps = {
        s.name for s in access.steps(reach, one) if s.name != "draw" or one.made_by_id != reach.person.pk
    }  # fmt: skip
    return DrawShown(
        one.pk, one.version, one.state, (state.label, state.label_en), state.tone,
        checklist.label.zh if checklist is not None else one.checklist, one.unit.label, one.wanted, one.each,
        _listed(one.places), _listed(one.people), one.places_hash, one.people_hash, one.seed,
        read_record(one.record).drawn if one.record else (), (one.made_by.name, one.made_at),
        one.drawn_by.name if one.drawn_by is not None else "", one.drawn_at, frozenset(steps),
    )  # fmt: skip


def _named(unit: Any, roles: tuple[str, ...]) -> list[tuple[str, Any]]:
    return list(may_inspect(unit, frozenset(roles)).items())


def _site(line: str) -> DrawLine:
    name, _, unit = line.replace("\t", ",").replace("，", ",").partition(",")
    return DrawLine(name.strip()[:120], unit.strip()[:120])
