"""``qingmiao draw``: a double-random drawing, and the proof that a record was drawn as it says."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import click

from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole
from qingmiao.kernel.drawing import DrawLine, draw, read_record, verify
from qingmiao.kernel.errors import UserError

NAMES, UNITS = ("name", "名称", "姓名", "场所"), ("unit", "单位", "所属单位")
LARGEST = 32 * 2**20


@click.command("draw")
@click.argument("places", metavar="[LIST.csv]", required=False, type=click.Path(path_type=Path))
@click.option("--inspectors", metavar="PEOPLE.csv", type=click.Path(path_type=Path), help="检查人员名单")
@click.option("--seed", default="", help="种子：当场定下的一串文字或数字，照记录重抽")
@click.option("--sites", "wanted", type=click.IntRange(min=1), help="抽几个场所")
@click.option("--each", type=click.IntRange(min=1), default=2, show_default=True, help="每个场所抽几名检查人员")
@click.option("--out", metavar="RECORD.json", type=click.Path(path_type=Path), help="抽取记录写到哪个文件")
@click.option(
    "--verify", "proof", metavar="RECORD.json", type=click.Path(path_type=Path), help="照记录重抽一次，核对结果"
)
def draw_command(
    places: Path | None,
    inspectors: Path | None,
    seed: str,
    wanted: int | None,
    each: int,
    out: Path | None,
    proof: Path | None,
) -> None:
    """双随机：从名单抽场所和检查人员，谁都能照记录重抽一遍。

    没有检查人员名单时只抽样本（第三方评估的抽样就是这样抽的）。名单是 UTF-8 的 CSV，第一行是列名：name（名称）和 unit（所属单位，可以没有）。本单位的人不抽到本单位的场所。
    """
    if proof is not None:
        _prove(proof)
        return
    if places is None or wanted is None:
        raise click.UsageError(
            "要给出场所名单、--sites 和 --seed；双随机还要 --inspectors 检查人员名单；核对用 --verify"
        )
    people = _read(inspectors) if inspectors is not None else ()
    record = draw(_read(places), people, seed=seed, wanted=wanted, each=each if people else 0)
    for n, one in enumerate(record.drawn, start=1):
        say(f"{n}. {one.place.name}" + (f"：{'、'.join(p.name for p in one.people)}" if one.people else ""))
    if out is not None:
        write_whole({out: record.text().encode("utf-8")})
        say(f"抽取记录写到 {out}", err=True)


def _prove(path: Path) -> None:
    record = read_record(_text(path))
    differs = verify(record)
    for line in differs:
        say(line, err=True)
    if differs:
        say("核对不符：照记录的名单和种子重抽，结果不同", err=True)
        sys.exit(1)
    say(f"核对相符：{len(record.places)} 个场所抽 {record.wanted} 个，照种子重抽，结果一致")


def _read(path: Path) -> tuple[DrawLine, ...]:
    rows = csv.DictReader(io.StringIO(_text(path)))
    heads = [h.strip() for h in rows.fieldnames or ()]
    name = next((h for h in heads if h in NAMES), None)
    unit = next((h for h in heads if h in UNITS), None)
    if name is None:
        raise UserError(f"{path}：第一行没有列名 name（名称）")
    rows.fieldnames = heads
    return tuple(DrawLine((r[name] or "").strip(), ((r[unit] if unit else "") or "").strip()) for r in rows)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path} 太大")
        return path.read_text("utf-8-sig")
    except FileNotFoundError as e:
        raise UserError(f"没有文件 {path}") from e
    except UnicodeDecodeError as e:
        raise UserError(f"{path} 不是 UTF-8 编码的文件") from e
