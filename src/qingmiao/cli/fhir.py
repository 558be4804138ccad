"""``qingmiao fhir``: health records to and from another FHIR server (a hospital's, a region's)."""

from __future__ import annotations

from pathlib import Path

import click

from qingmiao.cli.of_site import home_option, open_site
from qingmiao.cli.saying import say
from qingmiao.kernel.days import china_now
from qingmiao.kernel.errors import UserError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def fhir() -> None:
    """和别的 FHIR 服务器（医院、区域平台）交换健康记录：推送、接收、两边都改过的由人决定。"""


@fhir.command()
@click.argument("name")
@click.argument("address")
@click.option("--own-token", type=FILE, required=True, help="本站令牌的文件（qingmiao token make）：以这个账号读写")
@click.option("--their-token", type=FILE, required=True, help="对方令牌的文件")
@click.option("--authority", type=FILE, help="对方服务器证书的签发机构（PEM 文件）；机器已经信任的不用写")
@home_option
def add(
    name: str, address: str, own_token: Path, their_token: Path, authority: Path | None, home: Path | None
) -> None:  # fmt: skip
    """登记外部系统 NAME，FHIR 地址 ADDRESS；再登记一次就是换地址和令牌。"""
    with open_site(home):
        from qingmiao.site.web.api.outside import partners

        told = {"own_token": own_token.read_text().strip(), "their_token": their_token.read_text().strip()}
        partners.add(name, address, authority=authority, **told)
    say(f"已登记 {name} {address}")


@fhir.command()
@click.argument("name")
@home_option
def push(name: str, home: Path | None) -> None:
    """把有变化的儿童和健康记录推送给 NAME；没送到的留在发件箱，到时候再送。"""
    with open_site(home):
        from qingmiao.site.web.api.outside import partners, pushing

        with partners.opened(name) as with_:
            done = pushing.push(with_, at=china_now())
    say(f"送到 {done.sent} 个，等着再送 {done.waiting} 个，要人决定 {done.conflicts} 个")


@fhir.command()
@click.argument("name")
@home_option
def pull(name: str, home: Path | None) -> None:
    """接收 NAME 那里改过的儿童身份信息和填好的表单；两边都改过的、本站不收的留给人决定。"""
    with open_site(home):
        from qingmiao.site.web.api.outside import partners, pulling

        with partners.opened(name) as with_:
            done = pulling.pull(with_, at=china_now())
    say(f"写入 {done.written} 个，要人决定 {done.conflicts} 个")


@fhir.command()
@click.argument("name", required=False)
@home_option
def status(name: str | None, home: Path | None) -> None:
    """和 NAME 交换到哪一步：已一致、等着再送（第几次、为什么）、要人决定的；不写 NAME 就列出登记的系统。"""
    with open_site(home):
        from qingmiao.site.web.api.outside import partners

        if name is None:
            for one in partners.names():
                say(one)
            return
        with partners.opened(name) as with_:
            linked, waiting, conflicts = with_.kept.linked(), with_.kept.waiting(), with_.kept.conflicts()
    say(f"两边一致 {linked} 个，等着再送 {len(waiting)} 个，要人决定 {len(conflicts)} 个")
    for w in waiting:
        say(f"等 {w.kind}/{w.here}：第 {w.tries} 次没有送到，{w.next_at[:16]} 以后再送。{w.problem}")
    for c in conflicts:
        say(f"第 {c.number} 号 {c.kind} 本站 {c.here or '—'} 对方 {c.there or '—'}：{c.why}")


@fhir.command()
@click.argument("name")
@click.argument("number", type=int)
@click.option("--ours", is_flag=True, help="以本站的为准，送过去")
@click.option("--theirs", is_flag=True, help="以对方的为准，写进本站")
@click.option("--same-as", metavar="ID", help="对方的就是本站的这一个（编号）")
@home_option
def settle(name: str, number: int, ours: bool, theirs: bool, same_as: str | None, home: Path | None) -> None:
    """决定和 NAME 之间第 NUMBER 号要人决定的内容：以本站的为准、以对方的为准，或者说明是同一个。"""
    if [ours, theirs, same_as is not None].count(True) != 1:
        raise UserError("请在 --ours、--theirs、--same-as 里选一个")
    with open_site(home):
        from qingmiao.site.web.api.outside import partners, settling

        with partners.opened(name) as with_:
            if ours:
                settling.settle_ours(with_, number, at=china_now())
            elif same_as is not None:
                settling.settle_same(with_, number, same_as)
            elif not settling.settle_theirs(with_, number, at=china_now()):
                why = next((c.why for c in with_.kept.conflicts() if c.number == number), "")
                raise UserError(f"还是没有写进来：{why}")
    say(f"第 {number} 号已经决定")
