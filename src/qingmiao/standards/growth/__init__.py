"""Growth norms: WHO 2006 and 2007, WS/T 423, 586, 456, 612, 800, anaemia; the package's public door.

``score_*`` take a table (Arrow, Polars, pandas, dict of arrays) and give the same kind back with columns added;
``classify_*`` and ``anaemia`` take NumPy columns; ``score_child`` scores one child, ``score_children`` columns. Every
result column or its norm names the standard: WHO and Chinese labels never mix.
"""

from __future__ import annotations

from qingmiao.standards.growth.birth import classify_wst800, low_birth_weight, preterm, score_wst800
from qingmiao.standards.growth.child import ChildScores, score_child, score_children
from qingmiao.standards.growth.estimates import prevalence, prevalence_who2007
from qingmiao.standards.growth.haemoglobin import anaemia, score_anaemia
from qingmiao.standards.growth.norms import NORMS, Norm
from qingmiao.standards.growth.reasons import LABELS, ScoreReason
from qingmiao.standards.growth.school_age import (
    classify_wst456,
    classify_wst586,
    classify_wst612,
    score_wst456,
    score_wst586,
    score_wst612,
)
from qingmiao.standards.growth.who2006 import score_who2006
from qingmiao.standards.growth.who2007 import score_who2007
from qingmiao.standards.growth.wst423 import classify_wst423, score_wst423

__all__ = [
    "LABELS",
    "NORMS",
    "ChildScores",
    "Norm",
    "ScoreReason",
    "anaemia",
    "classify_wst423",
    "classify_wst456",
    "classify_wst586",
    "classify_wst612",
    "classify_wst800",
    "low_birth_weight",
    "preterm",
    "prevalence",
    "prevalence_who2007",
    "score_anaemia",
    "score_child",
    "score_children",
    "score_who2006",
    "score_who2007",
    "score_wst423",
    "score_wst456",
    "score_wst586",
    "score_wst612",
    "score_wst800",
]
