"""A seeded generator of a plausible demonstration county (演示数据). The public door of this package."""

from qingmiao.demo.county import Summary, generate
from qingmiao.demo.scenario import ScenarioError

__all__ = ["ScenarioError", "Summary", "generate"]
