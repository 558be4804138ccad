"""Work with states: one table of steps for a flow, from which deciding, diagrams, pages and path tests all follow.

Pure: no clock, no database.
"""

from qingmiao.flow.deciding import Guard, Refusal, StepDecision, Who, decide
from qingmiao.flow.table import NOTHING, Ask, Flow, FlowError, State, Step

__all__ = ["NOTHING", "Ask", "Flow", "FlowError", "Guard", "Refusal", "State", "Step", "StepDecision", "Who", "decide"]
