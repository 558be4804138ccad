"""Two sides of one figure: what children's records say and what departments bring, compared where both say something.

Which side counts is a line of the policy (`from_records`); the other one is measured beside it, by itself, and what
differs by `source_gap` or more becomes a finding about the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.assess.quality import QualityFinding
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.reading import RETURN_PREFIX, readers
from qingmiao.content.switched import unswitched
from qingmiao.measure.plan import CELLS_TABLE
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE
from qingmiao.measure.run import measure
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.facts.api import Told
from qingmiao.site.apps.monitoring.partitions import Files, Part, snapshot, with_rows

CODE = "sources"
"""The findings of this comparison, among those of a run."""
Figure = tuple[str, str, int]
"""Indicator, area, year."""


def counting(pack: Pack, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """What counts of tables that departments bring: nothing from the year on in which records say it."""
    found = dict(tables)
    for name in pack.policy.from_records.keys() & tables.keys() & pack.facts.keys():
        lies = facts.shape(pack, name).partitions(tables[name])
        found[name] = tables[name].filter(pc.less(lies, pack.policy.from_records[name]))
    return found


def heard(pack: Pack, told: Iterable[Told]) -> bool:
    """Whether the outbox tells of a table and year in which both sides may say something."""
    since = pack.policy.from_records
    return any(t.table in since and t.partition >= since[t.table] for t in told)


def differences(pack: Pack, folder: Path, files: Files, values: pa.Table) -> list[QualityFinding]:
    """One finding for each indicator and year in which the sides differ: of the plan's area, or of the areas below it
    where they agree there."""
    other, plain = _other(pack), without_records(pack)
    turned = tuple(
        i for i in pack.indicators if plain.indicators[i] is not pack.indicators[i] and _told(pack, plain, i, files)
    )
    if not other and not turned:
        return []
    both = with_rows(pack, folder, files, other)
    wanted = dict.fromkeys((*readers(plain, {t for t, _ in other}), *turned))
    asked = tuple(i for i in wanted if _whole(pack, plain.indicators[i], other, turned=i in turned))
    years = {p + n for _, p in other for n in (-1, 0, 1)} | _turned_years(pack, turned, values)
    if not asked or not years:
        return []
    near = snapshot(folder, both, (min(years) - 1, max(years) + 1))
    theirs = _totals(measure(plain, near, indicators=asked).values, asked, years)
    ours = _totals(values, asked, years)
    apart = {f: (ours[f], theirs[f]) for f in sorted(ours.keys() & theirs.keys()) if _apart(pack, ours[f], theirs[f])}
    root = pack.root_area.code if pack.root_area is not None else ""
    of_root = {(i, y) for i, a, y in apart if a == root}
    told = {f: pair for f, pair in apart.items() if f[1] == root or (f[0], f[2]) not in of_root}
    brought = _brought(other.values())
    return [_finding(pack, f, pair, _read(plain, f[0]) if f[0] in turned else brought) for f, pair in told.items()]


def without_records(pack: Pack) -> Pack:
    """The pack of a county that has not turned to records: departments and returns alone count, in every year."""
    policy = pack.policy.model_copy(update={"from_records": {}, "from_registers": {}, "from_programmes": {}})
    plain = {id_: unswitched(i) for id_, i in pack.indicators.items()}
    return replace(pack, policy=policy, indicators=plain)


def apart(findings: Iterable[QualityFinding], indicator: str, area: str, year: int | None) -> bool:
    """Whether the two sides of a figure were found to differ."""
    return any(f.code == CODE and (f.indicator, f.area, f.year) == (indicator, area, year) for f in findings)


def _told(pack: Pack, plain: Pack, indicator: str, files: Files) -> bool:
    """Whether what an indicator was read from before says anything of a year in which it is read from records."""
    since = pack.indicators[indicator].definitions[-1].first_year or 0
    named = {CELLS_TABLE if s.startswith(RETURN_PREFIX) else s for s in plain.indicators[indicator].sources}
    brought = named - pack.policy.from_records.keys()
    return all(any(p >= since for p in files.tables.get(t, {})) for t in brought)


def _turned_years(pack: Pack, turned: Iterable[str], values: pa.Table) -> set[int]:
    """The years with values in which indicators are read from records that were read from returns or other tables."""
    first = [d.first_year for i in turned if (d := pack.indicators[i].definitions[-1]).first_year is not None]
    return {y for y in pc.unique(values["year"]).to_pylist() if first and y >= min(first)}


def _read(plain: Pack, indicator: str) -> str:
    """From what an indicator was measured before, in words."""
    named = plain.indicators[indicator].definitions[-1].sources
    return "、".join(
        plain.returns[s.removeprefix(RETURN_PREFIX)].label.zh
        if s.startswith(RETURN_PREFIX)
        else plain.facts[s].label.zh
        for s in named
        if s in plain.facts or s.removeprefix(RETURN_PREFIX) in plain.returns
    )


def _other(pack: Pack) -> dict[Part, pa.Table]:
    """The rows that do not count, of each table and year in which records do."""
    found: dict[Part, pa.Table] = {}
    for table, since in pack.policy.from_records.items():
        if table in pack.facts:
            for _, partition in facts.partitions(table):
                rows = facts.not_counting(pack, table, partition) if partition >= since else None
                if rows is not None and rows.num_rows:
                    found[table, partition] = rows
    return found


def _whole(pack: Pack, indicator: Indicator, other: Mapping[Part, pa.Table], *, turned: bool) -> bool:
    """Whether the other side has every table of the indicator that records have. `turned`: it was read from elsewhere
    before, so that it need not be read from any of them."""
    switched = {s for s in indicator.sources if s in pack.policy.from_records}
    return (bool(switched) or turned) and switched <= {t for t, _ in other}


def _totals(table: pa.Table, indicators: Iterable[str], years: Iterable[int]) -> dict[Figure, float]:
    """The totals that there are of some indicators in some years."""
    for name in table.column_names:
        if name not in (*FIXED_BEFORE, *FIXED_AFTER):
            table = table.filter(pc.is_null(table[name]))
    table = table.filter(pc.is_in(table["indicator"], value_set=pa.array(list(indicators), pa.string())))
    table = table.filter(
        pc.and_(pc.is_in(table["year"], pa.array(sorted(years), pa.int32())), pc.is_valid(table["value"]))
    )
    columns = (table[c].to_pylist() for c in ("indicator", "area", "year", "value"))
    return {(i, a, y): v for i, a, y, v in zip(*columns, strict=True)}


def _apart(pack: Pack, ours: float, theirs: float) -> bool:
    """Whether two values differ by the policy's share of the greater one; equal ones never do."""
    return ours != theirs and abs(ours - theirs) >= pack.policy.source_gap * max(abs(ours), abs(theirs))


