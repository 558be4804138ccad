"""``qingmiao yearbook``: the yearly statistics of women and children, as a workbook and as PDF."""

from __future__ import annotations

import hashlib
import json
import tempfile
from datetime import datetime
from pathlib import Path

import click

from qingmiao.cli.saying import say


@click.command("yearbook")
@click.argument("pack_folder", metavar="PACK", type=click.Path(path_type=Path))
@click.argument("data", metavar="DATA", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="结果文件夹")
@click.option("--year", "asked", default="", help="到哪一年（默认有数据的最近一年）")
@click.option("--book", "asked_book", default="", help="哪一种统计资料（默认内容包里的第一种）")
@click.option(
    "--fonts", type=click.Path(path_type=Path), default=None, help="字体文件夹（默认 var/fonts，没有就用程序自带的）"
)
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="统计资料的日期（默认今天）")
def yearbook_command(
    pack_folder: Path, data: Path, out: Path, asked: str, asked_book: str, fonts: Path | None, on: datetime | None
) -> None:
    """年度妇女儿童统计资料：按内容包的 yearbooks/ 分章列表，中英文，写成 yearbook.xlsx 和 yearbook.pdf。

    小数字按公开发布的规则处理，推算不回来；口径改变的年份有标记和说明。edition.json 写明数据版本和每个文件的散列。
    """
    from qingmiao.assess.values import newest_year
    from qingmiao.cli.whole_files import write_whole
    from qingmiao.cli.years import asked_year
    from qingmiao.collect import collect, write_snapshot
    from qingmiao.content.load import load_pack
    from qingmiao.content.yearbooks import Yearbook
    from qingmiao.figures.book import Book
    from qingmiao.figures.findings import Findings
    from qingmiao.kernel.days import china_today
    from qingmiao.kernel.errors import UserError
    from qingmiao.measure.run import measure
    from qingmiao.report.font_folder import font_folder
    from qingmiao.report.single import single
    from qingmiao.report.yearbook import workbook, yearbook_document, yearly

    pack = load_pack(pack_folder)
    books = pack.entries("yearbooks", Yearbook)
    chosen = books.get(asked_book) if asked_book else next(iter(books.values()), None)
    if chosen is None:
        raise UserError(f"内容包没有统计资料「{asked_book}」；可用：{'、'.join(books) or '（没有）'}")
    day = on.date() if on is not None else china_today()
    collected = collect(pack, data, on=day)
    with tempfile.TemporaryDirectory(prefix="qingmiao-yearbook-") as room:
        snapshot = write_snapshot(Path(room) / "snapshot", collected.tables)
        values = measure(pack, snapshot.tables).values
    known = values.filter(values["value"].is_valid())["year"].to_pylist()
    year = asked_year(asked) if asked else newest_year(pack, values)
    if year not in known:
        raise UserError(f"{data} 里没有 {year} 年的数值，编不出统计资料")
    made = yearly(pack, Book(pack, values, Findings(()), year), chosen, year)
    if not made.tables:
        raise UserError(f"{year} 年没有可以公布的数，编不出统计资料")
    demo, version = collected.demo, snapshot.id[:12]
    document = yearbook_document(
        made, issuer=pack.policy.form_marks.collated_by, on=day, demo=demo, snapshot=version
    )  # fmt: skip
    files = {
        "yearbook.xlsx": workbook(made, demo=demo, snapshot=version, on=datetime(day.year, day.month, day.day)),
        "yearbook.pdf": single(document, "pdf", fonts or font_folder()),
    }
    edition = {
        "yearbook": chosen.id, "year": year, "pack": pack.digest, "snapshot": snapshot.id, "demo": demo,
        "date": day.isoformat(), "tables": len(made.tables), "numbers": dict(made.counted),
        "files": {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()},
    }  # fmt: skip
    files["edition.json"] = (json.dumps(edition, ensure_ascii=False, indent=1) + "\n").encode()
    out.mkdir(parents=True, exist_ok=True)
    write_whole({out / name: raw for name, raw in files.items()})
    for name in files:
        say(f"写出 {out / name}")
