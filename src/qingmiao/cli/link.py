"""``qingmiao link``: which records of several registers are of one child."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow.compute as pc

from qingmiao.cli.registers import csv_table, make_folder, read_register
from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole


@click.command("link")
@click.argument("source", metavar="IN.csv", type=click.Path(path_type=Path))
@click.option(
    "--out", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path), help="结果写到哪个文件夹"
)
@click.option("--bom", is_flag=True, help="CSV 写字节序标记，供 Excel 直接打开（默认不写）")
def link_command(source: Path, folder: Path, bom: bool) -> None:
    """把几本册子（出生、户籍、学籍、接种……）里同一个儿童的记录找到一起。

    IN.csv 的列：record_id register name sex birth_date id_number guardian_name guardian_phone area_code。写 DIR/pairs.csv
    （left,right,probability：概率 0.5 以上的判为同一人，以下的待人核对）和 DIR/clusters.csv（record_id,entity）。
    读不懂的出生日期、性别和丢了位数的证件号码列出来，按没有填处理，退出码 1；其余照常办理。
    """
    from qingmiao.identity.linking.batch import link

    register = read_register(source)
    linked = link(register.records)
    make_folder(folder)
    files = {folder / "pairs.csv": linked.pairs, folder / "clusters.csv": linked.clusters}
    write_whole({path: csv_table(table, bom=bom) for path, table in files.items()})
    joined = linked.pairs.filter(pc.greater_equal(linked.pairs["probability"], 0.5)).num_rows
    entities = len(linked.clusters["entity"].unique())
    say(
        f"{source}：{register.records.num_rows} 条记录，判为 {entities} 个儿童；同一人的记录 {joined} 对，"
        f"另有 {linked.pairs.num_rows - joined} 对把握不大、没有并，写到 {folder}",
        err=True,
    )
    for line in register.told:
        say(line, err=True)
    if register.unread:
        raise SystemExit(1)
