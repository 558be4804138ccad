"""What became worse since a year before: verdicts that turned, pace that fell back, values that moved the wrong way."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.assess.subject_rows import exact_interval
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.web.console.monitoring.shown import Shown, WallRow, shown, target_row
from qingmiao.site.web.ui.language import t

PACE = ("met", "on_track", "behind", "far_behind", "away")
"""From good to bad; 不作判断 stands in no order."""


@dataclass(frozen=True)
class MovedValue:
    """A target that moved: its row now, the value before, what happened in words, whether that may be chance."""

    row: WallRow
    before: Shown | None
    what: str
    chance: bool
    rank: int
    """0: turned from met to not met; 1: its pace fell back; 2: only its value moved."""

    @property
    def said(self) -> str:
        """What happened, and whether it may be chance, in words; the bare move of a value needs none."""
        chance = t("在随机波动范围以内", "within chance") if self.chance else ""
        return "，".join(x for x in (self.what if self.rank < 2 else "", chance) if x)


@dataclass(frozen=True)
class Moves:
    """Of all targets with a value in both years: which became worse (the gravest first), how many better, how many
    neither."""

    worse: tuple[MovedValue, ...]
    better: int
    same: int


def moves(state: LoadedRun, year: int, since: int) -> Moves:
    """Compare two years target by target; a target without an answer in one of them moves nowhere."""
    worse: list[MovedValue] = []
    better = same = 0
    for target in state.pack.targets.values():
        now, then = target_row(state, target, year), target_row(state, target, since)
        before = shown(state, now.value.indicator, now.value.area, since) if now.value else None
        direction = _direction(state, now, before, year, since)
        turned = (then.attainment.code, now.attainment.code)
        slower = _pace(now) - _pace(then) if _pace(now) >= 0 and _pace(then) >= 0 else 0
        if turned == ("met", "not_met"):
            worse.append(
                MovedValue(now, before, t("由达标转为未达标", "no longer met"), _chance(state, now, year, since), 0)
            )
        elif turned == ("not_met", "met"):
            better += 1
        elif slower > 0:
            words = t(f"进度由“{then.pace.zh}”变为“{now.pace.zh}”", f"pace: from {then.pace.en} to {now.pace.en}")
            worse.append(MovedValue(now, before, words, _chance(state, now, year, since), 1))
        elif direction < 0:
            words = t("数值向不利方向变化", "moved the wrong way")
            worse.append(MovedValue(now, before, words, _chance(state, now, year, since), 2))
        elif direction > 0:
            better += 1
        elif before is not None and before.text and now.value is not None and now.value.text:
            same += 1
    return Moves(tuple(sorted(worse, key=lambda m: (m.rank, m.chance, m.row.target.id))), better, same)


def _pace(row: WallRow) -> int:
    return PACE.index(row.pace.code) if row.pace.code in PACE else -1


def _direction(state: LoadedRun, now: WallRow, before: Shown | None, year: int, since: int) -> int:
    """1 better, -1 worse, 0 neither: by the published texts, and only where the indicator has a good direction."""
    if now.value is None or before is None or not now.value.text or not before.text:
        return 0
    found = state.pack.indicators[now.value.indicator]
    series = state.series(found.id, now.value.area)
    new, old = series.at(year).value, series.at(since).value
    if found.better == "none" or new is None or old is None or now.value.text == before.text:
        return 0
    return 1 if (new < old) == (found.better == "lower") else -1


def _chance(state: LoadedRun, now: WallRow, year: int, since: int) -> bool:
    """Whether the value of the year before lies within the interval of this year's: the change may be chance."""
    if now.value is None:
        return False
    found = state.pack.indicators[now.value.indicator]
    series = state.series(found.id, now.value.area)
    interval = exact_interval(found, series, year, state.pack.policy.interval_level)
    old = series.at(since).value
    return interval is not None and old is not None and interval[0] <= old <= interval[1]
