"""``qingmiao first-admin | reset-admin | renew-codes``: from its own machine, the ways into a site nobody can enter."""

from __future__ import annotations

import click

from qingmiao.cli.of_site import open_site
from qingmiao.cli.saying import say


@click.command("first-admin")
@click.option("--unit", default="government_service", show_default=True, help="管理员所在单位的编号")
def first_admin(unit: str) -> None:
    """在还没有管理员的站点上建立系统、安全、审计三名管理员，打印一次性口令；只能做一次。"""
    with open_site():
        from qingmiao.site.apps.directory import api as directory

        made = directory.beginning.first_administrators(unit)
    say("三名管理员（请分别当面交给三个人；口令只显示这一次，第一次登录要换掉，并设置动态口令）：")
    for account in made:
        click.echo(f"  {account.label}　{account.username}　{account.password}")


@click.command("reset-admin")
@click.option("--username", default="", help="系统管理员的用户名（只有一名时可以不写）")
def reset_admin(username: str) -> None:
    """唯一的系统管理员忘了口令时：给一个一次性口令（有别的系统管理员的，请其在“账号”里重置）；动态口令不动。"""
    with open_site():
        from qingmiao.site.apps.directory import api as directory

        made = directory.beginning.reset_administrator(username)
    say("新口令（请当面交给本人；只显示这一次，登录后要换掉；原来的登录已经结束，动态口令照旧）：")
    click.echo(f"  {made.label}　{made.username}　{made.password}")


@click.command("renew-codes")
def renew_codes() -> None:
    """换了站点密钥、旧密钥又找不回时：作废打不开的动态口令，这些人下次登录重新设置；打得开的不动。"""
    with open_site():
        from qingmiao.site.apps.directory import api as directory

        lost = directory.beginning.renew_codes()
    if not lost:
        say("没有打不开的动态口令，什么也没有改。")
        return
    say(f"已作废 {len(lost)} 人的动态口令，登录也已结束；下次登录凭口令进入并重新设置：{'、'.join(lost)}")
