"""``qingmiao score fitness``: scores, bonus, total and level of a whole school sheet."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa

from qingmiao.cli.saying import say
from qingmiao.cli.scoring import WrongFile, finish, output_options, score
from qingmiao.standards import fitness
from qingmiao.standards.columns import Columns
from qingmiao.standards.files import Field, FileError, identifier, score_file
from qingmiao.standards.reading_log import ReadingLog

STANDARD = "国家学生体质健康标准（2014年修订）"


@score.command("fitness")
@click.option("--columns", is_flag=True, help="列出读哪些列、写哪些列，不评分")
@click.option("--reasons", is_flag=True, help="另写 state 列和各项没有得分的原因代码（reason_ 开头的列）")
@click.option(
    "--sprint-rounding",
    type=click.Choice(["half_up", "truncate", "up"]),
    default="half_up",
    show_default=True,
    help="50 米跑成绩有两位小数时怎样取一位：四舍五入、舍去、进一",
)
@output_options
@click.argument("source", metavar="IN", required=False, type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", required=False, type=click.Path(path_type=Path))
def fitness_command(
    columns: bool,
    reasons: bool,
    sprint_rounding: fitness.SprintRounding,
    source: Path | None,
    target: Path | None,
    no_bom: bool,
    faults: Path | None,
) -> None:
    """按国家学生体质健康标准（2014年修订）给 IN 里每个学生评分，写到 OUT（保留 id）。读不懂的格列出来，退出码 1。"""
    if columns:
        say(_describe())
        return
    if source is None or target is None:
        raise click.UsageError("要给出 IN 和 OUT 两个文件；列名见 --columns")
    names = ("id", *fitness.output_columns(reasons=reasons))

    def work(chunk: Columns) -> pa.Table:
        scored: pa.Table = fitness.score_table(chunk, sprint_rounding=sprint_rounding, reasons=reasons)
        return scored.select(names).cast(_schema(names, scored.schema.field("id")))

    log = ReadingLog()
    try:
        rows = score_file(source, target, _fields(), work, log=log, bom=not no_bom)
    except (FileError, OSError) as error:
        raise WrongFile(str(error)) from error
    finish(log, STANDARD, rows, target, faults=faults, bom=not no_bom)


def _fields() -> list[Field]:
    numbers = set(fitness.measure_columns())
    return [
        identifier(meaning)
        if name == "id"
        else Field(name, "number" if name in numbers else "text", meaning, required=name in {"grade", "sex"})
        for name, meaning in fitness.input_columns().items()
    ]


def _schema(names: tuple[str, ...], identity: pa.Field) -> pa.Schema:
    """The id as it came, scores and bonus as whole numbers, bmi and total with decimals, codes as text."""

    def kind(name: str) -> pa.DataType:
        if name in {"bmi", "total"}:
            return pa.float64()
        return pa.int16() if name.startswith("score_") or name == "bonus" else pa.string()

    return pa.schema([identity, *((name, kind(name)) for name in names if name != "id")])


def _describe() -> str:
    lines = [STANDARD, "读（* 必须有）："]
    lines += [f"  {field.name}{' *' if field.required else ''}  {field.description}" for field in _fields()]
    lines += [
        "写：",
        "  id  编号",
        "  bmi  体重指数，千克/米²，一位小数",
        *(
            f"  {name}  单项得分，空白是没有得分"
            for name in fitness.output_columns(reasons=False)
            if name.startswith("score_")
        ),
        "  bonus  附加分（0–20）",
        "  total  总分：标准分加附加分，一位小数",
        "  level  等级：excellent 优秀、good 良好、pass 及格、fail 不及格",
        "  state  加 --reasons：scored 有总分；incomplete 缺必测项；unreadable_item 有读不懂的必测项；exempt 免予执行；其余是年级、性别或免测栏读不懂或空白",
        "  reason_…  加 --reasons：not_tested 不测、missing 缺、implausible 不合理、exempt 免、unknown_group 年级或性别不明、unreadable 读不懂",
    ]
    return "\n".join(lines)
