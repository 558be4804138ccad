"""Single cases from a table: our own verdict for a row, and the three methods by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qingmiao.assess.attainment import attain
from qingmiao.assess.international import (
    HORIZON,
    NOT_AVAILABLE,
    Case,
    ProgressClass,
    statcan_class,
    unsd_class,
)
from qingmiao.assess.limits import ValueRange, limit_of, plain
from qingmiao.assess.meaning import POINTS, WITHOUT_NUMBER, Incomparable, as_level, change_problem
from qingmiao.assess.pace import pace
from qingmiao.assess.series import LARGEST, Series, YearPoint, exact
from qingmiao.assess.verdict import Grounds, Verdict
from qingmiao.content.plan import Target, TargetKind
from qingmiao.content.policy import Policy

Method = Literal["statcan", "unsd2023", "qingmiao"]

KINDS: dict[str, TargetKind | None] = {
    "upper_bound": TargetKind.AT_MOST,
    "lower_bound": TargetKind.AT_LEAST,
    "relative_reduction": TargetKind.REDUCE_BY,
    "trend_controlled": TargetKind.CONTAINED,
    "falling": TargetKind.FALLING,
    "rising": TargetKind.RISING,
    "at_most": TargetKind.AT_MOST,
    "at_least": TargetKind.AT_LEAST,
    "count_at_least": TargetKind.COUNT_AT_LEAST,
    "reduce_by": TargetKind.REDUCE_BY,
    "increase_by": TargetKind.INCREASE_BY,
    "contained": TargetKind.CONTAINED,
    "level": None,
    "no_numeric_target": None,
    "": None,
}
"""Words of a table's `target_kind`; None = a level whose side follows from the direction. Others have no number."""

_NUMBERED = frozenset(
    {
        TargetKind.AT_MOST,
        TargetKind.AT_LEAST,
        TargetKind.COUNT_AT_LEAST,
        TargetKind.REDUCE_BY,
        TargetKind.INCREASE_BY,
    }
)


@dataclass(frozen=True)
class TableCase:
    """A row: the case, its kind of target in the table's word, and the decimals its values are published with."""

    case_id: str
    case: Case
    kind: str = ""
    decimals: int = 0
    unit: str = ""
    target_unit: str = ""


def assess_case(row: TableCase, method: Method) -> ProgressClass:
    """The class of one row by one of the three methods; a target that is no level is turned into one, or refused."""
    if method == "qingmiao":
        return qingmiao_class(row)
    if row.kind not in KINDS:
        return ProgressClass(NOT_AVAILABLE, reason=f"不认识的目标种类「{row.kind}」")
    case = as_level(row.case, KINDS[row.kind], word=row.kind, unit=row.unit, target_unit=row.target_unit)
    if isinstance(case, Incomparable):
        return ProgressClass(NOT_AVAILABLE, reason=case.reason)
    return statcan_class(case) if method == "statcan" else unsd_class(case)


def qingmiao_class(row: TableCase) -> ProgressClass:
    """met, not_met or not_available: the published value against the target; the progress value is our pace.

    For reduce_by and increase_by the target value is the change in percent. There is no score.
    """
    case = row.case
    kind = _kind(row)
    if kind is None:
        return ProgressClass(NOT_AVAILABLE, reason="没有可比较的目标值")
    if kind in _NUMBERED and case.target_value is None:
        return ProgressClass(NOT_AVAILABLE, reason="没有目标值")
    if case.current_value is None:
        return ProgressClass(NOT_AVAILABLE, reason="没有现值")
    if any(abs(v) >= LARGEST for v in (case.current_value, case.target_value, case.base_value) if v is not None):
        return ProgressClass(NOT_AVAILABLE, reason="数值过大")
    fields: dict[str, object] = {"id": "case", "label": {"zh": "目标"}, "kind": kind.value}
    number = case.target_value
    if kind in (TargetKind.REDUCE_BY, TargetKind.INCREASE_BY):
        points = row.target_unit in POINTS
        problem = change_problem(case, kind, row.target_unit)
        if problem or number is None:
            return ProgressClass(NOT_AVAILABLE, reason=problem)
        fields |= {"points": number} if points else {"cut": f"{plain(exact(number))}%"}
    elif kind in _NUMBERED:
        fields["value"] = number
    year = case.current_year or HORIZON
    base_year = case.base_year if case.base_year is not None else year - 1
    if kind not in (TargetKind.AT_MOST, TargetKind.AT_LEAST, TargetKind.COUNT_AT_LEAST):
        if case.base_value is None:
            return ProgressClass(NOT_AVAILABLE, reason="没有基期值")
        fields["baseline"] = {"year": base_year, "value": case.base_value}
    target = Target.model_validate(fields)
    end = case.target_year or HORIZON
    evidence = Grounds(
        target=target,
        year=year,
        plan_start=base_year + 1,
        plan_end=end,
        series=Series((YearPoint(year, case.current_value),)),
        decimals=min(row.decimals, 12),
    )
    answer = attain(evidence)
    name = answer.verdict.value if answer.verdict.is_decided else NOT_AVAILABLE
    base = exact(case.base_value) if case.base_value is not None and case.base_year is not None else None
    limit = answer.limit if answer.limit is not None else limit_of(target, target)
    found = pace(
        base=base,
        value=exact(case.current_value),
        limit=limit if kind in _NUMBERED else ValueRange(),
        from_year=base_year,
        to_year=end,
        year=year,
        policy=Policy(),
        unrounded_met=answer.verdict is Verdict.MET,
    )
    progress = found.ratio if case.current_year is not None and base is not None else None
    return ProgressClass(name, progress=progress, reason=answer.reason)


def _kind(row: TableCase) -> TargetKind | None:
    """The kind of target: the table's word, else the side that the direction says; None = nothing to compare."""
    if row.kind not in KINDS or row.kind in WITHOUT_NUMBER:
        return None
    kind = KINDS[row.kind]
    if kind is not None:
        return kind
    sides = {"up": TargetKind.AT_LEAST, "down": TargetKind.AT_MOST}
    return sides.get(row.case.direction or "")
