"""Whom a programme's own words bring to a case: which roles see the cases of their unit, which those of a place, and
how anybody who is to take a step can come to stand before it. Pure; what a person sees is decided from it by the site
(`cases/standing.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from qingmiao.content.organisations import AUTHORITIES, KINDS, narrowed
from qingmiao.content.programme_parts import ProgrammeStep
from qingmiao.content.programmes import Programme
from qingmiao.content.roles import RoleItem, Scope


def confirming(one: Programme) -> frozenset[str]:
    """The roles of which a second person confirms some step."""
    return frozenset(r for s in one.steps if s.second is not None for r in s.second.roles)


def owning(one: Programme) -> frozenset[str]:
    """The roles whose states there are, who confirms, and who answers for a unit that was told of the case or received
    it: at a unit that has to do with a case they see it, whoever took its steps. Who only reports or opens sees the own
    ones."""
    told = {r for s in one.steps if "referred_to" in s.relations for r in s.roles}
    return confirming(one) | told | {r for s in one.states.values() for r in s.owners}


def watching(one: Programme) -> frozenset[str]:
    """The roles that have to do with every case of a place: whose the states are beyond the first ones, who confirms,
    who moves a case on without being of those who open it."""
    opening = [s for s in one.steps if s.opens]
    first = {s.to for s in opening}
    later = {r for name, s in one.states.items() if name not in first for r in s.owners}
    moving = {r for s in one.steps if not s.opens and s.to is not None and not s.relations for r in s.roles}
    return confirming(one) | later | (moving - {r for s in opening for r in s.roles})


class Reaching:
    """By which way the roles that a programme names come to its cases. `roles`: every role of the pack."""

    def __init__(self, one: Programme, every: Mapping[str, Programme], roles: Mapping[str, RoleItem]) -> None:
        self.one, self.every, self.roles = one, every, roles
        self.owning, self.watching = owning(one), watching(one)
        self.openers = frozenset(r for s in one.steps if s.opens for r in s.roles)
        """Who opens a case sees it as the own one; cases that others opened not for that."""

    def stranded(self) -> Iterator[tuple[int, int, str]]:
        """The roles of steps that nothing can bring to a case: the number of the step, that of the role in it, the
        role. Having opened it brings a role to the own cases alone: a step that nobody else can take either strands its
        roles where others open cases too. A role that the pack has not is said elsewhere."""
        for n, step in enumerate(self.one.steps):
            if step.opens:
                continue
            known = [(m, r) for m, r in enumerate(step.roles) if r in self.roles]
            alone = not (step.job or any(self.brought(step, r) for _, r in known))
            for m, role in known:
                own = role in self.openers and not (alone and self.openers - {role})
                if not own and not self.brought(step, role):
                    yield n, m, role

    def brought(self, step: ProgrammeStep, role: str) -> bool:
        """Whether somebody in a role can come to stand before a case that another opened, at a step: answers for the
        place, supervises it, works at a unit that has it, was assigned to it or received it."""
        item = self.roles[role]
        charge = item.children is not None and item.children.over == "charge"
        before = self._before(step)
        return (
            self._of_place(role, item, charge=charge)
            or self._at_unit(step, role, item, before)
            or any(s.assigns is not None for s in before)
            or self._received(step, role, before)
        )

    def _of_place(self, role: str, item: RoleItem, *, charge: bool) -> bool:
        """Answers for a place or supervises it: never of what is 核心."""
        if self.one.secrecy == "核心":
            return False
        wide = item.scope is Scope.AREA
        place = wide or not item.held_by or bool(narrowed(item.held_by) & AUTHORITIES)
        over = self.one.supervision.roles if self.one.supervision is not None else ()
        return place and not charge and ((role in self.watching and not item.unit_only) or role in over)

    def _at_unit(self, step: ProgrammeStep, role: str, item: RoleItem, before: list[ProgrammeStep]) -> bool:
        """Works at a unit that has the case, and sees there more than what it did itself: it owns a state, or goes by
        the children that it keeps or has in its charge. The unit has it because it must act in the state, is named by
        a field, or is the one of whoever acts there too."""
        if role not in self.owning and (item.children is None or self.one.subject != "child"):
            return False
        named = any(s.owner is not None or s.informs for s in before)
        states = {*self.one.starts_from(step), *(s.to for s in before if s.to)} | self._sources(before)
        acting = {r for x in states for r in self.one.states[x].owners}
        kinds = _kinds(item)
        return role in acting or named or any(kinds & _kinds(self.roles[r]) for r in acting if r in self.roles)

    def _received(self, step: ProgrammeStep, role: str, before: list[ProgrammeStep]) -> bool:
        """Works where the case was referred to, at a step that is for those who received it."""
        if "referred_to" not in step.relations:
            return False
        to = {r.to for s in before for r in s.refers}
        return any(role in _named(self.every[x]) for x in to if x in self.every)

    def _sources(self, steps: list[ProgrammeStep]) -> set[str]:
        return {x for s in steps for x in self.one.starts_from(s)}

    def _before(self, step: ProgrammeStep) -> list[ProgrammeStep]:
        """The steps that can have been taken when this one is."""
        return [s for s in self.one.steps if s is not step and self._ends(s) & self._behind[id(step)]]

    def _ends(self, step: ProgrammeStep) -> set[str]:
        return {step.to} if step.to is not None else set(self.one.starts_from(step))

    @cached_property
    def _behind(self) -> dict[int, set[str]]:
        """Step → the states from which a case can come to it."""
        found = {}
        for step in self.one.steps:
            reached = set(self.one.starts_from(step))
            while more := {
                x for s in self.one.steps if s.to in reached for x in self.one.starts_from(s) if x not in reached
            }:
                reached |= more
            found[id(step)] = reached
        return found


def _named(one: Programme) -> set[str]:
    return {r for s in one.steps for r in s.roles} | {r for s in one.states.values() for r in s.owners}


def _kinds(item: RoleItem) -> frozenset[str]:
    """The kinds of units whose people may hold a role."""
    return narrowed(item.held_by) if item.held_by else frozenset(KINDS)
