"""Generate a demonstration county: the population block by block, units, returns, series, each file marked.

Same pack, seed and size give the same bytes. Nothing is random but the streams of the seed, and nothing asks the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qingmiao.content.pack import Pack
from qingmiao.demo.drafts import Coded, Draft, length, take
from qingmiao.demo.flaws import spoil
from qingmiao.demo.people import blocks, year_of
from qingmiao.demo.places import places_of
from qingmiao.demo.register.lately import newborns
from qingmiao.demo.register.writer import RegisterWriter
from qingmiao.demo.returns import write_returns
from qingmiao.demo.scenario import Scenario, read_scenario
from qingmiao.demo.series import write_series
from qingmiao.demo.streams import Streams
from qingmiao.demo.tables import CHILD_TABLES, UNIT_TABLES
from qingmiao.demo.world import World
from qingmiao.demo.writer import MARK, MARKER_FILE, FactTableWriter

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    """What was written: rows per table (returns and series too) and the number of children ever born in it."""

    folder: Path
    rows: Mapping[str, int]
    children: int


def generate(
    pack: Pack, out: Path, *, seed: int, children: int | None = None, progress: Progress = lambda _: None
) -> Summary:
    """Write a demonstration data folder (facts/, returns/, series.csv, register/, the marker) for a pack into `out`.

    `children` scales the county (default: the scenario's own number); more townships than the pack has are not
    invented: the children are spread over them. Raises ScenarioError when the pack has no scenario or a faulty one.
    """
    scenario = read_scenario(pack)
    places = places_of(pack, scenario)
    streams = Streams(seed)
    scale = 1.0 if children is None else children / scenario.number("children")
    world = World(pack, scenario, places, streams, scale)
    rows: dict[str, int] = {}
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER_FILE).write_text(_marker(pack, seed, children, scenario), "utf-8")
    as_csv = set(scenario.items("csv_tables"))
    total = 0
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(FactTableWriter(pack.facts[name], out / "facts", csv=name in as_csv, seed=seed))
            for name in (*CHILD_TABLES, *UNIT_TABLES)
            if name in pack.facts
        }
        people = stack.enter_context(RegisterWriter(out, seed=seed)) if scenario.has("register") else None
        for block in blocks(scenario, streams, places, children):
            total += len(block)
            progress(f"模拟儿童 {total:,} 人")
            for name, make in CHILD_TABLES.items():
                if name in writers:
                    for part, draft in enumerate(make(world, block)):
                        _emit(world, writers[name], draft, block.id, part)
            if people is not None:
                people.write(world, block)
        if people is not None:
            for block in newborns(world, after=total, children=children):
                people.write(world, block)
        for name, make_unit in UNIT_TABLES.items():
            if name in writers:
                progress(f"生成 {pack.facts[name].label}")
                for part, draft in enumerate(make_unit(world)):
                    _emit(world, writers[name], draft, 0, part)
        rows |= {name: w.rows for name, w in writers.items() if w.rows}
    progress("填统计报表")
    rows["returns"] = write_returns(world, out / "returns")
    rows["series"] = write_series(world, out / "series.csv")
    return Summary(out, rows, total)


def _emit(world: World, writer: FactTableWriter, draft: Draft, block: int, part: int) -> None:
    fact = writer.fact
    draft = _without_gaps(world, writer, draft)
    if length(draft) == 0:
        return
    if fact.retracted is not None and fact.retracted not in draft:
        draft[fact.retracted] = np.full(length(draft), -1, dtype=np.int8)
    rules = world.scenario.items(f"flaws.{fact.id}")
    writer.write(spoil(fact, draft, rules, world.streams.rng(f"flaws:{fact.id}", block, part)))


def _without_gaps(world: World, writer: FactTableWriter, draft: Draft) -> Draft:
    """Without the rows that were never collected: ``gaps`` name table, township and years."""
    fact = writer.fact
    for gap in world.scenario.items("gaps"):
        if gap["table"] != fact.id:
            continue
        area, when = draft[fact.area], draft[fact.date or fact.year or ""]
        assert isinstance(area, Coded)
        assert isinstance(when, np.ndarray)
        years = year_of(when) if fact.date is not None else when
        lost = (area.index == area.values.index(gap["township"])) & np.isin(years, list(gap["years"]))
        draft = take(draft, np.flatnonzero(~lost))
    return draft


def _marker(pack: Pack, seed: int, children: int | None, scenario: Scenario) -> str:
    size = "" if children is None else f"规模：按 {children:,} 名儿童放大，仍分布在内容包已有的乡镇。\n"
    return (
        f"{MARK}\n\n本文件夹由 qingmiao demo-data 用随机数生成，不对应任何真实的人、学校、机构和统计数字。\n"
        f"内容包：{pack.id}　种子：{seed}　年份：{scenario.first_year}—{scenario.last_year}\n{size}"
        "不得当作真实情况引用、公布或上报。\n"
    )
