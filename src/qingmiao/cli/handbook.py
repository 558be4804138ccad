"""``qingmiao handbook``: the handbook of casework, a page a programme, as PDF and docx."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.saying import say


@click.command("handbook")
@click.argument("pack_folder", metavar="PACK", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="结果文件夹")
@click.option(
    "--fonts", type=click.Path(path_type=Path), default=None, help="字体文件夹（默认 var/fonts，没有就用程序自带的）"
)
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="手册日期（默认今天）")
def handbook_command(pack_folder: Path, out: Path, fonts: Path | None, on: object) -> None:
    """个案办理手册：一个服务项目一页，写明谁办、状态、环节、要填的内容、时限和条款、密级。

    手册由内容包里的服务项目文件印出（handbook.pdf、handbook.docx），两份文件要么都写出，要么都不写。
    """
    from datetime import datetime

    from qingmiao.casework.handbook import handbook_pages
    from qingmiao.content.load import load_pack
    from qingmiao.kernel.days import china_today
    from qingmiao.kernel.errors import UserError
    from qingmiao.report.font_folder import font_folder
    from qingmiao.report.handbook import handbook
    from qingmiao.report.write import write_report

    pack = load_pack(pack_folder)
    pages = handbook_pages(pack)
    if not pages:
        raise UserError(f"内容包 {pack_folder} 没有服务项目，没有手册可印")
    day = on.date() if isinstance(on, datetime) else china_today()
    document = handbook(pages, title="个案办理手册", issuer="", on=day)
    for path in write_report(
        document, out, fonts=fonts or font_folder(), formats=("pdf", "docx"), name="handbook"
    ):  # fmt: skip
        say(f"写出 {path}")
