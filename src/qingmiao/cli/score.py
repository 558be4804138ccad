"""``qingmiao score``: score a file by a published norm; each norm family registers its own command on import."""

from __future__ import annotations

from qingmiao.cli import score_fitness, score_growth, score_immunisation, score_vision
from qingmiao.cli.scoring import score

__all__ = ["score", "score_fitness", "score_growth", "score_immunisation", "score_vision"]
