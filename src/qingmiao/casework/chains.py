"""Cases counted across programmes by the links of a chain, and whether the police have been told of a danger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from qingmiao.casework.case import CaseFile, row
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.chains import Chain, ChainLink


class AlarmState(StrEnum):
    """How a case stands to 110."""

    UNTOLD = "untold"
    """Somebody is in danger, and the police have not been told."""
    TOLD = "told"
    """Somebody is in danger, and the police were told."""


@dataclass(frozen=True)
class LinkCount:
    """Open cases of one link. `programmes`: how many of each programme that has a state here, in the chain's order."""

    link: ChainLink
    programmes: Mapping[str, int]

    @property
    def cases(self) -> int:
        """All of them."""
        return sum(self.programmes.values())


@dataclass(frozen=True)
class ChainCounts:
    """Cases by link. `unplaced`: those of named programmes whose state has no link (they are at their end)."""

    chain: Chain
    links: tuple[LinkCount, ...]
    unplaced: int


def chain_counts(chain: Chain, cases: Mapping[tuple[str, str], int]) -> ChainCounts:
    """How many cases stand in each link. `cases`: (programme, state) → how many; programmes that the chain does not
    name are not counted."""
    links = tuple(
        LinkCount(link, {name: sum(cases.get((name, s), 0) for s in states) for name, states in link.states.items()})
        for link in chain.links
    )
    of_named = sum(n for (programme, _), n in cases.items() if programme in chain.programmes)
    return ChainCounts(chain, links, of_named - sum(link.cases for link in links))


def alarm_of(ready: ReadyProgramme, case: CaseFile) -> AlarmState | None:
    """Whether a case is one for 110, by the `alarm` of its programme; None where there is no danger or no such rule.

    A case that is at its end raises none.
    """
    alarm = ready.programme.alarm
    if alarm is None or not case.history or ready.programme.states[case.state].final:
        return None
    now = row(ready, case, case.history[-1].at)
    if not ready.true(alarm.when, now):
        return None
    return AlarmState.UNTOLD if now.get(alarm.told) is None else AlarmState.TOLD