def _brought(tables: Iterable[pa.Table]) -> str:
    """Where the other side's rows came from, the first three in words."""
    files = sorted({f for t in tables for f in pc.unique(t["_file"]).to_pylist()})
    return "、".join(facts.origin(f).label for f in files[:3]) + (f" 等 {len(files)} 份" if len(files) > 3 else "")


def _finding(pack: Pack, figure: Figure, pair: tuple[float, float], brought: str) -> QualityFinding:
    id_, area, year = figure
    indicator, (ours, theirs) = pack.indicators[id_], pair
    share = 100 * abs(ours - theirs) / max(abs(ours), abs(theirs))
    unit, shown = indicator.unit, f".{indicator.decimals}f"
    ours_are = "登记册" if indicator.definitions[-1].since_registers is not None else "健康记录"
    side = "登记册" if ours_are == "登记册" else "儿童健康记录"
    return QualityFinding(
        CODE,
        f"{year} 年{side}算出的数和部门报送的数相差 {share:.1f}%",
        indicator=id_,
        area=area,
        year=year,
        data=f"{ours_are} {ours:{shown}}{unit}（现用），部门报送 {theirs:{shown}}{unit}（{brought}）",
        fix="两边逐项核对：漏登的补登记，报错的由报送单位更正；更正后自动重新计算",
    )
