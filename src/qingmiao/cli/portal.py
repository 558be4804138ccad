"""``qingmiao site-export``: the public portal as static files."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.of_site import home_option, open_site
from qingmiao.cli.saying import say


@click.command("site-export")
@click.argument("out", metavar="DIR", type=click.Path(path_type=Path))
@home_option
def site_export(out: Path, home: Path | None) -> None:
    """把公众门户写成静态网页：任何网站都能放，和在线的页面逐字节相同。

    DIR 是新的或空的文件夹；写的是公开架上最新的一版，中英文，连同图、表格和数据。从 index.html 打开。
    """
    with open_site(home):
        from qingmiao.site.web.portal.exporting import export

        count = export(out)
    say(f"写了 {count} 个文件到 {out}；从 {out / 'index.html'} 打开", err=True)
