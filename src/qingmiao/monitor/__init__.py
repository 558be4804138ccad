"""The main job: a pack and a folder of data become values, assessments, warnings and the annual report.

Data goes one way: collect → measure → assess → report (`qingmiao.monitor.job`). The result is a folder that appears
whole or not at all; `run.json` says what went in (hashes), so that every number can be explained and recomputed.
"""

from qingmiao.monitor.again import recompute
from qingmiao.monitor.found import collected_findings, findings, return_states
from qingmiao.monitor.job import FinishedRun, WantedReport, monitor

__all__ = ["FinishedRun", "WantedReport", "collected_findings", "findings", "monitor", "recompute", "return_states"]
