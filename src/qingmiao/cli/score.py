"""``qingmiao score``: score a file by a published norm; each norm family registers its own command here."""

from __future__ import annotations

import click


@click.group()
def score() -> None:
    """按公开标准给整份表评分（CSV 或 Parquet，按扩展名）。"""


# Commands register themselves on import.
from qingmiao.cli import score_fitness, score_growth, score_immunisation, score_vision  # noqa: E402, F401
