"""``qingmiao compliance | retention``: the yearly report on children's personal data; the files past their time."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.of_site import home_option, open_site
from qingmiao.cli.saying import say
from qingmiao.cli.years import asked_year


@click.command()
@home_option
@click.option("--year", "asked", required=True, help="哪一年")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="结果文件夹")
def compliance(home: Path | None, asked: str, out: Path) -> None:
    """一年的未成年人个人信息保护合规审计数据：谁可以看、看了多少、申请、复核、删除；中英文，每个数字写明来源。"""
    year = asked_year(asked)
    with open_site(home):
        from django.conf import settings

        from qingmiao.kernel.days import china_today
        from qingmiao.site.apps.records import api as records

        found = records.privacy.year_of(year)
        demo = settings.ENVIRONMENT.mode == "demo"
        made = records.privacy.write(found, out, fonts=settings.ENVIRONMENT.fonts, on=china_today(), demo=demo)
    for path in made:
        say(str(path))


@click.command()
@home_option
@click.option("--dry-run", is_flag=True, help="只列出，不列入待确认")
def retention(home: Path | None, dry_run: bool) -> None:
    """各用途的保存期限都届满的儿童档案：列出编号和管理单位，列入“保存期限”页由人确认；本身不删除任何内容。"""
    with open_site(home):
        from qingmiao.site.apps.records import api as records

        unset = records.privacy.without_time()
        found = records.privacy.past_today()
        listed = 0 if dry_run else records.privacy.list_over()
    for purpose in unset:
        say(f"用途“{purpose}”没有保存期限，由县里在 policy.yaml 的 intervals 设置；设置以前没有档案到期", err=True)
    for number, unit, last in found:
        say(f"{number}\t{unit}\t期限届满 {last}")
    say(f"到期 {len(found)} 份" + ("，没有写入（--dry-run）" if dry_run else f"，新列入待确认 {listed} 份"))
