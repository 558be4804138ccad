"""A return's rules over one sheet of figures: computed cells, error rules, query rules, each cell's own type and range.

Parsing happens once (`ReturnRules(return_)`, to be kept); judging a sheet takes well under a millisecond a rule. A rule
over a missing cell is not decided (three-valued logic, docs/explanation/missing-data.md); a missing cell is told
apart (`ReturnRules.empty`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from qingmiao.collect.cell_figures import SHARES
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import Tree, columns_of, expand_rule, parse, rule_text
from qingmiao.content.returns import Return, ReturnLine, Rule, expand
from qingmiao.kernel.rounding import half_up

CellKey = tuple[str, str]
"""Row code and column code."""
Cells = Mapping[CellKey, Decimal | None]
"""A sheet's figures; None (or no entry) is left empty."""
LAST = "last."


@dataclass(frozen=True)
class Broken:
    """A rule that a sheet breaks: `kind` error blocks, query wants an explanation; `check` is the rule with its cells
    filled in.

    `code`: error_rule or query_rule with the rule's id; wrong_type, out_of_range, computed_cell (errors), over_100 and
    looks_like_fraction (queries) without one.
    """

    code: str
    rule: str
    kind: Literal["error", "query"]
    cells: tuple[CellKey, ...]
    message: str
    check: str = ""


@dataclass(frozen=True)
class _Check:
    rule: Rule
    text: str
    tree: Tree
    cells: tuple[CellKey, ...]


