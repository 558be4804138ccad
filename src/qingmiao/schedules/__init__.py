"""What is due in a life, pure: `due` for one person, `states` for many at once; the same rules, no clock, no database.

An event counts for the item that began last before it. A window that is over is overdue as long as it can be made up,
and missed once the next item by age has begun, or at the age of the schedule's `until`.
"""

from qingmiao.schedules.columns import DueStates, Events, People, states
from qingmiao.schedules.counting import items_of_year, recorded
from qingmiao.schedules.states import STATES, DueItem, due
from qingmiao.schedules.vaccination import Barred, DosesDue, doses_due, vaccination_states

__all__ = [
    "STATES", "Barred", "DosesDue", "DueItem", "DueStates", "Events", "People", "doses_due", "due", "items_of_year",
    "recorded", "states", "vaccination_states",
]  # fmt: skip
