"""Questionnaires, household salt, air, protection cases and evidence: small tables of events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri

from qingmiao.demo.drafts import Array, Coded, Draft, NumberedIds, reading
from qingmiao.demo.people import first_day
from qingmiao.demo.tables.common import SEX, chosen, recorded, truths
from qingmiao.demo.tables.schooling import GRADES
from qingmiao.demo.world import World

YEAR_STEP = 100_000


def _townships(world: World, count: int, rng: np.random.Generator) -> Array:
    """Townships drawn with their weights."""
    return np.searchsorted(np.cumsum(world.places.weights)[:-1], rng.random(count))


def _serial(prefix: str, year: int, count: int) -> NumberedIds:
    return NumberedIds(prefix, year * YEAR_STEP + np.arange(1, count + 1), 9)


def survey_responses(world: World) -> Iterator[Draft]:
    """One row an answer: each survey of the scenario in its years; `reached` has the scenario's share."""
    surveys = world.scenario.names("surveys")
    for position, survey in enumerate(surveys):
        place = f"surveys.{survey}"
        pass_score = world.scenario.number(f"{place}.pass_score")
        low, high = (int(a) for a in world.scenario.items(f"{place}.ages"))
        for year in (int(y) for y in world.scenario.items(f"{place}.years")):
            rng = world.streams.rng(f"survey_responses:{survey}", year)
            count = int(world.scenario.number(f"{place}.answers"))
            area = _townships(world, count, rng)
            mean = pass_score + 12 * ndtri(world.scenario.level(f"{place}.reached", year) / 100)
            score = np.clip(reading(rng.normal(mean, 12, count), 0.1), 0, 100)
            day = first_day(np.array([year]))[0] + rng.integers(120, 180, count)
            yield {
                "response_id": NumberedIds("演示-A", (year * 100 + position) * 10_000 + np.arange(1, count + 1), 10),
                "survey": Coded(np.full(count, position, dtype=np.int16), surveys),
                "area_code": world.places.coded(area),
                "answered_on": day,
                "sex": Coded(rng.integers(0, 2, count).astype(np.int16), SEX),
                "age": rng.integers(low, high + 1, count),
                "score": score,
                "reached": truths(score >= pass_score),
                "weight": reading(rng.uniform(20, 60, count), 0.1),
                "recorded_at": recorded(world, area, day, rng),
            }


def lifestyle_surveys(world: World) -> Iterator[Draft]:
    """One row an anonymous answer of a pupil about outdoor time, exercise, sleep, bullying and reading."""
    scenario, frequency = world.scenario, ("never", "rarely", "sometimes", "often")
    for year in (int(y) for y in scenario.items("lifestyle.years")):
        rng = world.streams.rng("lifestyle_surveys", year)
        count = int(scenario.number("lifestyle.answers"))
        grade = rng.integers(6, 15, count)  # primary 4 to senior 3
        area = np.where(grade >= 12, world.places.seat, _townships(world, count, rng))
        day = first_day(np.array([year]))[0] + rng.integers(273, 304, count)
        level = np.select([grade < 9, grade < 12], [0, 1], 2)
        stage = ("primary", "junior", "senior")
        sleep = np.array([scenario.level(f"lifestyle.sleep.{s}", year) for s in stage])[level]
        bullied = scenario.level("lifestyle.bullied", year) / 100
        u = rng.random(count)
        often = np.select([u < 0.3 * bullied, u < bullied, u < bullied + 0.15], [3, 2, 1], 0)
        yield {
            "response_id": _serial("演示-L", year, count),
            "area_code": world.places.coded(area),
            "answered_on": day,
            "grade": Coded(grade.astype(np.int16), GRADES),
            "sex": Coded(rng.integers(0, 2, count).astype(np.int16), SEX),
            "outdoor_minutes": reading(rng.gamma(4, scenario.level("lifestyle.outdoor", year) / 4, count), 5),
            "exercise_minutes": reading(rng.gamma(4, scenario.level("lifestyle.exercise", year) / 4, count), 5),
            "sleep_hours": np.clip(reading(rng.normal(sleep, 0.9, count), 0.5), 4, 13),
            "bullied": Coded(often.astype(np.int16), frequency),
            "reading_minutes": reading(rng.gamma(2, 18, count), 5),
            "recorded_at": recorded(world, area, day, rng),
        }


