"""``qingmiao exchange``: packages of totals between county, city and province, as files or over HTTPS."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from qingmiao.cli.of_site import home_option, open_site
from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole
from qingmiao.kernel.csv_out import csv_bytes
from qingmiao.kernel.days import china_now
from qingmiao.kernel.errors import UserError

FILE = click.Path(path_type=Path)
RECEIPT = b"QINGMIAO-RECEIPT"
COLUMNS = ("indicator", "area", "year", "value", "numerator", "denominator", "definition_version", "reason")


@click.group()
def exchange() -> None:
    """县、市、省之间报送和接收数据包：只有合计数、报表的报送情况和预警，没有任何一名儿童的信息。"""


@exchange.command()
@home_option
def key(home: Path | None) -> None:
    """显示本站的公钥（没有密钥就先做一对）；告诉上级和下级，由他们登记。"""
    with open_site(home):
        from qingmiao.site.apps.exchange import api

        say(f"{api.own_code()} {api.folder().public_key()}")


@exchange.command()
@click.argument("code")
@click.argument("name")
@click.argument("public_key")
@home_option
def partner(code: str, name: str, public_key: str, home: Path | None) -> None:
    """登记上级或下级：行政区划代码 CODE、名称 NAME、公钥 PUBLIC_KEY；再登记一次就是换公钥。"""
    with open_site(home):
        from qingmiao.site.apps.exchange import api

        api.folder().add_partner(api.ExchangePartner(code, name, public_key))
    say(f"已登记 {code} {name}")


@exchange.command()
@click.argument("code")
@click.argument("out", type=FILE)
@home_option
def pack(code: str, out: Path, home: Path | None) -> None:
    """做一个给 CODE 的数据包，写成文件 OUT（可以用 U 盘带去）；每个包都是完整的，漏了一个不要紧。"""
    with open_site(home):
        from qingmiao.site.apps.audit import api as audit
        from qingmiao.site.apps.exchange import api

        package, raw = api.make_package(audit.SYSTEM, code, at=china_now())
    write_whole({out: raw})
    say(f"第 {package.number} 个数据包：{len(package.state.figures)} 个合计数，写到 {out}", err=True)


@exchange.command()
@click.argument("file", type=FILE)
@click.option("--receipt", type=FILE, help="收下数据包以后，回执写到哪个文件")
@home_option
def take(file: Path, receipt: Path | None, home: Path | None) -> None:
    """收一个数据包或者一份回执；损坏的、不是登记的单位签名的不收，什么都不改，退出码 2。"""
    if not file.is_file():
        raise UserError(f"没有文件 {file}")
    raw = file.read_bytes()
    with open_site(home):
        from qingmiao.site.apps.audit import api as audit
        from qingmiao.site.apps.exchange import api

        if raw.startswith(RECEIPT):
            came = api.take_receipt(audit.SYSTEM, raw)
            say(f"{came.receiver} 已有第 {came.number} 个数据包")
            return
        done, answer = api.take_package(audit.SYSTEM, raw, at=china_now())
    if receipt is not None:
        write_whole({receipt: answer})
    say(f"{done.receipt.sender}：{done.outcome.label}，现有第 {done.held.number} 个，{len(done.changed)} 个数有变化")
    for d in done.changed:
        before, after = ("" if f is None else f.value for f in (d.before, d.after))
        say(f"{d.figure.indicator} {d.figure.area} {d.figure.year}：{before or '—'} → {after or '—'}  {d.reason}")


@exchange.command()
@click.argument("code")
@click.argument("address")
@click.option("--authority", type=FILE, help="对方服务器证书的签发机构（PEM 文件）；机器已经信任的不用写")
@home_option
def send(code: str, address: str, authority: Path | None, home: Path | None) -> None:
    """做一个给 CODE 的数据包，经 HTTPS 送到 ADDRESS（对方站点的 /exchange/packages），收下回执；没送到就再送一次。"""
    with open_site(home):
        from qingmiao.site.apps.audit import api as audit
        from qingmiao.site.apps.exchange import api

        came = api.send(audit.SYSTEM, code, address, at=china_now(), authority=authority)
    say(f"{came.receiver} 已有第 {came.number} 个数据包")


@exchange.command()
@home_option
def status(home: Path | None) -> None:
    """和每个单位交换到哪一步：做了几个包、对方确认到第几个、收到对方第几个。"""
    with open_site(home):
        from qingmiao.site.apps.exchange import api

        rows = api.status()
    for row in rows:
        number = 0 if row.held is None else row.held.number
        say(
            f"{row.partner.code} {row.partner.name}：已做第 {row.sent} 个，对方已有第 {row.confirmed} 个，收到第 {number} 个"
        )
    if not rows:
        say("还没有登记上级或下级")


@exchange.command("sum")
@click.argument("out", type=FILE)
@home_option
def sum_command(out: Path, home: Path | None) -> None:
    """把收到的各县的数和相加得出的合计写成 OUT（CSV）；率由分子、分母的合计算出，缺一个县就没有合计。"""
    with open_site(home):
        from qingmiao.site.apps.exchange import api

        state = api.rolled()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (f.indicator, f.area, f.year, f.value, f.numerator, f.denominator, f.version, f.reason) for f in state.figures
    )
    write_whole({out: csv_bytes(text.getvalue(), bom=True)})
    say(f"{len(state.figures)} 个合计数，写到 {out}", err=True)
