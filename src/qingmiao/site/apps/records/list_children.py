"""The children that rows of a list are about, as columns: what judging, recording and publishing read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from qingmiao.forms.coded import CodedColumn, Places, coded
from qingmiao.forms.recorded import EarlierEvent
from qingmiao.site.apps.records import bulk, person
from qingmiao.site.apps.records.models import Child

FIELDS = ("pk", "sex", "birth_date", "grade", "state", "left_date", "area", "school_unit_id", "unit_id")


@dataclass(frozen=True)
class ListedChildren:
    """A child a row (n,): `numbers` of the files; `columns`: the other `FIELDS`."""

    numbers: Sequence[int]
    columns: Mapping[str, CodedColumn]

    def __getitem__(self, name: str) -> CodedColumn:
        return self.columns[name]

    def take(self, rows: Places) -> ListedChildren:
        """The rows of these numbers, in their order."""
        taken = [self.numbers[n] for n in rows.tolist()]
        return ListedChildren(taken, {name: column.take(rows) for name, column in self.columns.items()})


def listed_children(numbers: Sequence[int], yet: Mapping[int, Child]) -> ListedChildren:
    """The children of these files; `yet`: those that are still to be registered, by the number that stands for
    them."""
    found: dict[int, tuple[Any, ...]] = {n: tuple(getattr(c, f) for f in FIELDS) for n, c in yet.items()}
    wanted = bulk.among(set(numbers) - set(found))
    found |= {row[0]: row for row in Child.objects.filter(pk__in=wanted).values_list(*FIELDS)}
    rows_ = [found[n] for n in numbers]
    columns = {name: coded(list(map(itemgetter(at), rows_))) for at, name in enumerate(FIELDS) if at}
    return ListedChildren(list(numbers), columns)


def known_columns(children: ListedChildren, births: Mapping[int, EarlierEvent]) -> dict[str, CodedColumn]:
    """As `person.known` of each: word → what is known; a word that nobody has is not there."""
    found = {"sex": children["sex"], "birth_date": children["birth_date"]}
    found["grade"] = children["grade"].now([g or None for g in children["grade"].values])
    born = [births.get(n) for n in children.numbers] if births else []
    for word in person.BIRTH if any(born) else ():
        found[word] = coded([None if b is None else b.words.get(word) for b in born])
    return {word: column for word, column in found.items() if column.there.any()}


def days(column: CodedColumn) -> list[date | None]:
    """The cells of a column of days."""
    return [v if isinstance(v, date) else None for v in column.cells()]
