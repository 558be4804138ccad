"""``qingmiao explain`` and ``qingmiao recompute``: from a number back to its rows, and once more from the rows to the
number."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qingmiao.cli.saying import say
from qingmiao.cli.years import asked_year
from qingmiao.collect.snapshot import open_snapshot
from qingmiao.content import Pack, load_pack
from qingmiao.kernel.errors import UserError

if TYPE_CHECKING:
    from qingmiao.collect.as_known import KnownTables

DEFAULT_RUN = Path("var/demo/run")
_STATUS = {"A": "正常", "M": "缺失", "O": "分母为零"}


@click.command()
@click.argument("indicator")
@click.option("--area", required=True, help="行政区划代码")
@click.option("--year", "asked", required=True, help="年份，如 2024、2023—2024学年")
@click.option("--by", "groups", multiple=True, metavar="分组=代码", help="分组，如 sex=F；可重复")
@click.option(
    "--run",
    "run_folder",
    type=click.Path(path_type=Path),
    help="运行结果文件夹（默认 $QINGMIAO_RUN 或 var/demo/run）",
)
@click.option("--pack", "pack_folder", type=click.Path(path_type=Path), help="内容包（默认用运行时的那个）")
@click.option("--limit", default=20, show_default=True, help="分子、分母各列出多少行")
@click.option(
    "--as-of", "as_of", metavar="日期", help="按这一天已经知道的数据算，如 2026-03-01（读运行时的数据文件夹）"
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def explain(
    indicator: str,
    area: str,
    asked: str,
    groups: tuple[str, ...],
    run_folder: Path | None,
    pack_folder: Path | None,
    limit: int,
    as_of: str | None,
    as_json: bool,
) -> None:
    """说出一个数字从哪里来：公式、定义版本、快照、分子和分母的行、来源文件和行号。"""
    from dataclasses import asdict

    from qingmiao.collect.areas import AreaColumns
    from qingmiao.measure.lineage import explain as explain_value

    folder, record = _run(run_folder)
    pack = _pack(record, pack_folder)
    dims: dict[str, str] = {}
    for group in groups:
        name, sign, code = group.partition("=")
        if not sign:
            raise UserError(f"分组「{group}」写法不对；写成 sex=F")
        dims[name] = code
    year = asked_year(asked, pack.indicators[indicator].period if indicator in pack.indicators else None)
    code = AreaColumns(pack).code(area) or area
    known = _known(pack, record, as_of) if as_of is not None else None
    tables = open_snapshot(folder / "snapshot") if known is None else known.tables
    told = explain_value(pack, tables, indicator, code, year, dims=dims, limit=limit)
    if as_json:
        click.echo(json.dumps(asdict(told), ensure_ascii=False, indent=1, default=str))
        return
    if record.get("demo"):
        say("【演示数据】")
    if known is not None:
        say(f"按 {known.day.isoformat()} 已经登记的数据（以后登记、更正、撤销和报送的不算）：")
        if known.undated:
            names = "、".join(pack.facts[n].label.zh if n in pack.facts else "年度序列" for n in known.undated)
            say(f"  没有登记日期、按现在的数据：{names}")
    for line in _lines(pack, told, record, 0):
        say(line)


def _known(pack: Pack, record: dict[str, Any], as_of: str) -> KnownTables:
    """The run's data folder as it was known on a day. Raises UserError for what is no day, and where it is gone or
    changed."""
    from qingmiao.collect.as_known import as_known
    from qingmiao.collect.folder import collect

    try:
        day = date.fromisoformat(as_of.strip())
    except ValueError:
        raise UserError(f"--as-of「{as_of}」不是日期；写成 2026-03-01") from None
    folder = Path(str(record.get("data", {}).get("folder", "")))
    if not folder.is_dir():
        raise UserError(
            f"找不到运行时的数据文件夹 {folder}，更早的一天算不出来；请把它放回原处，或重新运行 qingmiao monitor"
        )
    return as_known(pack, collect(pack, folder), day)


def _lines(pack: Pack, told: Any, record: dict[str, Any], depth: int) -> list[str]:
    pad = "    " * depth
    area = pack.areas.get(told.area)
    group = "，" + "，".join(_group(pack, n, c) for n, c in told.dims) if told.dims else ""
    value = "没有值" if told.value is None else f"{told.value!r} {told.unit}"
    if told.bound:
        value = f"{told.bound} {told.unit}（界限，没有确数）"
    lines = [f"{pad}{told.label}（{told.indicator}） {area.name if area else told.area} {told.year} 年{group}：{value}"]
    state = _STATUS.get(told.obs_status, told.obs_status)
    lines.append(f"{pad}  状态：{state}" + (f"（{told.reason}）" if told.reason else ""))
    if told.official:
        lines.append(f"{pad}  官方口径：{told.official}")
    lines.append(f"{pad}  公式：{told.formula}")
    lines.append(f"{pad}  定义版本 {told.definition_version}，散列 {told.definition_hash[:16]}…；来源 {told.origin}")
    if depth == 0:
        lines.append(
            f"{pad}  快照 {told.snapshot}；运行 {record.get('run', '')}；"
            f"内容包 {record['pack']['id']} {record['pack']['version']}"
        )
    if told.made_of:
        names = "、".join(f"{c}（{pack.areas[c].name}）" if c in pack.areas else c for c in told.made_of)
        lines.append(f"{pad}  包括合并、划转之前各地的记录：{names}")
    for side in told.sides:
        number = "缺失" if side.number is None else f"{side.number:.10g}"
        lines.append(f"{pad}  {side.name} {number}：{side.formula}，来自 {side.source}，共 {side.total} 行")
        for row in side.rows:
            content = "，".join(f"{k}={v}" for k, v in row.content.items())
            at = f" 第 {row.row} 行" if row.row else ""
            lines.append(f"{pad}    {row.file}{at}：{content}")
        if side.total > len(side.rows):
            lines.append(f"{pad}    …… 另有 {side.total - len(side.rows)} 行（--limit 可多列）")
    for part in told.parts:
        lines.extend(_lines(pack, part, record, depth + 1))
    if told.parts_total > len(told.parts):
        lines.append(f"{pad}  …… 另有 {told.parts_total - len(told.parts)} 个组成值")
    return lines


def _group(pack: Pack, dimension: str, code: str) -> str:
    """A group by the name that people know, with what was typed for it: 农村（residence=rural）."""
    codes = pack.codes.get(dimension)
    name = next((i.label.zh for i in codes.items if i.code == code), "") if codes else ""
    return f"{name}（{dimension}={code}）" if name else f"{dimension}={code}"


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--pack", "pack_folder", type=click.Path(path_type=Path), help="内容包（默认用运行时的那个）")
@click.option("--limit", default=50, show_default=True, help="最多列出多少处差别")
def recompute(run_folder: Path, pack_folder: Path | None, limit: int) -> None:
    """按快照重新计算一次运行 RUN；数值逐位相同、CSV 逐格相同则退出 0，否则列出差别、退出 1。"""
    from qingmiao.monitor import recompute as recompute_run

    folder, record = _run(run_folder)
    differences = recompute_run(folder, _pack(record, pack_folder))
    for difference in differences[:limit]:
        say(str(difference))
    if differences:
        say(f"共 {len(differences)} 处不同", err=True)
        sys.exit(1)
    say(f"运行 {record['run']} 的 {record['values']['rows']} 个值重算一遍，逐位相同；三个 CSV 文件也逐格相同")


def _run(given: Path | None) -> tuple[Path, dict[str, Any]]:
    folder = given or Path(os.environ.get("QINGMIAO_RUN", DEFAULT_RUN))
    try:
        record = json.loads((folder / "run.json").read_text("utf-8"))
        record["pack"]["path"], record["values"]["rows"], record["run"]
    except FileNotFoundError:
        raise UserError(
            f"{folder} 不是一次运行的结果（没有 run.json）；先运行 qingmiao monitor，或用 --run 指定"
        ) from None
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as e:
        raise UserError(f"{folder / 'run.json'} 读不懂：{e}") from None
    return folder, record


def _pack(record: dict[str, Any], given: Path | None) -> Pack:
    folder = given or Path(record["pack"]["path"])
    if not (folder / "pack.toml").is_file():
        raise UserError(f"找不到运行时的内容包 {folder}；用 --pack 指定")
    return load_pack(folder)
