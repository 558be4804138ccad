"""What every ``qingmiao score`` command of one sheet shares: their group, its options, and how it ends when
cells were not understood."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from qingmiao.cli.saying import say
from qingmiao.standards.reading_log import ReadingLog

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def score() -> None:
    """按公开标准给整份表评分（CSV 或 Parquet，按扩展名）。"""


class WrongFile(click.ClickException):
    """The user's file cannot be scored: message on stderr, exit code 2, no output file."""

    exit_code = 2


def output_options(command: Command) -> Command:
    """``--no-bom`` and ``--faults FILE``."""
    command = click.option(
        "--faults",
        type=click.Path(path_type=Path),
        help="把没有读懂的格全部写到这个 CSV（行、列、原文、说明）",
    )(command)
    return click.option(
        "--no-bom", is_flag=True, help="CSV 不写字节序标记（默认写：中文 Windows 上的 Excel 才不乱码）"
    )(command)


def finish(log: ReadingLog, title: str, rows: int, target: Path, *, faults: Path | None, bom: bool) -> None:
    """Say how many rows were written and what was not understood; ends with exit code 1 where something was not."""
    say(f"{title}：{rows} 行，写到 {target}", err=True)
    for line in log.lines():
        say(line, err=True)
    if faults is not None:
        try:
            log.write(faults, bom=bom)
        except OSError as error:
            raise WrongFile(f"{faults}：写不了：{error.strerror}") from error
    if log.cells:
        raise SystemExit(1)
