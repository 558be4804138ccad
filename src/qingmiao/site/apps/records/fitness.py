"""A pupil's fitness over the school years: items with scores, total and grade by 国家学生体质健康标准（2014年修订）."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.norms import FITNESS_LEVEL_WORDS
from qingmiao.schedules.states import period_of
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import listing, looking, words
from qingmiao.site.apps.records.measures import holding, series
from qingmiao.site.apps.records.models import Child
from qingmiao.standards.fitness import measure_columns, score_pupil
from qingmiao.standards.fitness.tables import items

ITEMS = tuple(i.item for i in items())
TESTS = tuple(i for i in ITEMS if i != "bmi")
_MEASURES = {"height_cm": "length_cm", "weight_kg": "weight_kg"}
"""Column of the norm → the word that records measure, where they differ."""
UNITS = {"kg/m2": "千克/平方米", "mL": "毫升", "s": "秒", "cm": "厘米", "count/min": "次", "count": "次"}
TONES = {"excellent": "good", "good": "good", "pass": "warn", "fail": "bad"}


@dataclass(frozen=True)
class FitnessYear:
    """One test. `items`: item → (value, score), either None where there is none."""

    record: int
    on: date
    school_year: str
    grade: Label
    items: dict[str, tuple[float | None, int | None]]
    bonus: int | None
    total: float | None
    level: Label | None
    tone: str
    """How the grade stands; "" where there is none."""


@dataclass(frozen=True)
class FitnessPage:
    """The tests by school year, the newest first. `rows`: an item with its cells, one a test; items that this pupil
    never did are left out."""

    row: listing.ChildRow
    years: tuple[FitnessYear, ...]

    @property
    def rows(self) -> tuple[tuple[str, str, tuple[tuple[float | None, int | None], ...]], ...]:
        """(item, unit, cells) in the order of the norm."""
        return tuple(
            (i.label_zh, UNITS[i.unit], tuple(y.items[i.item] for y in self.years))
            for i in items()
            if any(y.items[i.item] != (None, None) for y in self.years)
        )


def fitness_page(reach: Reach, number: int) -> FitnessPage:
    """The fitness of a pupil, as far as this person reads its records; the sight is written down. Raises AbsentError
    for who reads no kind of record that tests it."""
    _, child, reading = looking.part(reach, number, lambda kinds: holding(kinds, TESTS), "没有体质健康测试记录")
    return FitnessPage(listing.row(child, child.left_date or timezone.localdate()), fitness_years(child, reading)[::-1])


def fitness_years(child: Child, reading: Collection[str], *, last: int = 0) -> tuple[FitnessYear, ...]:
    """Every test, the earliest first; `last`: only so many, the newest."""
    found = []
    for one in series(child, holding(reading, TESTS), last=last):
        said = one.said.words
        if not any(t in said for t in TESTS):
            continue
        measured = {name: said.get(_MEASURES.get(name, name)) for name in measure_columns()}
        values = {name: None if v is None else float(v) for name, v in measured.items()}
        judged = score_pupil(grade=str(said.get("grade") or ""), sex=child.sex, measures=values)
        by_item = {i: (judged.bmi if i == "bmi" else values[i], judged.scores.get(i)) for i in ITEMS}
        begins, ends = period_of("school_year", one.said.on)
        level = FITNESS_LEVEL_WORDS.get(judged.level or "")
        found.append(
            FitnessYear(
                one.record, one.said.on, f"{begins.year}—{ends.year}",
                words.code_label("grade", said.get("grade") or ""),
                by_item, judged.bonus, judged.total, level, TONES.get(judged.level or "", ""),
            )
        )  # fmt: skip
    return tuple(found)
