"""``qingmiao token make | list | revoke``: keys by which other programs call the interfaces of a site."""

from __future__ import annotations

import click

from qingmiao.cli.of_site import open_site
from qingmiao.cli.saying import say


@click.group()
def token() -> None:
    """给别的系统（妇幼、疾控、学校的软件）发放、查看、作废接口令牌；令牌只能做所属账号能做的事。"""


@token.command()
@click.argument("username")
@click.option("--purpose", required=True, help="给哪个系统用")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help="范围：fhir.read fhir.write rest.read rest.write rest.copy"
)
@click.option("--days", type=int, default=180, show_default=True, help="有效天数，最多 366")
def make(username: str, purpose: str, scopes: tuple[str, ...], days: int) -> None:
    """发放一个令牌，属于账号 USERNAME；密钥只显示这一次。"""
    with open_site():
        from qingmiao.site.apps.audit import api as audit
        from qingmiao.site.apps.directory import api as directory

        number, key = directory.tokens.make(audit.SYSTEM, username, purpose=purpose, scopes=scopes, days=days)
    say(f"令牌第 {number} 号，{days} 天内有效。密钥只显示这一次，请交给对方系统妥善保存：", err=True)
    click.echo(key)


@token.command("list")
def list_tokens() -> None:
    """列出全部令牌：属于谁、给谁用、范围、到期、最近使用。"""
    with open_site():
        from django.utils import timezone

        from qingmiao.site.apps.directory import api as directory

        rows = directory.tokens.listed()

        def day(at: object) -> str:
            return timezone.localdate(at).isoformat() if at else "未用过"  # type: ignore[arg-type]

        for t in rows:
            say(
                f"{t.number}\t{t.state}\t{t.username}（{t.person}）\t{t.purpose}\t{' '.join(t.scopes)}"
                f"\t到期 {day(t.expires_at)}\t最近使用 {day(t.used_at)}"
            )
    if not rows:
        say("还没有发放过令牌")


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """作废第 NUMBER 号令牌，立刻生效。"""
    with open_site():
        from qingmiao.site.apps.audit import api as audit
        from qingmiao.site.apps.directory import api as directory

        directory.tokens.revoke(audit.SYSTEM, number)
    say(f"令牌第 {number} 号已作废")
