"""``qingmiao score immunisation``: the state of every dose of every child on a day."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import click
import pyarrow as pa

from qingmiao.cli.score import score
from qingmiao.cli.score_growth import WrongFile
from qingmiao.standards.files import Field, FileError, TableWriter, identifier, read_chunks
from qingmiao.standards.immunisation import REASONS, sheet
from qingmiao.standards.immunisation.circumstances import BAR_MEANING, HEALTH_MEANING

_ALLOWED = {"status": tuple(BAR_MEANING), "health_state": tuple(HEALTH_MEANING)}
STANDARD = "国家免疫规划疫苗儿童免疫程序（2021年版、2026年版，按应种日期）"
_MEANING = {
    "id": "编号",
    "vaccine": "疫苗代码",
    "dose": "第几剂",
    "edition": "适用的版本（应种之日有效的一版）",
    "state": "given_valid 已种有效、given_invalid 已种无效、due 该种、overdue 逾期、not_yet_due 未到、"
    "not_applicable 不适用、missing 不能判定、contraindicated 禁忌、deferred 暂缓",
    "reason": "无效、不适用或不能判定的原因代码",
    "note": "有效但要留意：transition 新旧程序衔接、ppd_needed 须先做 PPD、other_product、earlier_dose_not_recorded、"
    "catch_up_product、combined_vaccine 联合疫苗、ipv_instead 改用 IPV",
    "due_date": "应种日期（月末按目标月最后一天）",
    "complete_before": "须在此日之前完成；空白是没有规定",
    "given_date": "有效接种的日期",
    "timely": "是否在 complete_before 之前接种；空白是不能判定",
}


@score.command("immunisation")
@click.option("--columns", is_flag=True, help="列出读哪些列、写哪些列，不评分")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="算到哪一天，如 2026-08-31（必须给出）")
@click.argument("source", metavar="IN", required=False, type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", required=False, type=click.Path(path_type=Path))
def immunisation_command(
    columns: bool, on: datetime.datetime | None, source: Path | None, target: Path | None
) -> None:
    """按国家免疫规划程序判定 IN 里每个儿童每一剂到 --on 那天的状态，写到 OUT（每童每剂一行）。"""
    if columns:
        click.echo(_describe())
        return
    if source is None or target is None:
        raise click.UsageError("要给出 IN 和 OUT 两个文件；列名见 --columns")
    if on is None:
        raise click.UsageError("要用 --on 给出算到哪一天，如 --on 2026-08-31")
    try:
        if source.resolve() == target.resolve():
            raise FileError(f"{target}：结果不能写回源文件")
        with TableWriter(target) as writer:
            table = pa.concat_tables(read_chunks(source, _fields()))
            read, states = sheet.judged(table, on=on.date())
            result = sheet.arrow_table(sheet.as_columns(read, states))
            writer.write(result)
    except (FileError, OSError) as error:
        raise WrongFile(str(error)) from error
    left_out = Counter(REASONS[code] for code in states.record_reason.tolist() if code)
    click.echo(f"{STANDARD}：{read.ids.shape[0]} 名儿童，{result.num_rows} 行，写到 {target}", err=True)
    if nameless := int((read.row_child < 0).sum()):
        click.echo(f"没有 id 的 {nameless} 行未计", err=True)
    if left_out:
        counts = "，".join(f"{word} {number}" for word, number in left_out.most_common())
        click.echo(f"没有计入的接种记录：{counts}", err=True)


def _fields() -> list[Field]:
    numbers = {"dose", "birth_weight_g"}
    needed = {"birth_date", "vaccine", "date"}
    return [
        identifier(meaning)
        if name == "id"
        else Field(
            name,
            "number" if name in numbers else "text",
            meaning,
            required=name in needed,
            allowed=_ALLOWED.get(name, ()),
        )
        for name, meaning in sheet.INPUT_COLUMNS.items()
    ]


def _describe() -> str:
    lines = [STANDARD, "读（* 必须有；每次接种一行）："]
    lines += [f"  {field.name}{' *' if field.required else ''}  {field.description}" for field in _fields()]
    lines += ["写（每童每剂一行）：", *(f"  {name}  {_MEANING[name]}" for name in sheet.OUTPUT_COLUMNS)]
    return "\n".join(lines)
