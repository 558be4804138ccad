"""``qingmiao new-pack``: start a pack from the small example, or from a spreadsheet with one row a target."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.saying import say
from qingmiao.content.new_pack import new_pack as start_pack
from qingmiao.kernel.errors import UserError


@click.command("new-pack")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--title", help="内容包的名称")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="目标表（.xlsx 或 .csv），一行一个目标：由它生成整个内容包",
)
@click.option("--sheet", type=click.Path(path_type=Path), help="把目标表的空白模板写到这个 .xlsx")
def new_pack(folder: Path | None, title: str | None, source: Path | None, sheet: Path | None) -> None:
    """在 FOLDER 新建一个完整、可运行的内容包，供改成本县的规划；或用 --sheet 得到目标表的模板。"""
    if sheet is not None:
        from qingmiao.collect.target_template import write_target_template

        if folder is not None or source is not None:
            raise UserError("--sheet 只写模板，不与 FOLDER、--from 同用")
        write_target_template(sheet)
        say(f"目标表模板：{sheet}\n填好后：qingmiao new-pack 文件夹 --from {sheet}")
        return
    if folder is None:
        raise UserError("要写新内容包的文件夹：qingmiao new-pack content/本县")
    if source is None:
        written = start_pack(folder, title=title)
        say(f"新建了 {len(written)} 个文件：{folder}\n下一步：qingmiao check {folder}")
        return
    from qingmiao.collect.seen_cells import seen_cells
    from qingmiao.content.pack_from_targets import pack_from_targets

    made = pack_from_targets(folder, seen_cells(source), source.as_posix(), title=title)
    for note in made.notes:
        say(f"注意：{note}")
    say(f"由 {made.targets} 个目标新建了 {len(made.files)} 个文件：{folder}\n下一步：qingmiao check {folder}")
