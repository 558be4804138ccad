"""``qingmiao score vision``: screening myopia, acuity and referral of a whole sheet of vision checks."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa

from qingmiao.cli.saying import say
from qingmiao.cli.scoring import WrongFile, finish, output_options, score
from qingmiao.standards import vision
from qingmiao.standards.columns import Columns
from qingmiao.standards.files import Field, FileError, identifier, score_file
from qingmiao.standards.reading_log import ReadingLog
from qingmiao.standards.vision import sheet
from qingmiao.standards.vision.acuity import NOTATIONS, Notation

STANDARD = "WS/T 663-2020"
_MEANING = {
    "se_right": "右眼等效球镜，D：球镜 + 柱镜/2",
    "se_left": "左眼等效球镜，D",
    "worse_acuity": "较差眼裸眼视力，五分记录；缺一眼时空白",
    "worse_eye": "较差眼：right、left、equal",
    "low_acuity": "满 6 岁：none 不低于 5.0、mild 4.9、moderate 4.6–4.8、severe 4.5 及以下（轻中重未核实）",
    "screening_myopia": "筛查性近视 true/false；空白是不能判定",
    "state": "screened、ortho_k、missing_acuity、missing_refraction、missing_eye、out_of_range、cycloplegic、under_six、"
    "unreadable 有没读懂的格",
    "refer_acuity": "按视力需转诊（满 4 至不满 7 岁）",
    "refer_refraction": "按屈光需转诊（满 2 至不满 7 岁）",
    "referral": "任一项需转诊；该查的没查全且未见异常时空白",
    "reason": "读不懂或不合理的格，列名:原因，分号隔开",
}


@score.command("vision")
@click.option("--columns", is_flag=True, help="列出读哪些列、写哪些列，不评分")
@click.option("--notation", type=click.Choice(NOTATIONS), default="five_mark", show_default=True, help="视力的记录方法")
@click.option("--preschool-rule", is_flag=True, help="不满 6 岁也判定（一个公开实现的规则，不是正式标准）")
@output_options
@click.argument("source", metavar="IN", required=False, type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", required=False, type=click.Path(path_type=Path))
def vision_command(
    columns: bool,
    notation: Notation,
    preschool_rule: bool,
    source: Path | None,
    target: Path | None,
    no_bom: bool,
    faults: Path | None,
) -> None:
    """按 WS/T 663-2020 判定筛查性近视，并给出视力、屈光和转诊结果（保留 id）。读不懂的格列出来，退出码 1。"""
    if columns:
        say(_describe())
        return
    if source is None or target is None:
        raise click.UsageError("要给出 IN 和 OUT 两个文件；列名见 --columns")

    def work(chunk: Columns) -> pa.Table:
        scored: pa.Table = vision.score_table(chunk, notation=notation, preschool_rule=preschool_rule)
        return scored.select(("id", *sheet.OUTPUT_COLUMNS)).cast(_schema(scored.schema.field("id")))

    log = ReadingLog()
    try:
        rows = score_file(source, target, _fields(notation), work, log=log, bom=not no_bom)
    except (FileError, OSError) as error:
        raise WrongFile(str(error)) from error
    finish(log, STANDARD, rows, target, faults=faults, bom=not no_bom)


def _fields(notation: Notation = "five_mark") -> list[Field]:
    numbers = {"age_months", *sheet.READINGS}
    return [
        identifier(meaning)
        if name == "id"
        else Field(
            name,
            "number" if name in numbers and not (name.startswith("va_") and notation == "snellen") else "text",
            meaning,
            required=name in {"va_right", "va_left"},
        )
        for name, meaning in sheet.INPUT_COLUMNS.items()
    ]


def _schema(identity: pa.Field) -> pa.Schema:
    numbers = {"se_right", "se_left", "worse_acuity"}
    truths = {"screening_myopia", "refer_acuity", "refer_refraction", "referral"}
    kinds = {
        name: pa.float64() if name in numbers else pa.bool_() if name in truths else pa.string() for name in _MEANING
    }
    return pa.schema([identity, *kinds.items()])


def _describe() -> str:
    lines = [STANDARD, "读（* 必须有）："]
    lines += [f"  {field.name}{' *' if field.required else ''}  {field.description}" for field in _fields()]
    lines += ["写：", "  id  编号", *(f"  {name}  {_MEANING[name]}" for name in sheet.OUTPUT_COLUMNS)]
    return "\n".join(lines)