def salt_samples(world: World) -> Iterator[Draft]:
    """Household salt: so many samples in every township and year."""
    for year in world.scenario.years:
        rng = world.streams.rng("salt_samples", year)
        per = int(world.scenario.number("salt.per_township"))
        area = np.repeat(np.arange(len(world.places.codes)), per)
        count = len(area)
        iodised = rng.random(count) < world.scenario.level("salt.iodised", year) / 100
        good = iodised & (rng.random(count) < world.scenario.level("salt.qualified_of_iodised", year) / 100)
        level = np.where(
            good,
            np.clip(rng.normal(25, 2.5, count), 18.5, 32.5),
            np.where(iodised, rng.uniform(6, 17, count), rng.uniform(0, 4.5, count)),
        )
        day = first_day(np.array([year]))[0] + rng.integers(60, 240, count)
        yield {
            "sample_id": _serial("演示-Y", year, count),
            "area_code": world.places.coded(area),
            "sampled_on": day,
            "iodine_mg_kg": reading(level, 0.1),
            "iodised": truths(iodised),
            "qualified": truths(good),
            "recorded_at": recorded(world, area, day, rng),
        }


def air_days(world: World) -> Iterator[Draft]:
    """One row a day at the county town's station; worse in winter."""
    for year in world.scenario.years:
        rng = world.streams.rng("air_days", year)
        day = np.arange(first_day(np.array([year]))[0], first_day(np.array([year + 1]))[0])
        count = len(day)
        season = np.cos(2 * np.pi * (np.arange(count) - 10) / 365)
        noise = 0.18 * season + 0.36 * rng.standard_normal(count)
        median = 100 / np.exp(ndtri(world.scenario.level("air.good_days", year) / 100) * 0.3822)
        valid = rng.random(count) < 0.99
        aqi = np.clip(reading(median * np.exp(noise), 1), 15, 500)
        area = np.full(count, world.places.seat)
        yield {
            "station": np.full(count, "演示点位", dtype=object),
            "area_code": world.places.coded(area),
            "day": day,
            "aqi": np.where(valid, aqi, np.nan),
            "valid": truths(valid),
            "recorded_at": recorded(world, area, day, rng),
        }


def cases(world: World) -> Iterator[Draft]:
    """Protection cases by kind: Poisson counts a year, most closed in time."""
    scenario, kinds = world.scenario, world.scenario.names("cases.per_year")
    for year in scenario.years:
        rng = world.streams.rng("cases", year)
        counts = [int(rng.poisson(scenario.level(f"cases.per_year.{k}", year) * world.scale)) for k in kinds]
        kind = np.repeat(np.arange(len(kinds)), counts)
        count = len(kind)
        area = _townships(world, count, rng)
        opened = first_day(np.array([year]))[0] + rng.integers(0, 365, count)
        stage = chosen(world, "cases.stages", rng.random(count))
        at_school = np.isin(kind, [kinds.index(k) for k in scenario.items("cases.at_school") if k in kinds])
        took = np.where(
            rng.random(count) < scenario.level("cases.in_time", year) / 100,
            rng.integers(5, 29, count),
            rng.integers(31, 120, count),
        )
        closed = np.where(rng.random(count) < 0.97, opened + took, np.datetime64("NaT"))
        yield {
            "case_id": _serial("演示-K", year, count),
            "area_code": world.places.coded(area),
            "opened_on": opened,
            "kind": Coded(kind.astype(np.int16), kinds),
            "source": chosen(world, "cases.sources", rng.random(count)),
            "stage": Coded(np.where(at_school, stage.index, -1), stage.values),
            "confirmed": truths(rng.random(count) < 0.85),
            "assessed_on": opened + rng.integers(1, 5, count),
            "due_on": opened + 30,
            "closed_on": closed,
            "helped": truths(rng.random(count) < 0.9),
            "recorded_at": recorded(world, area, opened, rng),
        }


def evidence_items(world: World) -> Iterator[Draft]:
    """Evidence for the plan's goals and for the elements that the scenario names; most of it verified."""
    named = [str(e) for e in world.scenario.items("evidence.elements")]
    goals = tuple(dict.fromkeys([*world.pack.goals, *named]))
    if not goals:
        return
    states = ("verified", "submitted", "refused")
    kinds = ("document", "minutes", "list", "report", "data")
    for year in (int(y) for y in world.scenario.items("evidence.years")):
        rng = world.streams.rng("evidence_items", year)
        kept = [
            g
            for g, u in zip(goals, rng.random(len(goals)), strict=True)
            if u < world.scenario.level("evidence.share", year) / 100 or g in named
        ]
        count = len(kept)
        area = np.full(count, world.places.seat)
        day = first_day(np.array([year]))[0] + rng.integers(30, 340, count)
        yield {
            "evidence_id": _serial("演示-M", year, count),
            "area_code": world.places.coded(area),
            "made_on": day,
            "element": np.array(kept, dtype=object),
            "kind": Coded(rng.integers(0, len(kinds), count).astype(np.int16), kinds),
            "title": np.array([f"（演示）{year}年工作材料{n + 1}" for n in range(count)], dtype=object),
            "document": np.array([f"演示〔{year}〕{n + 1}号" for n in range(count)], dtype=object),
            "organisation": np.full(count, "演示单位", dtype=object),
            "state": Coded(np.searchsorted([0.85, 0.97], rng.random(count)).astype(np.int16), states),
            "recorded_at": recorded(world, area, day, rng),
        }
