"""The newest run in memory: pages read values and assessments from here, without asking the database for them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.assess.rows import AssessedRow
from qingmiao.assess.run import Assessment
from qingmiao.assess.series import Series
from qingmiao.assess.values import SeriesStore, read_values
from qingmiao.content.pack import Pack
from qingmiao.figures.book import Book, MeasuredValue
from qingmiao.figures.findings import Findings
from qingmiao.figures.numbers import ValueOf
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.monitoring import kept
from qingmiao.site.apps.monitoring.assessed import OfRun, assessment_of, findings_of
from qingmiao.site.apps.monitoring.models import Run
from qingmiao.site.apps.monitoring.partitions import Files, RunSnapshot, snapshot
from qingmiao.site.changes import Memory

Dims = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MadeRun:
    """One run as others see it: when and why it was made, what it saw, what it knows of returns and of the data."""

    number: int
    made_at: datetime
    reason: str
    year: int
    """The newest year with values: what is assessed unless another is asked for."""
    pack_digest: str
    snapshot: str
    files: Files
    statuses: tuple[DueReturn, ...]
    findings: tuple[QualityFinding, ...]
    values: str
    """The file of its values under home/runs."""

    @classmethod
    def of(cls, row: Run) -> MadeRun:
        """From its row."""
        return cls(
            row.pk, row.made_at, row.reason, row.year, row.pack_digest, row.snapshot,
            Files.from_json(row.tables, row.crossing), tuple(kept.statuses(row.states)),
            tuple(kept.findings(row.findings)), row.values,
        )  # fmt: skip


@dataclass
class LoadedRun:
    """One run, ready to be shown. Assessments are made for each year when asked for, once."""

    run: MadeRun
    pack: Pack
    values: pa.Table
    _assessments: dict[int, Assessment] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _findings: dict[int, Findings] = field(default_factory=dict)
    _rows: dict[int, Mapping[tuple[int, str, str, str], AssessedRow]] = field(default_factory=dict)
    fragments: dict[object, bytes] = field(default_factory=dict)
    """Rendered parts of pages that depend on nothing but this run and their key."""
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    """What pages have counted over this run's years, by name."""

    @cached_property
    def book(self) -> Book:
        """Values by reference, with their published text."""
        return Book(self.pack, self.values, Findings(()), self.run.year)

    @cached_property
    def store(self) -> SeriesStore:
        """All series."""
        return read_values(self.pack, self.values, year=9999)

    @property
    def root(self) -> str:
        """The code of the area that the plan binds."""
        area = self.pack.root_area
        return area.code if area else ""

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years with values, newest first."""
        return tuple(sorted(set(self.values["year"].to_pylist()), reverse=True))

    @property
    def snapshot(self) -> RunSnapshot:
        """The facts that this run saw."""
        return snapshot(Path(settings.HOME) / "facts", self.run.files)

    def assessment(self, year: int) -> Assessment:
        """The assessment as of a year."""
        with self._lock:
            return self._assessment(year)

    def _assessment(self, year: int) -> Assessment:
        if year not in self._assessments:
            self._assessments[year] = assess(self.pack, self.values, self.run, year)
        return self._assessments[year]

    @cached_property
    def rows(self) -> Mapping[tuple[int, str, str, str], AssessedRow]:
        """The newest year's assessed rows by (year, indicator, target, area)."""
        return self.rows_of(self.run.year)

    def rows_of(self, year: int) -> Mapping[tuple[int, str, str, str], AssessedRow]:
        """Assessed rows of a year by (year, indicator, target, area)."""
        found = self._rows.get(year)
        if found is None:
            made = self.assessment(year).rows
            found = self._rows[year] = {(year, r.indicator, r.target, r.area): r for r in made}
        return found

    def findings(self, year: int) -> Findings:
        """The three answers for every target, as the report tells them."""
        with self._lock:
            if year not in self._findings:
                self._findings[year] = findings_of(_of_run(self.pack, self.run), self.book, year, self._assessment)
            return self._findings[year]

    def cell(self, indicator: str, area: str, year: int, dims: Dims = ()) -> MeasuredValue | None:
        """One measured value, also where it is missing; None where nothing is known."""
        return self.book.cell(ValueOf(indicator, area, year, dims=dims))

    def text(self, indicator: str, area: str, year: int, dims: Dims = ()) -> str:
        """The published text of a value, or an empty text."""
        found = self.book.number(ValueOf(indicator, area, year, dims=dims))
        return found.text if found else ""

    def series(self, indicator: str, area: str) -> Series:
        """The yearly series of an indicator in an area."""
        return self.store.total(indicator, area)


def assess(pack: Pack, values: pa.Table, run: MadeRun, year: int) -> Assessment:
    """The assessment of a year with what the run knows of returns and of the data, kept beside the run's values."""
    return assessment_of(_of_run(pack, run), values, year)


def _of_run(pack: Pack, run: MadeRun) -> OfRun:
    return OfRun(pack, run.values, run.statuses, run.findings)


_states: dict[tuple[int, str], LoadedRun] = {}
_guard = threading.Lock()
_newest: Memory[tuple[int, str] | None] = Memory(1)


def pack() -> Pack:
    """The county's pack; loaded once a process (a changed pack counts after a restart, which records it)."""
    return site_pack.pack()


def current() -> LoadedRun | None:
    """The state of the newest run; None before the first."""
    newest = _newest.get("run", lambda: Run.objects.order_by("-pk").values_list("pk", "values").first())
    return None if newest is None else _of(*newest)


def of_run(number: int) -> LoadedRun:
    """The state of one run."""
    return _of(number, Run.objects.values_list("values", flat=True).get(pk=number))


def _of(number: int, file: str) -> LoadedRun:
    """The two states used last are kept."""
    with _guard:
        found = _states.get((number, file))
    if found is None:
        table = pq.read_table(Path(settings.HOME) / "runs" / file)
        found = LoadedRun(MadeRun.of(Run.objects.get(pk=number)), pack(), table)
        with _guard:
            found = _states.setdefault((number, file), found)
            for old in list(_states)[:-2]:
                del _states[old]
    return found


def forget() -> None:
    """Drop everything that is kept in memory (for tests)."""
    with _guard:
        _states.clear()
    site_pack.forget()
