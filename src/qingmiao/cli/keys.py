"""``qingmiao keys list | new | rotate | retire``: the keys under which children's numbers, phones and addresses lie."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.of_site import home_option, open_site
from qingmiao.cli.saying import say


@click.group()
def keys() -> None:
    """证件号码、电话、住址的加密密钥：查看版本、换新、把存着的数据换到新密钥下、停用旧密钥。"""


@keys.command("list")
@home_option
def list_keys(home: Path | None) -> None:
    """列出密钥的版本，每一版下还有多少个值（密文和查找用的散列）。"""
    with open_site(home):
        from qingmiao.site.apps.records import api as records

        rows = records.rekeying.listed()
    for row in rows:
        use, cipher = "在用" if row.newest else "旧", row.cipher or "密钥文件里没有这一版，请取回"
        say(f"第 {row.number} 版\t{use}\t{cipher}\t{row.values} 个值")


@keys.command()
@home_option
def new(home: Path | None) -> None:
    """做一版新密钥；以后写入的都用它，已有的数据用 rotate 换过去。站点可以照常运行。"""
    with open_site(home):
        from qingmiao.site.apps.records import api as records

        version = records.rekeying.new()
    say(f"第 {version} 版密钥已经启用。请立即另存密钥文件（不要和备份放在一起），再执行 qingmiao keys rotate")


@keys.command()
@home_option
def rotate(home: Path | None) -> None:
    """把全部密文和查找用的散列换到最新的密钥下；站点可以照常运行，中断了再执行一次就接着做。"""

    def told(done: int, total: int) -> None:
        say(f"[青苗] 已换 {done} / {total} 行", err=True)

    with open_site(home):
        from qingmiao.site.apps.records import api as records

        count = records.rekeying.rotate(told)
    say(f"全部换好，共 {count} 行" if count else "没有要换的：全部已在最新的密钥下")


@keys.command()
@click.argument("version", type=int)
@home_option
def retire(version: int, home: Path | None) -> None:
    """停用第 VERSION 版旧密钥；还有值在它下面的不停用。以前的备份要用它才能打开，请先另存密钥文件。"""
    with open_site(home):
        from qingmiao.site.apps.records import api as records

        records.rekeying.retire(version)
    say(f"第 {version} 版密钥已停用。在那以前做的备份，要用另存的密钥文件才能打开其中的号码")
