"""Cases counted across programmes by the links of a chain, and whether the police have been told of a danger."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.casework.case import CaseFile, row
from qingmiao.casework.ready import ReadyProgramme


class AlarmState(StrEnum):
    """How a case stands to 110."""

    UNTOLD = "untold"
    """Somebody is in danger, and the police have not been told."""
    TOLD = "told"
    """Somebody is in danger, and the police were told."""


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
