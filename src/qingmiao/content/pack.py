"""A pack: everything a county decides, loaded, layered and ready to use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from qingmiao.content.areas import AreaGroup, AreaItem, tree_of
from qingmiao.content.base import Content
from qingmiao.content.codes import CodeList
from qingmiao.content.deadlines import Deadline
from qingmiao.content.facts import Fact
from qingmiao.content.forms import Form
from qingmiao.content.indicators import Indicator
from qingmiao.content.leads import Lead
from qingmiao.content.organisations import OrganisationItem
from qingmiao.content.plan import Duty, Goal, Measure, PlanField, PlanHead, System, Target
from qingmiao.content.policy import Policy
from qingmiao.content.references import ReferenceValue
from qingmiao.content.returns import Return
from qingmiao.content.roles import RoleItem
from qingmiao.kernel.areas import AreaLevel, AreaNode, AreaTree

C = TypeVar("C", bound=Content)
Keys = tuple[str | int, ...]
"""Where a value stands in a file: the keys and numbers that lead to it."""

ANY = "\0any"
"""Lent where a file is empty, doubled or away: which ids it would have defined cannot be known."""


@dataclass(frozen=True)
class EntryPlace:
    """Where an entry stands: the file as shown to people, its line, and the lines of everything in it."""

    file: str
    line: int = 0
    lines: Mapping[Keys, int] = field(default_factory=dict, repr=False, compare=False)
    base: Keys = ()

    def below(self, *keys: str | int) -> EntryPlace:
        """The place of what stands under a key of the entry, or under a key of that."""
        return EntryPlace(self.file, self.at(*keys), self.lines, (*self.base, *keys))

    def at(self, *path: str | int) -> int:
        """The line of a value inside the entry, or of the nearest thing above it."""
        while path:
            line = self.lines.get((*self.base, *path))
            if line is not None:
                return line
            path = path[:-1]
        return self.line


@dataclass(frozen=True)
class Pack:
    """The merged content of a pack and of the packs it extends. Ids are unique within each kind."""

    id: str
    title: str
    version: str
    root: Path
    layers: tuple[Path, ...]
    plan: PlanHead | None
    fields: tuple[PlanField, ...] = ()
    systems: dict[str, System] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)
    codes: dict[str, CodeList] = field(default_factory=dict)
    areas: dict[str, AreaItem] = field(default_factory=dict)
    area_groups: dict[str, AreaGroup] = field(default_factory=dict)
    organisations: dict[str, OrganisationItem] = field(default_factory=dict)
    roles: dict[str, RoleItem] = field(default_factory=dict)
    leads: tuple[Lead, ...] = ()
    facts: dict[str, Fact] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    deadlines: dict[str, Deadline] = field(default_factory=dict)
    references: tuple[ReferenceValue, ...] = ()
    policy: Policy = field(default_factory=Policy)
    others: Mapping[str, Mapping[str, Content]] = field(default_factory=dict)
    """Folder → id → entry of the kinds that have no attribute above (see `held`)."""
    places: dict[tuple[str, str], EntryPlace] = field(default_factory=dict)
    """(kind, id) → where it stands; kinds are the folder names and target, goal, measure."""
    lent: frozenset[str] = frozenset()
    """The words of files that have faults: ids that they may define; `ANY` where that cannot be known. Empty in a pack
    that loads."""
    digest: str = ""
    """SHA-256 over all files of all layers."""

    def held(self, folder: str) -> Mapping[str, Content] | tuple[Content, ...]:
        """What the pack has of a kind, by its folder: entries by id, or a list where the kind is one; never None."""
        if folder in self.others:
            return self.others[folder]
        own: Mapping[str, Content] | tuple[Content, ...] = getattr(self, folder.rpartition("/")[2], {})
        return own

    def entries(self, folder: str, model: type[C]) -> dict[str, C]:
        """The entries of a kind by id, whichever kind it is: ``pack.entries("roles", Role)``; empty where there are
        none.

        Raises TypeError where the folder holds entries of another model.
        """
        held = self.held(folder)
        found: dict[str, C] = {}
        for id_, entry in held.items() if isinstance(held, Mapping) else ():
            if not isinstance(entry, model):
                raise TypeError(f"{folder} holds {type(entry).__name__}, not {model.__name__}")
            found[id_] = entry
        return found

    @cached_property
    def area_tree(self) -> AreaTree:
        """The areas as a tree."""
        return tree_of(tuple(self.areas.values()))

    @property
    def root_area(self) -> AreaNode | None:
        """The area that the plan binds (its `area`); without a plan, the first county."""
        if self.plan is not None:
            return self.area_tree.get(self.area_tree.current(self.plan.area))
        counties = self.area_tree.at(AreaLevel.COUNTY)
        return counties[0] if counties else None

    def deadlines_of(self, thing: str, day: date) -> tuple[Deadline, ...]:
        """The deadlines of a thing ("flow:returns") that are in force on a day."""
        return tuple(d for d in self.deadlines.values() if d.of == thing and d.holds(day))

    @cached_property
    def goals(self) -> dict[str, Goal]:
        """All goals by id, in the plan's order."""
        return {g.id: g for f in self.fields for g in f.goals}

    @cached_property
    def targets(self) -> dict[str, Target]:
        """All targets by id, in the plan's order."""
        return {t.id: t for g in self.goals.values() for t in g.targets}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """All measures by id, in the plan's order."""
        return {m.id: m for f in self.fields for m in f.measures}

    @cached_property
    def _goal_of_target(self) -> dict[str, Goal]:
        return {t.id: g for g in self.goals.values() for t in g.targets}

    @cached_property
    def _field_of(self) -> dict[str, PlanField]:
        found: dict[str, PlanField] = {}
        for f in self.fields:
            for g in f.goals:
                found[g.id] = f
                found.update({t.id: f for t in g.targets})
            found.update({m.id: f for m in f.measures})
        return found

    def goal_of(self, target_id: str) -> Goal:
        """The goal that a target belongs to."""
        return self._goal_of_target[target_id]

    def field_of(self, element_id: str) -> PlanField | None:
        """The field of a goal, target or measure; None for other ids."""
        return self._field_of.get(element_id)

    def left_to(self, goal_id: str) -> str:
        """The higher level that keeps a goal, in its words: the goal's own or that of a goal above it; empty = ours."""
        seen: set[str] = set()
        goal = self.goals.get(goal_id)
        while goal is not None and goal.id not in seen:
            if goal.left_to:
                return goal.left_to
            seen.add(goal.id)
            goal = self.goals.get(goal.parent) if goal.parent else None
        return ""

    def code_list(self, indicator_id: str, column: str) -> CodeList | None:
        """The codes of a breakdown: those of the indicator's fact column, else the list of that name, else any
        fact's."""
        indicator = self.indicators.get(indicator_id)
        sources = indicator.sources if indicator else ()
        own = self._codes_in((self.facts[s] for s in sources if s in self.facts), column)
        return own or self.codes.get(column) or self._codes_in(self.facts.values(), column)

    def _codes_in(self, facts: Iterable[Fact], column: str) -> CodeList | None:
        for fact in facts:
            found = fact.columns.get(column) or fact.derived.get(column)
            if found is not None and found.codes in self.codes:
                return self.codes[found.codes]
        return None

    def code_label(self, indicator_id: str, column: str, code: str) -> str:
        """The Chinese label of a group's code; the code itself where no list names it."""
        codes = self.code_list(indicator_id, column)
        return next((i.label.zh for i in codes.items if i.code == code), code) if codes else code

    def indicators_for(self, target_id: str) -> tuple[Indicator, ...]:
        """The indicators that decide a target, in the pack's order."""
        return tuple(i for i in self.indicators.values() if target_id in i.implements)

    def lead_of(self, element_id: str, on_year: int) -> Lead | None:
        """Who leads a target, goal or measure at the end of a year; a target falls back to its goal."""
        ids = [element_id]
        if element_id in self._goal_of_target:
            ids.append(self._goal_of_target[element_id].id)
        for wanted in ids:
            for lead in self.leads:
                begins = lead.valid_from is None or lead.valid_from.year <= on_year
                ends = lead.valid_to is None or lead.valid_to.year >= on_year
                if lead.of == wanted and begins and ends:
                    return lead
        return None

    def in_charge(self, indicator: str, on_year: int, *, target: str = "") -> str:
        """The unit in charge of what an indicator shows: who leads the target (the given one, else the first that it
        decides), else the indicator's own lead. Empty for an indicator that is not here.
        """
        found = self.indicators.get(indicator)
        if found is None:
            return ""
        wanted = target or next(iter(found.implements), "")
        lead = self.lead_of(wanted, on_year) if wanted else None
        return lead.lead if lead is not None else found.lead

    def place(self, kind: str, id_: str) -> EntryPlace:
        """Where an entry stands; an empty place when unknown."""
        return self.places.get((kind, id_), EntryPlace(""))

    def lends(self, id_: str) -> bool:
        """A file with a fault of its own may define this id, so that its absence is no second fault."""
        return id_ in self.lent or ANY in self.lent

    def elements(self) -> Iterator[str]:
        """All ids that content may serve: targets, goals, measures, systems, duties."""
        for group in (self.targets, self.goals, self.measures, self.systems, self.duties):
            yield from group
