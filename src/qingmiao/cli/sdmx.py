"""``qingmiao sdmx``: a pack's indicators and a published table as SDMX 3.0 or ADX, and files of others checked."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import click

from qingmiao.assess.values import breaks_of
from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole
from qingmiao.content import load_pack
from qingmiao.content.adx import AdxSet
from qingmiao.content.frameworks import matches_of
from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import lies_in
from qingmiao.kernel.days import china_now
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.periods import Period
from qingmiao.sdmx import (
    AdxGroup,
    AreaCode,
    CodeNote,
    IndicatorCode,
    Observation,
    as_adx,
    as_csv,
    as_structure_xml,
    as_xml,
    check_csv,
    check_xml,
    data_of,
    structure_of,
)

NEEDED = ("indicator", "area", "year", "value", "numerator", "denominator", "definition_version", "edition")


@click.command("sdmx")
@click.argument("folder", metavar="PACK", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", required=False, type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="公众门户下载的 all.csv；不写只写结构")
@click.option("--adx", "adx", metavar="ID", help="另写 adx.xml：内容包 adx/ 里这个数据集，供 DHIS2 导入")
@click.option("--check", "checked", type=click.Path(path_type=Path), help="核对一个 SDMX-CSV 或 SDMX-ML 数据文件")
@click.option("--test", "is_test", is_flag=True, help="文件头标明是测试数据（演示县的数据都要标）")
@click.option("--edition", default=0, help="只写结构或者核对时：哪一版（结构的版本是 1.版次.0）")
def sdmx_command(
    folder: Path,
    out: Path | None,
    data: Path | None,
    adx: str | None,
    checked: Path | None,
    is_test: bool,
    edition: int,
) -> None:
    """把内容包 PACK 的指标写成 SDMX 3.0：结构（structure.xml），有 --data 时还有数据（data.csv、data.xml）。

    OUT 是文件夹。--check 只核对，不写文件，有错时退出码 2。
    """
    pack = load_pack(folder)
    rows = [] if data is None else _read(data)
    number = int(rows[0]["edition"]) if rows else edition
    codes = _indicators(pack)
    county = pack.root_area
    if county is None:
        raise UserError(f"{folder} 没有写明是哪个地区的规划")
    own = sorted(a.code for a in pack.areas.values() if a.code != county.code and lies_in(a.code, county.code))
    areas = [AreaCode(county.code, county.name), *(AreaCode(code, pack.areas[code].name) for code in own)]
    structure = structure_of(areas[0], number, codes, areas)
    if checked is not None:
        raw = _raw(checked)
        faults = (check_xml if raw.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<") else check_csv)(raw, structure)
        if faults:
            raise UserError(f"{checked} 不符合结构", [_named(checked, f) for f in faults])
        say(f"{checked} 符合结构 {structure.flow_urn}", err=True)
        return
    if out is None:
        raise UserError("要写 OUT 文件夹，或者用 --check 核对一个文件")
    at = china_now()
    files = {out / "structure.xml": as_structure_xml(structure, at, is_test=is_test)}
    if rows:
        made = data_of(structure, codes, _observations(pack, rows), edition=number, prepared=at, is_test=is_test)
        if faults := check_csv(as_csv(made), structure):
            raise UserError(f"{data} 里有内容包没有的指标或地区", [_named(data or out, f) for f in faults])
        files |= {out / "data.csv": as_csv(made), out / "data.xml": as_xml(made)}
    if adx is not None:
        files[out / "adx.xml"] = _adx(pack, adx, rows)
    out.mkdir(parents=True, exist_ok=True)
    write_whole(files)
    say(f"写了 {'、'.join(path.name for path in files)} 到 {out}", err=True)


def _raw(path: Path) -> bytes:
    if not path.is_file():
        raise UserError(f"没有文件 {path}")
    return path.read_bytes()


def _named(path: Path, fault: Fault) -> Fault:
    return Fault(path.as_posix(), fault.line, fault.code, fault.message, fault.place, fault.hint)


def _read(path: Path) -> list[dict[str, str]]:
    """The rows of the portal's table. UserError where it is another file."""
    try:
        reader = csv.DictReader(io.StringIO(_raw(path).decode("utf-8-sig"), newline=""))
        if missing := [name for name in NEEDED if name not in (reader.fieldnames or ())]:
            raise UserError(f"{path} 缺少列 {'、'.join(missing)}；要用公众门户下载的 all.csv")
        rows = list(reader)
    except UnicodeDecodeError:
        raise UserError(f"{path} 不是 UTF-8 的文本；要用公众门户下载的 all.csv") from None
    numbers = ("year", "definition_version", "edition")
    faults = [
        Fault(path.as_posix(), n, "number", f"「{row[name]}」不是整数", place=name)
        for n, row in enumerate(rows, 2)
        for name in (*numbers, *(side for side in ("numerator", "denominator") if row[side]))
        if not (row[name] or "").isdecimal()
    ]
    if faults or not rows or len({row["edition"] for row in rows}) > 1:
        raise UserError(f"{path} 不是一版公开的数据（没有行、数写错了，或者混了几版）", faults)
    return rows


def _indicators(pack: Pack) -> list[IndicatorCode]:
    return [
        IndicatorCode(
            i.id, i.label.zh, i.label.en or "", i.unit or "1", i.formula,
            tuple(
                CodeNote(m.framework.type, m.entry.code, m.entry.label.zh, m.entry.label.en or "")
                for m in matches_of(pack, i.id)
            ),
        )
        for i in pack.indicators.values()
    ]  # fmt: skip


def _observations(pack: Pack, rows: list[dict[str, str]]) -> list[Observation]:
    known = [row for row in rows if row["indicator"] in pack.indicators]
    if unknown := sorted({row["indicator"] for row in rows} - set(pack.indicators)):
        raise UserError(f"数据里有内容包没有的指标：{'、'.join(unknown)}")
    return [
        Observation(
            row["indicator"], row["area"], int(row["year"]), row["value"], _count(row["numerator"]),
            _count(row["denominator"]), int(row["definition_version"]),
            int(row["year"]) in breaks_of(pack.indicators[row["indicator"]]),
        )
        for row in known
    ]  # fmt: skip


def _count(text: str) -> int | None:
    return int(text) if text else None


def _adx(pack: Pack, id_: str, rows: list[dict[str, str]]) -> bytes:
    sets: Mapping[str, AdxSet] = pack.entries("adx", AdxSet)
    if id_ not in sets:
        raise UserError(f"内容包的 adx/ 里没有「{id_}」；有的：{'、'.join(sets) or '（没有）'}")
    one, groups = sets[id_], defaultdict(dict)  # type: ignore[var-annotated]
    for row in rows:
        for element in one.elements:
            if row["indicator"] == element.indicator and row["area"] in one.areas and row[element.side]:
                groups[row["area"], int(row["year"])][element.element] = int(row[element.side])
    kind = pack.indicators[one.elements[0].indicator].period
    return as_adx(
        one.data_set,
        [
            AdxGroup(one.areas[area], Period(kind, year).start, values)
            for (area, year), values in sorted(groups.items())
        ],
        china_now(),
    )
