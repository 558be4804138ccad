"""What is known of a child before a form is opened: the words that fields are given and expressions read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingmiao.forms.recorded import EarlierEvent
from qingmiao.site.apps.records import measures
from qingmiao.site.apps.records.models import Child

BIRTH = ("gestation_weeks", "birth_weight_g", "birth_length_cm")
"""Words that come from the record of the birth, as its kind measures them."""


def words(child: Child) -> Mapping[str, Any]:
    """Word → value of a child, of those that are known: who it is, its class, how it was born."""
    return known(child, measures.birth(child) if child.pk else None)


def known(child: Child, born: EarlierEvent | None) -> Mapping[str, Any]:
    """The same where the record of the birth has been read."""
    found: dict[str, Any] = {"sex": child.sex, "birth_date": child.birth_date, "grade": child.grade or None}
    found |= {word: born.words[word] for word in BIRTH if born is not None and word in born.words}
    return {k: v for k, v in found.items() if v is not None}
