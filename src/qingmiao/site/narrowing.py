"""What a list is narrowed to, in one way for all: words, a unit, a field of the plan."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

from django.db.models import Field, Model, Q, QuerySet, TextField

from qingmiao.content.of_field import FieldParts, of_field
from qingmiao.identity.spelling import heard_as, sounds_in
from qingmiao.site.pack import pack

M = TypeVar("M", bound=Model)
WORDS = 8
"""So many words at most are looked for."""


@dataclass(frozen=True)
class Narrowed:
    """What was asked for; all empty: the whole list. Every word of `text` must stand somewhere, in capitals or not, or
    be the pinyin of what stands there (`spelling.heard_as`)."""

    text: str = ""
    unit: str = ""
    field: str = ""
    more: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the text."""
        return tuple(self.text.split()[:WORDS])

    @property
    def parts(self) -> FieldParts | None:
        """What belongs to the field; None where none was asked for."""
        return of_field(pack(), self.field) if self.field else None

    def rows(
        self,
        rows: QuerySet[M],
        *,
        texts: Iterable[str] = (),
        named: Mapping[str, Mapping[str, str]] | None = None,
        unit: str = "unit",
        in_field: Q | None = None,
    ) -> QuerySet[M]:
        """The rows of a list that fit.

        `texts`: columns of words (pinyin is looked for in names and titles, not in long texts); `named`: columns of
        ids, with the words that each id is shown by; `in_field`: what lies in the field that was asked for (None: the
        list knows no fields).
        """
        if self.unit:
            rows = rows.filter(**{unit: self.unit})
        if self.field and in_field is not None:
            rows = rows.filter(in_field)
        for word in self.words:
            rows = rows.filter(_somewhere(rows.model, word, texts, named or {}))
        return rows

    def fits(self, *texts: str) -> bool:
        """Whether every word stands in one of these texts."""
        return all(any(stands_in(w, t) for t in texts) for w in self.words)


def stands_in(word: str, text: str) -> bool:
    """Whether a word stands in a text, in capitals or not, or is the pinyin of what stands there."""
    return word.casefold() in text.casefold() or sounds_in(word, text)


def _somewhere(model: type[Model], word: str, texts: Iterable[str], named: Mapping[str, Mapping[str, str]]) -> Q:
    anywhere = [Q(**{f"{column}__icontains": word}) for column in texts]
    if meant := heard_as(word):
        short = (c for c in texts if not isinstance(_column(model, c), TextField))
        anywhere += [Q(**{f"{column}__regex": meant}) for column in short]
    for column, shown in named.items():
        anywhere.append(Q(**{f"{column}__in": [k for k, v in shown.items() if stands_in(word, v)]}))
    return reduce(operator.or_, anywhere, Q(pk__in=[]))


def _column(model: type[Model], path: str) -> Field[object, object]:
    """The column that a path of a query names: unit__label is a unit's label."""
    name, _, rest = path.partition("__")
    found = model._meta.get_field(name)
    return _column(found.related_model, rest) if rest else found  # type: ignore[arg-type,return-value]


EVERYTHING = Narrowed()
"""The whole list."""
