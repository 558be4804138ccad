"""国家免疫规划疫苗儿童免疫程序: doses that count, due and overdue doses, coverage (2021 and 2026 editions)."""

from qingmiao.standards.immunisation.coverage import (
    DoseCoverage,
    LowestCoverage,
    coverage,
    is_due,
    is_unknown,
    lowest,
    lowest_of_all,
)
from qingmiao.standards.immunisation.doses import judge
from qingmiao.standards.immunisation.plan import ScheduledChildren
from qingmiao.standards.immunisation.reading import read_table
from qingmiao.standards.immunisation.records import NOTES, REASONS, Records
from qingmiao.standards.immunisation.sheet import (
    DoseStatus,
    child_schedule,
    judged,
    score_columns,
    score_table,
)
from qingmiao.standards.immunisation.status import STATES, DoseStates, next_due, states_on

__all__ = [
    "NOTES",
    "REASONS",
    "STATES",
    "DoseCoverage",
    "DoseStates",
    "DoseStatus",
    "LowestCoverage",
    "Records",
    "ScheduledChildren",
    "child_schedule",
    "coverage",
    "is_due",
    "is_unknown",
    "judge",
    "judged",
    "lowest",
    "lowest_of_all",
    "next_due",
    "read_table",
    "score_columns",
    "score_table",
    "states_on",
]
