"""The state of the plan's fields in two years, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from qingmiao.content.base import Label
from qingmiao.figures.marks import ATTAINMENT
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.web.console.monitoring.shown import Sign, sign

CLASSES = tuple(ATTAINMENT)
"""Each target stands in exactly one, so that every row adds up."""


@dataclass(frozen=True)
class FieldState:
    """One field (or all of them: no id): how many targets there are, how many in each class now, how many met then."""

    id: str
    label: Label
    total: int
    counts: tuple[int, ...]
    met_before: int
    parts: tuple[tuple[str, int, int], ...]
    """The row's bar: (class, targets before it, targets in it) of the classes that there are."""

    @property
    def change(self) -> int:
        """More targets met than in the year before, or fewer."""
        return self.counts[0] - self.met_before


@dataclass(frozen=True)
class Fields:
    """All fields, the whole, the classes that any target is in, the rate where it may be told."""

    rows: tuple[FieldState, ...]
    whole: FieldState
    signs: tuple[Sign, ...]
    judged: int
    rate: str
    """met ÷ judged in per cent; empty where fewer targets could be judged than the policy asks for."""


def fields(state: LoadedRun, year: int, before: int) -> Fields:
    """How many targets of each field are met, not met, not decided, in a year and in the one compared."""
    now, then = _verdicts(state, year), _verdicts(state, before)
    rows = tuple(_row(f.id, f.label, [x.id for g in f.goals for x in g.targets], now, then) for f in state.pack.fields)
    whole = _row("", Label(zh="合计", en="All"), now, now, then)
    rate = state.assessment(year).rate
    return Fields(
        rows, whole, tuple(sign(m, "") for m in ATTAINMENT.values()), rate.monitored, rate.told(state.pack.policy)
    )


def _verdicts(state: LoadedRun, year: int) -> dict[str, str]:
    findings = state.findings(year)
    found = {x: findings.of(x) for x in state.pack.targets}
    return {x: f.attainment if f is not None else "undetermined" for x, f in found.items()}


def _row(id_: str, label: Label, targets: Iterable[str], now: dict[str, str], then: dict[str, str]) -> FieldState:
    listed = list(targets)
    counted = Counter(now[x] for x in listed)
    counts = tuple(counted[c] for c in CLASSES)
    return FieldState(
        id_, label, len(listed), counts, sum(then[x] == CLASSES[0] for x in listed),
        tuple((c, sum(counts[:k]), n) for k, (c, n) in enumerate(zip(CLASSES, counts, strict=True)) if n),
    )  # fmt: skip
