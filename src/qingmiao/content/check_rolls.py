"""Do rolls name tables, schedules, kinds and columns that there are, and do their expressions fit?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, parse
from qingmiao.content.facts import Fact
from qingmiao.content.faults import fault_at, near
from qingmiao.content.form_fields import EXPRESSION_TYPES
from qingmiao.content.pack import Pack
from qingmiao.content.person_words import dotted, person_text
from qingmiao.content.records import GIVEN_BY_HOUSE
from qingmiao.content.rolls import CHILD_WORDS, DOSE_WORDS, CountedItems, Roll
from qingmiao.content.schedules import Schedule
from qingmiao.kernel.errors import Fault

At = tuple[str | int, ...]


def check_rolls(pack: Pack) -> Iterator[Fault]:
    """Every roll of the pack; that the tables, schedules and kinds it names exist is said by the registry."""
    taken: dict[str, str] = {}
    for roll in pack.entries("rolls", Roll).values():
        yield from _RollChecker(pack, roll).faults()
        if (first := taken.setdefault(roll.fact, roll.id)) != roll.id:
            message = f"事实表 {roll.fact} 已由名册「{first}」得出，一张表只由一份名册得出"
            yield fault_at(pack, "rolls", roll.id, "duplicate_id", message, "删去一份", at=("fact",))


@dataclass
class _RollChecker:
    pack: Pack
    roll: Roll

    def faults(self) -> Iterator[Fault]:
        yield from self._schedules()
        base: dict[str, Type] = {"as_of": "date", "year": "number", **dotted(CHILD_WORDS, "child")}
        if self.roll.when is not None:
            yield from self._expression(self.roll.when, "boolean", ("when",), base)
        types = base | {f"counted.{name}": "number" for name in self.roll.counted}
        if self.roll.per == "dose":
            types |= dotted(DOSE_WORDS, "dose")
        fact = self.pack.facts.get(self.roll.fact)
        if fact is not None:
            yield from self._columns(fact, types)

    def _schedules(self) -> Iterator[Fault]:
        schedules = self.pack.entries("schedules", Schedule)
        named: list[tuple[str, At, bool]] = [
            (c.schedule, ("counted", n, "schedule"), False)
            for n, c in self.roll.counted.items()
            if isinstance(c, CountedItems)
        ]
        named += [(self.roll.schedule, ("schedule",), True)] if self.roll.schedule is not None else []
        for id_, at, by_norm in named:
            found = schedules.get(id_)
            if found is None:
                yield self._fault(f"没有时间表「{id_}」", near(id_, schedules), at)
            elif found.subject != "child" or (found.norm is not None) != by_norm:
                kind = "按公布的程序（norm）的" if by_norm else "按年龄的"
                yield self._fault(f"时间表「{id_}」不是儿童{kind}时间表", "换一份时间表", at, "wrong_value")

    def _columns(self, fact: Fact, types: dict[str, Type]) -> Iterator[Fault]:
        if fact.key[0] != "child_id" or fact.version is None:
            message = f"事实表 {fact.id} 的主键不从 child_id 开始，或者没有版本列，名册填不了"
            yield self._fault(message, "换一张一名儿童一行的事实表", ("fact",), "wrong_value")
        for name, text in self.roll.row.items():
            column = fact.columns.get(name)
            if column is None:
                message = f"事实表 {fact.id} 没有列「{name}」"
                yield self._fault(message, near(name, fact.columns), ("row", name), "unknown_column")
            else:
                yield from self._expression(text, EXPRESSION_TYPES[column.type], ("row", name), types)
        filled = {*self.roll.row, *GIVEN_BY_HOUSE, fact.year, fact.version}
        lacking = [n for n, c in fact.columns.items() if c.required and n not in filled]
        if lacking or (fact.date is not None and fact.date not in self.roll.row):
            wanted = "、".join(dict.fromkeys([*lacking, *([fact.date] if fact.date else [])]))
            yield self._fault(
                f"事实表 {fact.id} 的必填列「{wanted}」没有东西来填", "写进 row", ("row",), "missing_value"
            )
        code = fact.columns.get(self.roll.code or "")
        if self.roll.code is not None and (code is None or code.codes is None):
            message = f"事实表 {fact.id} 的列「{self.roll.code}」不是代码列"
            yield self._fault(message, near(self.roll.code, fact.columns), ("code",), "unknown_column")

    def _expression(self, text: str, wanted: Type, at: At, types: dict[str, Type]) -> Iterator[Fault]:
        try:
            kind = check_types(parse(person_text(text)), types)
            if kind not in (wanted, "null"):
                raise ExpressionError(f"「{text}」的结果是{TYPE_WORDS[kind]}，应为{TYPE_WORDS[wanted]}")
        except ExpressionError as e:
            yield self._fault(e.message, e.hint, at, "expression")

    def _fault(self, message: str, hint: str, at: At, code: str = "dangling_id") -> Fault:
        return fault_at(self.pack, "rolls", self.roll.id, code, message, hint, at=at)
