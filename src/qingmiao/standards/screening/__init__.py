"""Screening and visits of young children: newborn screening, the 0–6-year visits, warning signs, disability
screening."""

from qingmiao.standards.screening.disability import child_stage, next_stage
from qingmiao.standards.screening.newborn import blood_state, blood_states, hearing_limits, hearing_step
from qingmiao.standards.screening.visits import calendar, visit_states, windows
from qingmiao.standards.screening.warning_signs import screen, screen_child, signs

__all__ = [
    "blood_state",
    "blood_states",
    "calendar",
    "child_stage",
    "hearing_limits",
    "hearing_step",
    "next_stage",
    "screen",
    "screen_child",
    "signs",
    "visit_states",
    "windows",
]
