"""`qingmiao demo-data`: write a demonstration county's data folder."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.saying import say
from qingmiao.content import load_pack
from qingmiao.demo import generate


@click.command("demo-data", help="生成一个演示县的数据文件夹（演示数据；同一种子每次都一样）。")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="写到哪个文件夹")
@click.option("--seed", type=click.IntRange(min=0), default=16, show_default=True, help="随机数种子")
@click.option(
    "--children",
    type=click.IntRange(min=1000),
    default=None,
    help="儿童人数（默认用内容包的演示参数；可放大到一个省）",
)
@click.option(
    "--pack",
    "pack_path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("content/xiangning"),
    show_default=True,
    help="内容包",
)
def demo_data(out: Path, seed: int, children: int | None, pack_path: Path) -> None:
    """Generate the data folder and say what it holds."""
    if out.exists() and any(out.iterdir()) and not (out / "演示数据.txt").is_file():
        raise click.UsageError(f"{out} 里有别的文件，又没有演示数据标记；换一个文件夹")
    summary = generate(load_pack(pack_path), out, seed=seed, children=children, progress=lambda t: say(t, err=True))
    for name, rows in summary.rows.items():
        click.echo(f"{name}\t{rows:,}")
    say(f"演示数据写在 {summary.folder}（儿童 {summary.children:,} 人，共 {sum(summary.rows.values()):,} 行）")
