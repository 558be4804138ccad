"""``qingmiao score immunisation``: the state of every dose of every child on a day."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import click
import numpy as np
import pyarrow as pa

from qingmiao.cli.saying import say
from qingmiao.cli.scoring import WrongFile, finish, output_options, score
from qingmiao.standards.columns import Columns
from qingmiao.standards.csv_files import spreadsheet_rows
from qingmiao.standards.files import Field, FileError, TableWriter, extension, identifier, read_chunks
from qingmiao.standards.immunisation import REASONS, STATES, sheet
from qingmiao.standards.immunisation.reading import Read
from qingmiao.standards.immunisation.words import REASON_WORDS
from qingmiao.standards.reading_log import ReadingLog, UnreadCell

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
    "recorded_dose": "算作这一剂的记录上写的第几剂；空白是没有写",
    "number_differs": "记录上的剂次与数出的不同；空白是没有写",
}
_REASON_WORDS = REASON_WORDS | {"after_on": "晚于 --on"}


@score.command("immunisation")
@click.option("--columns", is_flag=True, help="列出读哪些列、写哪些列，不评分")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="算到哪一天，如 2026-08-31（必须给出）")
@output_options
@click.argument("source", metavar="IN", required=False, type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", required=False, type=click.Path(path_type=Path))
def immunisation_command(
    columns: bool,
    on: datetime.datetime | None,
    source: Path | None,
    target: Path | None,
    no_bom: bool,
    faults: Path | None,
) -> None:
    """按国家免疫规划程序判定 IN 里每个儿童每一剂到 --on 那天的状态，写到 OUT（每童每剂一行）。读不懂的格列出来，退出码 1。"""
    if columns:
        say(_describe())
        return
    if source is None or target is None:
        raise click.UsageError("要给出 IN 和 OUT 两个文件；列名见 --columns")
    if on is None:
        raise click.UsageError("要用 --on 给出算到哪一天，如 --on 2026-08-31")
    log, changed = ReadingLog(), list[int]()
    try:
        if source.resolve() == target.resolve():
            raise FileError(f"{target}：结果不能写回源文件")
        with TableWriter(target, bom=not no_bom) as writer:
            table = pa.concat_tables(read_chunks(source, _fields(), lenient=True, changed=changed))
            read, states = sheet.judged(table, on=on.date())
            result = sheet.arrow_table(sheet.as_columns(read, states))
            writer.write(result)
        log.cells = [*read.faults, *_children_in_doubt(table, read)]
        log.changed_ids = sum(changed)
        if log.last_row and extension(source) == "csv":
            log.renumber(spreadsheet_rows(source, log.last_row))
    except (FileError, OSError) as error:
        raise WrongFile(str(error)) from error
    say(f"{read.ids.shape[0]} 名儿童", err=True)
    left_out = Counter(REASONS[code] for code in states.record_reason.tolist() if code)
    if left_out:
        counts = "，".join(f"{_REASON_WORDS.get(word, word)} {number}" for word, number in left_out.most_common())
        say(f"没有计入的接种记录：{counts}", err=True)
    if differs := int(states.record_differs.sum()):
        say(
            f"记录上的剂次与按日期、月龄、间隔数出的不同：{differs} 条（见 number_differs 列）；以日期为准",
            err=True,
        )
    if open_ := int((states.state == STATES.index("missing")).any(axis=1).sum()):
        say(f"{open_} 名儿童有不能判定的剂次（missing），没有算作逾期", err=True)
    finish(log, STANDARD, result.num_rows, target, faults=faults, bom=not no_bom)


def _children_in_doubt(table: pa.Table, read: Read) -> list[UnreadCell]:
    """Rows without an id, and the first row of each child whose rows give different dates of birth."""
    found = [
        UnreadCell(row + 2, "id", "", "没有编号，这一行没有计入") for row in np.flatnonzero(read.row_child < 0).tolist()
    ]
    births = Columns(table).texts("birth_date")
    for child in np.flatnonzero(read.conflicting).tolist():
        rows = np.flatnonzero(read.row_child == child).tolist()
        said = "、".join(dict.fromkeys(str(births[row]) for row in rows if births[row] is not None))
        words = f"编号 {read.ids[child]} 的各行出生日期不一样（{said}），这名儿童的各剂都不能判定"
        found.append(UnreadCell(rows[0] + 2, "birth_date", said, words))
    return found


def _fields() -> list[Field]:
    needed = {"birth_date", "vaccine", "date"}
    return [
        identifier(meaning) if name == "id" else Field(name, "text", meaning, required=name in needed)
        for name, meaning in sheet.INPUT_COLUMNS.items()
    ]


def _describe() -> str:
    lines = [STANDARD, "读（* 必须有；每次接种一行）："]
    lines += [f"  {field.name}{' *' if field.required else ''}  {field.description}" for field in _fields()]
    lines += ["写（每童每剂一行）：", *(f"  {name}  {_MEANING[name]}" for name in sheet.OUTPUT_COLUMNS)]
    return "\n".join(lines)