@dataclass(frozen=True)
class ReturnRules:
    """All that a return's content says about one sheet, parsed once."""

    return_: Return

    @cached_property
    def checks(self) -> tuple[_Check, ...]:
        """Every rule, once for each row or column that its ``*`` stands for, in the order of the return."""
        rows, columns = [r.code for r in self.return_.rows], [c.code for c in self.return_.columns]
        found = []
        for rule in self.return_.rules:
            for text in expand_rule(rule.check, rows, columns):
                tree = parse(rule_text(text))
                cells = tuple(_key(c) for c in columns_of(tree) if not c.startswith(LAST))
                found.append(_Check(rule, text, tree, cells))
        return tuple(found)

    @cached_property
    def formulas(self) -> Mapping[CellKey, Tree]:
        """Computed cell → its formula, ordered so that a formula comes after those whose results it reads."""
        trees: dict[CellKey, Tree] = {}
        for spec in self.return_.computed:
            for cell in expand(spec.cell, self.return_):
                trees[_key(cell)] = parse(rule_text(own_formula(spec.formula, *_key(cell))))
        ordered: dict[CellKey, Tree] = {}

        def visit(key: CellKey, above: tuple[CellKey, ...]) -> None:
            if key in ordered or key in above or key not in trees:
                return
            for name in columns_of(trees[key]):
                visit(_key(name), (*above, key))
            ordered[key] = trees[key]

        for key in trees:
            visit(key, ())
        return ordered

    @cached_property
    def lines(self) -> Mapping[CellKey, tuple[ReturnLine, ReturnLine]]:
        """Cell → its row and column."""
        return {(r.code, c.code): (r, c) for r in self.return_.rows for c in self.return_.columns}

    @cached_property
    def blocked(self) -> frozenset[CellKey]:
        """The cells that stay empty on paper."""
        return frozenset(_key(c) for b in self.return_.blocked for c in expand(b, self.return_))

    @cached_property
    def required(self) -> tuple[CellKey, ...]:
        """The cells that a person fills in and that should not be left empty."""
        optional = {c for o in self.return_.optional for c in expand(o, self.return_)}
        return tuple(_key(c) for c in self.return_.filled if c not in optional)

    def unit(self, key: CellKey) -> str:
        """The unit of a cell: % or ‰ where its row or its column says so, else its row's, else its column's; "" for no
        cell."""
        if key not in self.lines:
            return ""
        row, column = (line.unit for line in self.lines[key])
        return next((u for u in (row, column) if u in SHARES), row or column)

    def computed(self, cells: Cells) -> dict[CellKey, Decimal | None]:
        """The computed cells from the others; None where a cell that the formula reads is empty."""
        values = _named(cells)
        found: dict[CellKey, Decimal | None] = {}
        for key, tree in self.formulas.items():
            value = evaluate(tree, values)
            found[key] = None if value is None else Decimal(value)
            values[".".join(key)] = found[key]
        return found

    def broken(self, cells: Cells, last: Cells | None = None) -> list[Broken]:
        """What a sheet breaks: each cell's type and range, computed cells that say something else, then the rules in
        order.

        `last`: last period's figures. Computed cells are computed here; a figure given for one is only compared.
        """
        computed = self.computed(cells)
        found = [*self._cells(cells), *self._computed(cells, computed), *self._shares(cells, last or {})]
        values = _named({**cells, **computed}) | _named(last or {}, LAST)
        for check in self.checks:
            if evaluate(check.tree, values) is False:
                rule = check.rule
                found.append(Broken(f"{rule.level}_rule", rule.id, rule.level, check.cells, rule.message, check.text))
        return found

    def empty(self, cells: Cells) -> tuple[CellKey, ...]:
        """The required cells that are empty."""
        return tuple(k for k in self.required if cells.get(k) is None)

    def value_fault(self, key: CellKey, value: Decimal) -> Broken | None:
        """What is wrong with one figure by itself (whole number, range), or None."""
        lines = self.lines[key]
        if all(x.type == "integer" for x in lines) and value != value.to_integral_value():
            return Broken("wrong_type", "", "error", (key,), f"「{value:f}」应为整数")
        for line in lines:
            if line.min is not None and value < Decimal(str(line.min)):
                return Broken("out_of_range", "", "error", (key,), f"「{value:f}」小于 {line.min:g}")
            if line.max is not None and value > Decimal(str(line.max)):
                return Broken("out_of_range", "", "error", (key,), f"「{value:f}」大于 {line.max:g}")
        return None

    def _cells(self, cells: Cells) -> Iterator[Broken]:
        for key, value in cells.items():
            fault = self.value_fault(key, value) if value is not None and key in self.lines else None
            if fault is not None:
                yield fault

    def _shares(self, cells: Cells, last: Cells) -> Iterator[Broken]:
        """Shares that cannot be what they say: above the whole without a limit of their own, or a fraction where per
        cent belongs.

        A figure of 0 to 1 in a % cell is asked about where last period's was twenty times as much, or the sheet's other
        shares are all 10 and more, or all of two and more shares are fractions.
        """
        shares = {k: v for k, v in cells.items() if v and k not in self.formulas and self.unit(k) in SHARES}
        for key, value in shares.items():
            whole = SHARES[self.unit(key)]
            if value > whole and all(line.max is None for line in self.lines[key]):
                message = (
                    f"「{value:f}」超过 {whole:f}{self.unit(key)}：核对分子、分母；可以超过的（如毛入学率），说明原因"
                )
                yield Broken("over_100", "", "query", (key,), message)
        small = {k: v for k, v in shares.items() if 0 < v <= 1}
        large = [v for k, v in shares.items() if k not in small]
        for key, value in small.items():
            before = last.get(key)
            if before:
                odd = before >= 20 * value
            else:
                odd = min(large) >= 10 if large else len(small) > 1
            if odd:
                whole = value * SHARES[self.unit(key)]
                message = f"「{value:f}」像是小数：这一格的单位是 {self.unit(key)}，是不是 {whole.normalize():f}？"
                yield Broken("looks_like_fraction", "", "query", (key,), message)

    def _computed(self, cells: Cells, computed: Cells) -> Iterator[Broken]:
        for key, ours in computed.items():
            given = cells.get(key)
            if given is not None and ours is not None and not _agrees(given, ours):
                message = f"计算格 {'.'.join(key)} 填的是 {given:f}，按公式应为 {_shown(ours)}"
                yield Broken("computed_cell", "", "error", (key,), message)


def own_formula(formula: str, row: str, column: str) -> str:
    """A formula with ``*`` for one computed cell: its own row, its own column."""
    return formula.replace("[*.", f"[{row}.").replace(".*]", f".{column}]")


def _agrees(given: Decimal, ours: Decimal) -> bool:
    """Equal, but for the last bits of a spreadsheet's doubles, or for the decimals that the sheet shows of a
    quotient."""
    if abs(given - ours) <= Decimal("1e-9") * max(Decimal(1), abs(ours)):
        return True
    places = -int(given.as_tuple().exponent)
    return places > 0 and half_up(ours, places) == given


def _shown(value: Decimal) -> str:
    return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:.6g}"


def _named(cells: Cells, prefix: str = "") -> dict[str, Decimal | None]:
    return {f"{prefix}{row}.{column}": value for (row, column), value in cells.items()}


def _key(cell: str) -> CellKey:
    row, _, column = cell.partition(".")
    return row, column
