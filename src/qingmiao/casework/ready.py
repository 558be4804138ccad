"""A programme made ready: its conditions parsed once, the form of each step, its table for deciding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import Tree, Type, columns_of, parse
from qingmiao.content.forms import FILLED_ON
from qingmiao.content.intervals import LifeInterval
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_forms import blocks_of, case_fields, case_groups, case_text, case_types, step_form
from qingmiao.content.programme_parts import CaseField, FieldGroup, ProgrammeDeadline, ProgrammeStep
from qingmiao.content.programmes import Programme
from qingmiao.flow import Flow
from qingmiao.forms.ready import ReadyField, ReadyForm, places, ready_form
from qingmiao.kernel.errors import UserError


@dataclass(frozen=True)
class ReadyProgramme:
    """A programme that cases can go through. `deadlines`: with the county's settings taken in."""

    programme: Programme
    fields: Mapping[str, CaseField]
    types: Mapping[str, Type]
    forms: Mapping[int, ReadyForm]
    """Number of a step → the form that is filled in with it; none where nothing is."""
    deadlines: Mapping[str, ProgrammeDeadline]
    groups: Mapping[str, FieldGroup]
    """The restricted groups of fields."""
    within: Mapping[str, LifeInterval | None]
    """Task → how long it may take, with the county's settings taken in; None where nobody has said."""
    table: Flow
    """The steps with their roles; where relations are named, each role is held in one of them (`held`)."""
    _trees: Mapping[str, Tree]

    def true(self, text: str | None, row: Mapping[str, Any]) -> bool:
        """Whether a condition of the programme is true; none written is true, unknown is not."""
        return text is None or evaluate(self._trees[text], row) is True

    def reads(self, text: str) -> frozenset[str]:
        """What a condition of the programme reads of the case."""
        return frozenset(columns_of(self._trees[text]))

    @cached_property
    def shown(self) -> Mapping[str, ReadyField]:
        """Every field by id as answers are put in words; a plain group's fields stand beside it."""
        return {f.id: f for form in self.forms.values() for f in form.every()}

    @cached_property
    def printing(self) -> frozenset[str]:
        """The fields that a printed form may hold: those of no group, or of one that prints."""
        return frozenset(f for f, one in self.fields.items() if one.group is None or self.groups[one.group].prints)

    def number(self, step: ProgrammeStep) -> int:
        """The place of a step in its programme."""
        return next(n for n, s in enumerate(self.programme.steps) if s is step)

    def empty(self, on: date) -> dict[str, Any]:
        """What expressions read before anything is known."""
        return dict.fromkeys(self.types) | {FILLED_ON: on}


def held(role: str, relation: str) -> str:
    """A role that counts only in a relation to the case, as the table for deciding names it."""
    return f"{role}@{relation}"


def prepare_programme(pack: Pack, id_: str) -> ReadyProgramme:
    """A programme of a checked pack, ready. `id_`: its id or the number of its card. Raises UserError for an unknown
    one."""
    every = programmes_of(pack)
    found = every.get(id_) or next((p for p in every.values() if p.card is not None and p.card == id_.upper()), None)
    if found is None:
        known = "、".join(every) or "这个内容包没有服务项目"
        raise UserError(f"没有服务项目「{id_}」；可用：{known}")
    blocks, types = blocks_of(pack), case_types(pack, found)
    forms: dict[int, ReadyForm] = {}
    for n, step in enumerate(found.steps):
        form = step_form(found, blocks, step)
        if form is not None:
            own = {f.id for f in form.all_fields()}
            known_types = {k: t for k, t in types.items() if k not in own and k != FILLED_ON}
            forms[n] = ready_form(form, pack.facts, pack.codes, places(pack), known_types)
    return ReadyProgramme(
        programme=found,
        fields=case_fields(found, blocks),
        types=types,
        forms=forms,
        deadlines={d.id: d.set_to(pack.policy.deadlines.get(f"{found.id}.{d.id}")) for d in found.deadlines},
        groups=case_groups(found, blocks),
        within={
            t.id: None if t.within is None else t.within.set_to(pack.policy.intervals.get(found.setting(t)))
            for s in found.steps
            for t in s.tasks
        },
        table=_table(found),
        _trees={text: parse(case_text(text)) for text, _ in found.expressions()},
    )


def _table(programme: Programme) -> Flow:
    """The programme's lines; the guard of each is the number of its step (`deciding`)."""
    lines = tuple(
        replace(
            line,
            roles=frozenset(held(r, x) for r in line.roles for x in line.relations) or line.roles,
            relations=frozenset(),
            guards=(str(n),),
        )
        for n, line in programme.lines()
    )
    return Flow(programme.id, programme.label.zh, programme.flow.states, lines)
