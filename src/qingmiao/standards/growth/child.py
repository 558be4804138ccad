"""One child by any growth norm: the same code as for a table, on a table of one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qingmiao.standards.columns import Column
from qingmiao.standards.growth.norms import NORMS
from qingmiao.standards.growth.reasons import ScoreReason

Value = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class ChildScores:
    """Scores of one child: ``standard`` names the norm; a missing score is ``None`` and has a reason."""

    standard: str
    values: Mapping[str, Value]
    reasons: Mapping[str, ScoreReason]

    def __getitem__(self, name: str) -> Value:
        return self.values[name]


def score_child(norm: str, **measurements: Value) -> ChildScores:
    """Score one child by ``norm`` (a key of ``NORMS``); keywords are the table's columns, e.g. ``sex="f",
    age_days=400``.

    An unknown column name is an error (``TypeError``): a misspelt measurement must not pass as missing.
    """
    chosen, table = NORMS[norm], {name: np.array([value], dtype=object) for name, value in measurements.items()}
    table.setdefault("sex", np.array([None], dtype=object))
    scored = score_children(norm, **table)
    values = {name: _plain(scored[name]) for name, _ in chosen.outputs}
    return ChildScores(chosen.standard, values, {name: ScoreReason(int(scored[name][0])) for name in chosen.reasons})


def score_children(norm: str, **columns: Column) -> Mapping[str, Column]:
    """Score many children by ``norm``: the columns (n,) and those that the norm adds. An unknown column name is an
    error (``TypeError``)."""
    chosen = NORMS[norm]
    known = {field.name for field in chosen.fields}
    if wrong := sorted(set(columns) - known):
        raise TypeError(f"{chosen.standard} does not read {', '.join(wrong)}; it reads {', '.join(sorted(known))}")
    scored: Mapping[str, Column] = chosen.score(columns, reasons=True)
    return scored


def _plain(column: np.ndarray) -> Value:
    if isinstance(column, np.ma.MaskedArray) and np.ma.getmaskarray(column)[0]:
        return None
    value: Value = column.tolist()[0]
    return None if isinstance(value, float) and value != value else value
