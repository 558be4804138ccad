"""Read a data folder: facts/<table>.parquet|csv, returns/*.xlsx|csv, series.csv; any part may be missing.

All faults of all files are raised together as one `DataError`; nothing is written before everything has been read.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from qingmiao.collect.areas import LEVEL_COLUMNS, AreaColumns
from qingmiao.collect.data_files import SERIES, data_files, shown
from qingmiao.collect.derive import add_derived
from qingmiao.collect.facts import Finding, type_fact
from qingmiao.collect.gaps import silent_areas
from qingmiao.collect.identities import identifying
from qingmiao.collect.open_files import overfull
from qingmiao.collect.plausible import Bounds
from qingmiao.collect.returns import ReturnCell, read_returns
from qingmiao.collect.series import SCHEMA, read_series
from qingmiao.collect.tables import RawTable, read_raw
from qingmiao.collect.unique import one_row_a_key, ordered
from qingmiao.content.deadlines import of_period
from qingmiao.content.pack import Pack
from qingmiao.content.returns import Return
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.deadlines import days_overdue
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.periods import Period

Progress = Callable[[str], None]
READERS = 2
"""How many files or tables are read at once: most of the work is outside the interpreter's lock."""


class DataError(UserError):
    """A data folder that cannot be used; nothing was written."""


@dataclass(frozen=True)
class ReturnStatus:
    """Whether one unit's return of one year is there: reported, late (by how many days) or missing."""

    return_id: str
    area: str
    year: int
    state: str
    due: date
    submitted: date | None = None
    days_late: int = 0
    empty_cells: int = 0


@dataclass
class Collected:
    """Everything a data folder holds, typed, in memory. `earlier`: the versions of facts no longer in force."""

    tables: dict[str, pa.Table]
    findings: list[Finding] = field(default_factory=list)
    return_status: list[ReturnStatus] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    demo: bool = False
    earlier: dict[str, pa.Table] = field(default_factory=dict)


def collect(pack: Pack, folder: Path, *, on: date | None = None, progress: Progress = lambda _: None) -> Collected:
    """Read a whole data folder. Raises DataError listing every fault with file, sheet, row, column and rule.

    `on` is the day of collecting: facts of a later day are faults (None: the day is not known, nothing is called
    future).
    """
    if not folder.is_dir():
        raise DataError(f"没有数据文件夹 {folder}")
    areas = AreaColumns(pack)
    files = data_files(folder, pack.facts)
    faults = files.faults
    result = Collected({})
    bounds = Bounds.of(pack, on)
    with ThreadPoolExecutor(READERS) as readers:
        # The largest first, so that none is waited for alone; what is found is put together in the files' order.
        largest = sorted(files.facts, key=lambda n: -sum(p.stat().st_size for p in files.facts[n]))
        facts = {n: readers.submit(_read_fact, pack, n, files.facts[n], folder, areas, bounds) for n in largest}
        given = [(p, shown(p, folder)) for p in files.returns]
        returns = readers.submit(read_returns, pack, given, areas, bounds) if given else None
        for name in files.facts:
            progress(f"读事实表 {pack.facts[name].label}")
            facts[name].result().into(name, result, faults)
        if returns is not None:
            progress("读统计报表")
            read = returns.result()
            faults.extend(read.faults)
            result.findings.extend(read.findings)
            cells = cells_table(read.cells, areas)
            result.tables["return_cells"] = ordered(cells, ["return", "period", "area", "row", "column"])
            result.return_status = _status(pack, read.cells, areas)
    if files.series is not None:
        progress("读年度序列")
        series = read_series(pack, files.series, SERIES, areas, bounds)
        faults.extend(series.faults)
        result.findings.extend(series.findings)
        groups = [n for n in series.table.column_names if n not in SCHEMA.names]
        result.tables["series"] = ordered(series.table, ["indicator", "area", "year", *sorted(groups)])
    if faults:
        raise DataError(f"数据文件夹 {folder} 有 {len(set(faults))} 处错误，什么都没有写入", faults)
    if not result.tables:
        raise DataError(f"数据文件夹 {folder} 里没有 facts/、returns/ 或 series.csv")
    result.demo = (folder / "演示数据.txt").is_file()
    return result


