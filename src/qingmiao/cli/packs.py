"""Commands about content packs: check, diff, coverage, schema, template."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from qingmiao.cli.saying import lines_of, say
from qingmiao.cli.years import asked_year
from qingmiao.content import load_pack
from qingmiao.content.check import check_path
from qingmiao.content.coverage import Coverage, Served, asked_by
from qingmiao.content.coverage import coverage as coverage_of
from qingmiao.content.diff import diff_packs, words
from qingmiao.content.fix import fix_pack
from qingmiao.content.kinds import KINDS
from qingmiao.content.notes import baseline_notes, notes, reference_values
from qingmiao.content.pack import Pack
from qingmiao.content.pack_files import shown_path
from qingmiao.content.schema import write_schemas
from qingmiao.kernel.errors import Fault, UserError

PackFolder = click.Path(path_type=Path)
_CHANGE = {"added": "新增", "removed": "删除", "changed": "修改"}


@click.command()
@click.argument("pack", type=PackFolder)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出错误和注意")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="数据文件夹，用来核对规划写的基期值（默认 PACK/data，如有）",
)
@click.option("--fix", "fixing", is_flag=True, help="先把能确定的错误直接改好（中文代码词、全角标点、引号、行末空格）")
def check(pack: Path, as_json: bool, data: Path | None, fixing: bool) -> None:
    """检查内容包 PACK；一次列出全部错误（文件、行、问题、建议）和要注意的地方。有错误时退出码 2，否则 0。"""
    for change in fix_pack(pack) if fixing else ():
        say(f"已改：{change}", err=as_json)
    loaded, faults = check_path(pack)
    found = [] if faults or loaded is None else _notes(loaded, data)
    if as_json:
        keys = ("file", "line", "code", "message", "place", "hint")
        rows = [
            {**{k: getattr(f, k) for k in keys}, "level": level}
            for level, group in (("error", faults), ("note", found))
            for f in group
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for line in lines_of(faults):
            click.echo(line)
        for line in lines_of(found):
            say(line if line.startswith(" ") else f"注意：{line}")
    if faults:
        if not as_json:
            say(f"共 {len(faults)} 处错误", err=True)
        sys.exit(2)
    if loaded is not None and not as_json:
        say(_summary(loaded))


def _notes(pack: Pack, data: Path | None) -> list[Fault]:
    """What to think about in a whole pack; baselines are compared where data are given or stand in the pack."""
    found = notes(pack)
    if not any(t.baseline is not None or t.strata for t in pack.targets.values()):
        return found
    own = pack.root / "data"
    values = dict(reference_values(pack))
    if data is not None or own.is_dir():
        from qingmiao.collect import collect
        from qingmiao.measure.group_values import area_values
        from qingmiao.measure.run import measure

        try:
            tables = collect(pack, data or own).tables
        except UserError as e:
            if data is not None:
                raise
            head = e.faults[0] if e.faults else Fault(shown_path(own), 0, "", "")
            message = "内容包自带的数据读不了，没有核对基期值"
            return [
                *found,
                Fault(head.file, head.line, "no_data", message, hint="用 qingmiao monitor 看全部错误"),
            ]
        root = pack.root_area
        values |= area_values(measure(pack, tables).values, root.code) if root is not None else {}
    return found + baseline_notes(pack, values)


def _summary(pack: Pack) -> str:
    counts = [
        f"{len(pack.fields)} 个领域", f"{len(pack.goals)} 项主要目标", f"{len(pack.targets)} 个可监测目标",
        f"{len(pack.measures)} 项策略措施",
    ]  # fmt: skip
    for kind in KINDS.values():
        if kind.counter and kind.folder != "plan/fields":
            counts.append(f"{len(kind.entries(pack))} {kind.counter}{kind.title}")
    return f"{pack.title}（{pack.id} {pack.version}）完整：" + "、".join(counts)


@click.command()
@click.argument("old", type=PackFolder)
@click.argument("new", type=PackFolder)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """比较内容包 OLD 与 NEW：改了什么、哪些指标要重算、哪些目标要重判。"""
    result = diff_packs(load_pack(old), load_pack(new))
    if as_json:
        body = {
            "changes": [
                {
                    "kind": c.kind,
                    "id": c.id,
                    "what": c.what,
                    "details": list(c.details),
                    "edits_released": c.edits_released,
                }
                for c in result.changes
            ],
            "recompute": list(result.recompute),
            "reassess": list(result.reassess),
        }
        click.echo(json.dumps(body, ensure_ascii=False, indent=1))
        return
    if not result.changes:
        say("两个版本内容相同")
    told_as = words()
    for change in result.changes:
        say(f"{_CHANGE[change.what]} {told_as[change.kind]} {change.id} {change.label}")
        for line in change.details:
            say(f"    {line}")
        if change.edits_released:
            say("    注意：改动了已发布的定义版本；请新增 definitions 一项，并写明 reason")
    if result.recompute:
        say(f"要重算的指标（{len(result.recompute)}）：" + "、".join(result.recompute))
    if result.reassess:
        say(f"要重判的目标（{len(result.reassess)}）：" + "、".join(result.reassess))


@click.command()
@click.argument("pack", type=PackFolder)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def coverage(pack: Path, as_json: bool) -> None:
    """规划 PACK 的每个目标、措施、制度、职责由哪些内容承担：有监测（指标、事实表、报表盯着）和有办理（事情在这里办）分开说。"""
    loaded = load_pack(pack)
    found = coverage_of(loaded)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    for group, word in (("targets", "可监测目标"), ("goals", "主要目标")):
        entries: dict[str, list[str]] = getattr(found, group)
        served = sum(1 for x in entries.values() if x)
        say(f"{word}：{len(entries)} 项，已有内容 {served} 项，尚无 {len(entries) - served} 项")
        for id_, content in entries.items():
            say(f"  {id_} {_name(loaded, group, id_)}：" + ("、".join(content) or "尚无（not yet）"))
    for group, word in (("measures", "策略措施"), ("systems", "制度机制"), ("duties", "职责")):
        _tell_two(loaded, group, word, found)


def _tell_two(pack: Pack, group: str, word: str, found: Coverage) -> None:
    """Measured and operated side by side, and how many of each; of a measure also the systems that it asks for and that
    nothing operates yet."""
    entries: dict[str, Served] = getattr(found, group)
    measured, operated = (sum(bool(getattr(x, side)) for x in entries.values()) for side in ("measured", "operated"))
    neither = sum(not x.all for x in entries.values())
    say(f"{word}：{len(entries)} 项，有监测 {measured} 项，有办理 {operated} 项，两样都没有 {neither} 项")
    asked = asked_by(pack) if group == "measures" else {}
    for id_, served in entries.items():
        lacking = [s for s in asked.get(id_, ()) if not found.systems[s].operated]
        say(
            f"  {id_} {_name(pack, group, id_)}：监测 {'、'.join(served.measured) or '—'}｜办理 "
            f"{'、'.join(served.operated) or '—'}" + (f"｜还没有办理 {'、'.join(lacking)}" if lacking else "")
        )


def _name(pack: Pack, group: str, id_: str) -> str:
    entry = getattr(pack, group)[id_]
    for attribute in ("label", "title", "duty", "text"):
        text = str(getattr(entry, attribute, "") or "")
        if text:
            return text if len(text) <= 30 else text[:29] + "…"
    return ""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def schema(folder: Path) -> None:
    """把全部内容文件的 JSON Schema 写到 FOLDER，供编辑器使用。"""
    written = write_schemas(folder)
    say(f"写好 {len(written)} 个 JSON Schema：{folder}")


@click.command()
@click.argument("pack", type=PackFolder)
@click.argument("return_id")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--year", "asked", required=True, help="报告期，如 2024、2023—2024学年")
@click.option("--area", required=True, help="填报地区的行政区划代码")
def template(pack: Path, return_id: str, out: Path, asked: str, area: str) -> None:
    """把内容包 PACK 的统计报表 FORM 的 Excel 模板写到 OUT。"""
    from qingmiao.collect.template import TemplateSubject, write_template

    loaded = load_pack(pack)
    if return_id not in loaded.returns:
        raise UserError(f"没有统计报表「{return_id}」；可用：{'、'.join(loaded.returns)}")
    if area not in loaded.areas:
        raise UserError(f"没有行政区划代码「{area}」")
    spec = loaded.returns[return_id]
    year = asked_year(asked, spec.period)
    unit = loaded.organisations[spec.reporter].label.zh if spec.reporter in loaded.organisations else spec.reporter
    write_template(spec, TemplateSubject(year, area, loaded.areas[area].name, unit), out)
    say(f"模板：{out}")
