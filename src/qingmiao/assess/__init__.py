"""Three separate answers (attainment, pace, likelihood) and the warnings. The public door of this layer."""

from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.assess.rows import AssessedRow
from qingmiao.assess.run import Assessment, AttainmentRate, TargetVerdict, assess_pack
from qingmiao.assess.verdict import Attainment, Verdict
from qingmiao.assess.warnings import FoundWarning
from qingmiao.content.policy import WarningKind

__all__ = [
    "AssessedRow",
    "Assessment",
    "Attainment",
    "AttainmentRate",
    "DueReturn",
    "FoundWarning",
    "QualityFinding",
    "TargetVerdict",
    "Verdict",
    "WarningKind",
    "assess_pack",
]
