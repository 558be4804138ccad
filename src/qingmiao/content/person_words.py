"""Words for what is known of a person before a form is opened, and for what events measure: one vocabulary.

A field that says `given: birth_date` is filled by the house. Record kinds say which of their fields hold which measure
(`measures`), so that growth curves, refraction histories and checks between visits are drawn from these words and no
form's field is named in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from qingmiao.content.evaluate import Row, evaluate
from qingmiao.content.expressions import Tree, Type, parse

CHILD: Mapping[str, Type] = {
    "name": "text",
    "area": "text",
    "sex": "text",
    "birth_date": "date",
    "gestation_weeks": "number",
    "birth_weight_g": "number",
    "birth_length_cm": "number",
    "discharged_on": "date",
    "multiple_birth": "boolean",
    "high_risk": "boolean",
    "special_group": "text",
    "grade": "text",
    "boarding": "boolean",
    "altitude_m": "number",
    "file_opened_on": "date",
    "died_on": "date",
}
"""Of a child, on the day of the event: the name, the code of the area of residence, sex M or F, the day of birth, the
birth's weeks, grams and centimetres, the day of leaving the place of birth, one of several, on the list of high-risk
children, the group of the roll of children, grade and boarding of the class attended, metres above the sea of the
residence, the days on which the file was opened and the child died."""
MOTHER: Mapping[str, Type] = {
    "mother_birth_date": "date",
    "last_period_on": "date",
    "expected_on": "date",
    "parity": "number",
    "delivered_on": "date",
}
"""Of a woman with a file: her birth, the last period, the day the child is expected, births before, the delivery."""
PERSON: Mapping[str, Type] = {**CHILD, **MOTHER}
"""All words that a field's `given` may be."""
MEASURES: Mapping[str, Type] = {
    "weight_kg": "number", "length_cm": "number", "measured": "text", "oedema": "boolean", "head_cm": "number",
    "haemoglobin_g_l": "number", "warning_signs": "number", "feeding": "text",
    "birth_weight_g": "number", "birth_length_cm": "number", "gestation_weeks": "number", "sex": "text",
    "acuity_right": "number", "acuity_left": "number", "corrected_right": "number", "corrected_left": "number",
    "sphere_right": "number", "sphere_left": "number", "cylinder_right": "number", "cylinder_left": "number",
    "axis_right": "number", "axis_left": "number", "cycloplegia": "boolean", "ortho_k": "boolean",
    "teeth": "number", "caries": "number", "systolic": "number", "diastolic": "number",
    "grade": "text", "vital_capacity": "number", "run_50m": "number", "sit_reach": "number",
    "rope_skipping_1min": "number", "sit_ups_1min": "number", "pull_ups": "number", "standing_long_jump": "number",
    "shuttle_50m_x8": "number", "run_1000m": "number", "run_800m": "number", "fitness_total": "number",
    "fitness_level": "text", "vaccine": "text", "dose": "number", "next_on": "date", "referred": "boolean",
    "last_period_on": "date", "expected_on": "date", "delivered_on": "date", "pregnancy_risk": "text",
}  # fmt: skip
"""What events measure → its type. Units: kg, cm, g (at birth), g/L, five-mark acuity, dioptres, degrees, mmHg, mL, s.
`measured`: L lying, H standing; `next_on`: the day of the next visit as agreed;
`last_period_on`, `expected_on`, `delivered_on`: of the pregnancy (words of `MOTHER`); `pregnancy_risk`: its grade."""
ON = "on"
"""The day of an event, beside its measures."""
_THINGS = ("child", "this", "previous", "birth", "beside", "counted", "dose")


def person_text(text: str) -> str:
    """An expression with its dotted words as columns: ``previous.weight_kg`` → the column "previous.weight_kg"."""
    return dotted_text(text, _THINGS)


def dotted_text(text: str, things: Iterable[str]) -> str:
    """An expression in which ``THING.word`` of each of `things` is a column of that name; texts in quotes stay."""
    found = re.compile(rf"\b({'|'.join(things)})\.([a-z][a-z0-9_]*)")
    parts = text.split("'")
    parts[::2] = [found.sub(lambda m: f'"{m[1]}.{m[2]}"', part) for part in parts[::2]]
    return "'".join(parts)


def dotted(words: Mapping[str, Type], of: str) -> dict[str, Type]:
    """The words as columns of one thing: {"child.sex": "text", …}."""
    return {f"{of}.{word}": kind for word, kind in words.items()}


def value_of(text: str, row: Row) -> Any:
    """The value over one row of an expression with words of persons (`child.sex`) and of events (`previous.weight_kg`),
    as `evaluate` gives it."""
    return evaluate(tree_of(text), row)


@lru_cache(maxsize=2048)
def tree_of(text: str) -> Tree:
    """Such an expression, parsed once: packs have some hundreds of such texts. Nobody changes the tree."""
    return parse(person_text(text))
