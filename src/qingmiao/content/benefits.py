"""Benefits paid month by month (`benefits/`): who is paid from which programme, until when, by which field.

How much is `benefit_standards/`, a local setting with its source: none is shipped. `payment_files/` says how the bank's
file looks, there and back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Dated, Id, Label, MisplacedError, Name, Source

FEN = 100
"""Fen of a yuan: all sums are whole fen."""
PaymentValue = Literal[
    "sequence", "reference", "holder", "account", "bank", "yuan", "fen", "month", "benefit", "benefit_month",
]  # fmt: skip
"""What a column of a payment file says. `reference` is the mark by which an answer is known again."""


class CarePlace(Content):
    """A place of care with its own standard: `codes` are the answers of the benefit's `place` that belong to it."""

    label: Label
    codes: tuple[str, ...] = ()


class Deduction(Content):
    """Other aid that is taken off the standard: the field with yuan a month. `only`: field → the answer with which it
    is taken off."""

    field: Name
    only: Mapping[Name, str] = Field(default_factory=dict)


class BenefitAccount(Content):
    """The fields with the holder of the account, its number and the bank."""

    holder: Name
    number: Name
    bank: Name | None = None


class StandardCases(Content):
    """Cases by which the county sets standards: of a programme, in one of the states `set_in`, where the fields of
    `only` say so. `amounts`: place of care → the field with yuan a month; `since`: the field with the day of the first
    month."""

    programme: Name
    set_in: Annotated[tuple[Name, ...], Field(min_length=1)]
    only: Mapping[Name, str] = Field(default_factory=dict)
    amounts: Annotated[Mapping[Name, Name], Field(min_length=1)]
    since: Name


class Benefit(Content):
    """A benefit that a programme's cases give a right to, month by month.

    `paid_in`: the states in which it is paid. `first_month`, `last_month`: fields with a day of the first and the last
    month. `born`, `until_age`: the month in which that age is reached is the last, whatever the case says. `place`: the
    field that tells the place of care, and `care` the places that have a standard. `changes_from`: the field with a
    day of the month from which a change holds; without an answer, from the month after the step. `standards`: the
    cases that set its standards, beside `benefit_standards/`. `pays`: the roles that make a run; `releases`: another
    person with one of these lets it go.
    """

    id: Id
    label: Label
    programme: Name
    paid_in: Annotated[tuple[Name, ...], Field(min_length=1)]
    first_month: Name
    last_month: Name
    born: Name
    until_age: Annotated[int, Field(ge=1, le=30)] | None = None
    place: Name | None = None
    care: Annotated[Mapping[Name, CarePlace], Field(min_length=1)]
    less: Deduction | None = None
    account: BenefitAccount
    changes_from: Name | None = None
    standards: StandardCases | None = None
    pays: Annotated[tuple[Name, ...], Field(min_length=1)]
    releases: Annotated[tuple[Name, ...], Field(min_length=1)]
    serves: tuple[Id, ...] = ()
    source: Source
    note: str = ""

    @model_validator(mode="after")
    def _places(self) -> Self:
        codes = [c for place in self.care.values() for c in place.codes]
        if twice := sorted({c for c in codes if codes.count(c) > 1}):
            raise MisplacedError(f"安置方式写在两处：{'、'.join(twice)}", at=("care",))
        if self.place is None and len(self.care) != 1:
            raise MisplacedError("没有写 place 的，care 只写一处", at=("care",))
        return self

    def care_of(self, code: str | None) -> str | None:
        """The place of care of an answer; None where no standard belongs to it."""
        if self.place is None:
            return next(iter(self.care))
        return next((id_ for id_, place in self.care.items() if code in place.codes), None)

    def fields(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every field of the programme that it names, with the place where it stands."""
        for key in ("first_month", "last_month", "born", "place", "changes_from"):
            if (name := getattr(self, key)) is not None:
                yield name, (key,)
        yield self.account.holder, ("account", "holder")
        yield self.account.number, ("account", "number")
        if self.account.bank is not None:
            yield self.account.bank, ("account", "bank")
        if self.less is not None:
            yield self.less.field, ("less", "field")
            yield from ((name, ("less", "only", name)) for name in self.less.only)


class BenefitStandard(Dated):
    """How much a benefit is a month in a place of care, from and to a month (of `valid_from` and `valid_to`)."""

    id: Id
    benefit: Id
    care: Name
    yuan: Annotated[Decimal, Field(gt=0, max_digits=9, decimal_places=2)]
    source: Source
    note: str = ""

    @property
    def fen(self) -> int:
        """The amount in whole fen."""
        return int(self.yuan * FEN)

    def holds_in(self, month: date) -> bool:
        """Whether it holds in a month (its first day)."""
        return (self.valid_from is None or self.valid_from.replace(day=1) <= month) and (
            self.valid_to is None or month <= self.valid_to
        )


class PaymentColumn(Content):
    """A column of the file that goes to the bank."""

    heading: Annotated[str, Field(min_length=1)]
    says: PaymentValue


class PaymentAnswer(Content):
    """How the bank answers: the headings of the columns, and the words of `result` that mean paid."""

    reference: Annotated[str, Field(min_length=1)]
    result: Annotated[str, Field(min_length=1)]
    paid: Annotated[tuple[str, ...], Field(min_length=1)]
    yuan: str | None = None
    reason: str | None = None


class PaymentFile(Content):
    """A layout of payment files: what goes to the bank and what comes back."""

    id: Id
    label: Label
    format: Literal["csv", "xlsx"] = "xlsx"
    columns: Annotated[tuple[PaymentColumn, ...], Field(min_length=2)]
    answer: PaymentAnswer
    source: Source
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        headings = [c.heading for c in self.columns]
        if twice := sorted({h for h in headings if headings.count(h) > 1}):
            raise MisplacedError(f"列名重复：{'、'.join(twice)}", at=("columns",))
        said = {c.says for c in self.columns}
        if missing := [w for w in ("reference", "account", "holder") if w not in said]:
            raise MisplacedError(f"缺列：{'、'.join(missing)}（退款要靠它们对上）", at=("columns",))
        if not said & {"yuan", "fen"}:
            raise MisplacedError("缺金额的列：yuan 或 fen", at=("columns",))
        return self
