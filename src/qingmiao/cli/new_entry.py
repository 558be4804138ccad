"""``qingmiao new-programme``, ``new-checklist``, ``new-register``: start one entry of a pack with its case."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.saying import say
from qingmiao.content.new_entry import new_entry


def _start(kind: str, pack: Path, id_: str, label: str | None, english: str, then: str) -> None:
    made = new_entry(kind, pack, id_, label=label or id_, english=english)
    say(f"写好了 {made.entry} 和 {made.case}\n下一步：照着改，每改一处运行 qingmiao check {pack}")
    if then:
        say(f"试着办一遍：{then}")


@click.command("new-programme")
@click.argument("pack", type=click.Path(path_type=Path))
@click.argument("id_", metavar="ID")
@click.option("--label", help="中文名称；不写就用 ID")
@click.option("--english", default="", help="英文名称；不写就用 ID")
def new_programme(pack: Path, id_: str, label: str | None, english: str) -> None:
    """在内容包 PACK 里新建一个服务项目 ID 和它的脚本，完整、可以办理，照着改。"""
    script = pack / "tests" / "programmes" / f"{id_}.yaml"
    _start("programme", pack, id_, label, english, f"qingmiao play {pack} {id_} {script}")


@click.command("new-checklist")
@click.argument("pack", type=click.Path(path_type=Path))
@click.argument("id_", metavar="ID")
@click.option("--label", help="中文名称；不写就用 ID")
@click.option("--english", default="", help="英文名称；不写就用 ID")
def new_checklist(pack: Path, id_: str, label: str | None, english: str) -> None:
    """在内容包 PACK 里新建一份检查单 ID 和它的案例，完整、可以检查，照着改。"""
    _start("checklist", pack, id_, label, english, f"qingmiao play {pack} {id_}")


@click.command("new-register")
@click.argument("pack", type=click.Path(path_type=Path))
@click.argument("id_", metavar="ID")
@click.option("--label", help="中文名称；不写就用 ID")
@click.option("--english", default="", help="英文名称；不写就用 ID")
def new_register(pack: Path, id_: str, label: str | None, english: str) -> None:
    """在内容包 PACK 里新建一种登记册 ID 和它的例子，完整、可以登记，照着改。"""
    _start("register", pack, id_, label, english, f"qingmiao play {pack} {id_}")
