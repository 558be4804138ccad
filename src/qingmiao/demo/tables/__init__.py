"""Makers of the standard fact tables of the shared content: the one place of the generator that names tables and
columns."""

from collections.abc import Callable, Iterator, Mapping

from qingmiao.demo.drafts import Draft
from qingmiao.demo.people import PeopleBlock
from qingmiao.demo.tables import (
    births,
    fitness,
    health_checks,
    injuries,
    roll,
    schooling,
    services,
    surveys,
    units,
    vaccinations,
    vision,
)
from qingmiao.demo.world import World

CHILD_TABLES: Mapping[str, Callable[[World, PeopleBlock], Iterator[Draft]]] = {
    "children": roll.children,
    "live_births": births.live_births,
    "birth_defects": births.birth_defects,
    "child_deaths": births.child_deaths,
    "growth_checks": health_checks.growth_checks,
    "eye_checks": health_checks.eye_checks,
    "vaccinations": vaccinations.vaccinations,
    "enrolments": schooling.enrolments,
    "vision_checks": vision.vision_checks,
    "fitness_tests": fitness.fitness_tests,
    "injuries": injuries.injuries,
    "disability_register": injuries.disability_register,
}
"""Made block by block, in this order."""

UNIT_TABLES: Mapping[str, Callable[[World], Iterator[Draft]]] = {
    "schools": units.schools,
    "health_facilities": services.health_facilities,
    "nurseries": services.nurseries,
    "communities": units.communities,
    "activity_places": units.activity_places,
    "staff": services.staff,
    "survey_responses": surveys.survey_responses,
    "lifestyle_surveys": surveys.lifestyle_surveys,
    "salt_samples": surveys.salt_samples,
    "air_days": surveys.air_days,
    "cases": surveys.cases,
    "evidence_items": surveys.evidence_items,
}
"""Made once, after all children."""
