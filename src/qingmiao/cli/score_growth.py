"""``qingmiao score growth``: growth scores and grades of a whole file."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.cli.saying import say
from qingmiao.cli.scoring import WrongFile, finish, output_options, score
from qingmiao.standards.columns import Columns
from qingmiao.standards.files import FileError, score_file
from qingmiao.standards.growth.norms import NORMS, Norm
from qingmiao.standards.reading_log import ReadingLog

_SIX_DECIMALS = ("clenhei", "cbmi")


@score.command("growth")
@click.option("--standard", type=click.Choice(sorted(NORMS)), default="who2006", show_default=True, help="用哪个标准")
@click.option("--columns", is_flag=True, help="列出读哪些列、写哪些列，不评分")
@click.option("--reasons", is_flag=True, help="另写各项缺评分的原因代码（r 开头的列）")
@output_options
@click.argument("source", metavar="IN", required=False, type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", required=False, type=click.Path(path_type=Path))
def growth(
    standard: str,
    columns: bool,
    reasons: bool,
    source: Path | None,
    target: Path | None,
    no_bom: bool,
    faults: Path | None,
) -> None:
    """给 IN 里每个儿童评分，结果写到 OUT（保留 id，加评分列）。读不懂的格列出来，那一行的有关评分空白，退出码 1。"""
    norm = NORMS[standard]
    if columns:
        say(_describe(norm))
        return
    if source is None or target is None:
        raise click.UsageError("要给出 IN 和 OUT 两个文件；列名见 --columns")
    names = ("id", *(name for name, _ in norm.outputs), *(norm.reasons if reasons else ()))

    def work(chunk: Columns) -> pa.Table:
        scored: pa.Table = norm.score(chunk, reasons=reasons)
        result = scored.select(names)
        for name in norm.reasons if reasons and chunk.unread else ():
            codes = result.column(name).to_numpy()
            place = result.schema.get_field_index(name)
            told = norm.not_understood(chunk, name, codes)
            result = result.set_column(place, name, pa.array(told, type=result.schema.field(name).type))
        for name in _SIX_DECIMALS:
            place = result.schema.get_field_index(name)
            if place >= 0:
                result = result.set_column(place, name, pc.round(result.column(name), 6))
        return result

    log = ReadingLog()
    try:
        rows = score_file(source, target, norm.fields, work, one_of=norm.one_of, log=log, bom=not no_bom)
    except (FileError, OSError) as error:
        raise WrongFile(str(error)) from error
    finish(log, norm.standard, rows, target, faults=faults, bom=not no_bom)


def _describe(norm: Norm) -> str:
    groups = ["至少要有其中一列：" + "、".join(group) for group in norm.one_of]
    lines = [f"{norm.standard} {norm.title_zh}", "读：", "  （" + "；".join(groups) + "）"]
    lines += [f"  {field.name}{' *' if field.required else ''}  {field.description}" for field in norm.fields]
    lines += ["写：", "  id  编号", *(f"  {name}  {meaning}" for name, meaning in norm.outputs)]
    return "\n".join(lines)
