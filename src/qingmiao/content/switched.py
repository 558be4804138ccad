"""Which version of an indicator is in force where records say what returns or departments said before.

A definition with `since_records: TABLE` waits until the county names the table in `from_records` of its policy: one
dated line of content switches the table and every indicator that is then read from it (docs/decisions/0027). One with
`since_registers: REGISTER` waits for the register in `from_registers`, one with `since_programme: PROGRAMME` for the
programme in `from_programmes` likewise.
"""

from __future__ import annotations

from collections.abc import Mapping

from qingmiao.content.indicators import Definition, Indicator
from qingmiao.content.policy import Policy


def switched(indicators: Mapping[str, Indicator], policy: Policy) -> dict[str, Indicator]:
    """The indicators with their definitions dated by the policy: a switched one takes the place of those of its
    years, one whose table is not switched is not there."""
    return {id_: _dated(indicator, policy) for id_, indicator in indicators.items()}


def _dated(indicator: Indicator, policy: Policy) -> Indicator:
    *before, last = indicator.definitions
    if last.switch is None:
        return indicator
    year = (
        policy.from_records.get(last.since_records or "")
        or policy.from_registers.get(last.since_registers or "")
        or policy.from_programmes.get(last.since_programme or "")
    )
    if year is None:
        return indicator.model_copy(update={"definitions": tuple(before)})
    kept = [d for d in before if d.first_year is None or d.first_year < year]
    if kept:
        kept[-1] = kept[-1].model_copy(update={"last_year": year - 1})
    return indicator.model_copy(update={"definitions": (*kept, last.model_copy(update={"first_year": year}))})


def unswitched(indicator: Indicator) -> Indicator:
    """The indicator as if records had not been turned to: the version before holds on; itself where none was."""
    *before, last = indicator.definitions
    if last.switch is None or not before:
        return indicator
    kept: tuple[Definition, ...] = (*before[:-1], before[-1].model_copy(update={"last_year": None}))
    return indicator.model_copy(update={"definitions": kept})