@dataclass
class _FactRead:
    """One fact table as its files give it: the rows in force with derived columns (None where anything is wrong)."""

    table: pa.Table | None = None
    earlier: pa.Table | None = None
    findings: list[Finding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def into(self, name: str, result: Collected, faults: list[Fault]) -> None:
        """Put it to what was read before."""
        faults.extend(self.faults)
        result.findings.extend(self.findings)
        if self.table is not None:
            result.tables[name] = self.table
        if self.earlier is not None:
            result.earlier[name] = self.earlier


def _read_fact(pack: Pack, name: str, paths: list[Path], folder: Path, areas: AreaColumns, bounds: Bounds) -> _FactRead:
    fact, found = pack.facts[name], _FactRead()
    parts: list[pa.Table] = []
    for path in paths:
        raw = read_raw(path, shown(path, folder))
        if not isinstance(raw, RawTable):
            found.faults.extend(raw)
            continue
        read = type_fact(pack, fact, raw, areas, bounds)
        found.faults.extend(read.faults)
        found.findings.extend(read.findings)
        if read.table is not None:
            parts.append(read.table)
    if len(parts) != len(paths):
        return found
    together = pa.concat_tables(parts, promote_options="default")
    fault = overfull(together, f"facts/{name}")
    if fault is not None:
        found.faults.append(fault)
        return found
    unique = one_row_a_key(fact, together, identifying(pack, fact))
    found.faults.extend(unique.faults)
    if unique.table is None:
        return found
    found.earlier = unique.earlier
    found.table = add_derived(fact, unique.table, areas)
    found.findings.extend(silent_areas(pack, fact, found.table))
    return found


def cells_table(cells: list[ReturnCell], areas: AreaColumns) -> pa.Table:
    """Return cells as the table `return_cells` (see docs/explanation/measuring.md)."""
    columns: dict[str, pa.Array] = {
        "return": pa.array([c.return_id for c in cells], pa.string()),
        "period": pa.array([c.year for c in cells], pa.int32()),
        "area": pa.array([areas.tree.current(c.area) for c in cells], pa.string()),
        "row": pa.array([c.row for c in cells], pa.string()),
        "column": pa.array([c.column for c in cells], pa.string()),
        "value": pa.array([None if c.value is None else float(c.value) for c in cells], pa.float64()),
        "reason": pa.array([c.reason for c in cells], pa.string()),
        "_file": pa.array([c.file for c in cells], pa.string()),
        "_row": pa.array([c.line for c in cells], pa.int64()),
        "_place": pa.array([c.place for c in cells], pa.string()),
    }
    for level, column in LEVEL_COLUMNS.items():
        above = [areas.tree.ancestor(areas.tree.current(c.area), level) for c in cells]
        columns[column] = pa.array([a.code if a else None for a in above], pa.string())
    return pa.table(columns)


def _status(pack: Pack, cells: list[ReturnCell], areas: AreaColumns) -> list[ReturnStatus]:
    """For every return: each area that must report it in each year, from the first in which anybody did to the newest
    of any return, and how it did. A year in which nobody reported is missing everywhere; whether it is overdue by now,
    its due date says."""
    there: dict[tuple[str, int], dict[str, list[ReturnCell]]] = {}
    for cell in cells:
        there.setdefault((cell.return_id, cell.year), {}).setdefault(cell.area, []).append(cell)
    root = pack.root_area
    status: list[ReturnStatus] = []
    newest = max((year for _, year in there), default=0)
    first: dict[str, int] = {}
    for return_id, year in there:
        first[return_id] = min(year, first.get(return_id, year))
    for return_id, year in ((f, y) for f in sorted(first) for y in range(first[f], newest + 1)):
        return_, by_area = pack.returns[return_id], there.get((return_id, year), {})
        level, end = AreaLevel(return_.level), Period(return_.period, year).end
        expected = areas.tree.under(root.code, level, end) if root is not None else areas.tree.at(level, end)
        due = due_date(return_, year)
        for area in expected:
            own = by_area.get(area.code, [])
            if not own:
                status.append(ReturnStatus(return_id, area.code, year, "missing", due))
                continue
            submitted = min((date.fromisoformat(c.submitted) for c in own if _is_date(c.submitted)), default=None)
            late = days_overdue(due, submitted) if submitted else 0
            empty = sum(1 for c in own if c.value is None)
            state = "late" if late else "reported"
            status.append(ReturnStatus(return_id, area.code, year, state, due, submitted, late, empty))
    return status


def due_date(return_: Return, year: int) -> date:
    """The day by which a return of a year is due: a rest day moves to the next working day (Civil Code art. 203)."""
    period = Period(return_.period, year)
    start = period.start if return_.due.after == "start" else period.end
    return of_period(return_.due.days, start).at.date()


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
