"""The rules of a return over one sheet of cells: which are broken, and the smallest change of one cell that mends one.

A rule is judged as `qingmiao.collect` judges it: three-valued, over cells and last period's cells ("last.01.1").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any

from sqlglot import exp

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import Tree, columns_of, expand_rule, parse, rule_text
from qingmiao.content.returns import Return, ReturnLine, expand

Sheet = dict[str, Decimal | None]
"""Cell ("row.column") → value; None is left empty."""
LAST = "last."


@dataclass(frozen=True)
class Check:
    """One expanded rule: its tree, the cells of this period that it names, whether breaking it blocks."""

    tree: Tree
    cells: tuple[str, ...]
    blocks: bool


@dataclass(frozen=True)
class Rulebook:
    """All rules of a return, parsed once, and what is needed to mend them."""

    return_: Return

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every expanded rule, error rules first."""
        rows, columns = [r.code for r in self.return_.rows], [c.code for c in self.return_.columns]
        found = []
        for rule in self.return_.rules:
            for text in expand_rule(rule.check, rows, columns):
                tree = parse(rule_text(text))
                cells = tuple(c for c in columns_of(tree) if not c.startswith(LAST))
                found.append(Check(tree, cells, rule.level == "error"))
        return tuple(sorted(found, key=lambda c: not c.blocks))

    @cached_property
    def computed(self) -> tuple[tuple[str, Tree], ...]:
        """Computed cells and their formulas, in the order of the return."""
        found = []
        for spec in self.return_.computed:
            for cell in expand(spec.cell, self.return_):
                found.append((cell, parse(rule_text(own(spec.formula, cell)))))
        return tuple(found)

    @cached_property
    def lines(self) -> Mapping[str, tuple[ReturnLine, ReturnLine]]:
        """Cell → its row and column."""
        rows, columns = {r.code: r for r in self.return_.rows}, {c.code: c for c in self.return_.columns}
        return {c: (rows[c.split(".")[0]], columns[c.split(".")[1]]) for c in self.return_.cells}

    @cached_property
    def whole_of(self) -> Mapping[str, str]:
        """Cell → the cell that it is a part of, read from error rules of the return ``[part] <= [whole]``."""
        found: dict[str, str] = {}
        for check in self.checks:
            tree = check.tree
            pair = (tree.this, tree.expression) if isinstance(tree, exp.LTE | exp.LT) else None
            if isinstance(tree, exp.GTE | exp.GT):
                pair = (tree.expression, tree.this)
            if pair and check.blocks and all(isinstance(x, exp.Column) for x in pair) and len(check.cells) == 2:
                found.setdefault(pair[0].name, pair[1].name)
        return found

    def bounds(self, cell: str) -> tuple[float | None, float | None]:
        """The plausible range that both its row and its column allow."""
        row, column = self.lines[cell]
        low = [x for x in (row.min, column.min) if x is not None]
        high = [x for x in (row.max, column.max) if x is not None]
        return (max(low) if low else None), (min(high) if high else None)

    def whole_numbers(self, cell: str) -> bool:
        """Whether a cell takes whole numbers only."""
        return all(line.type == "integer" for line in self.lines[cell])

    def judged(self, sheet: Sheet, last: Sheet) -> list[Check]:
        """The checks that a sheet breaks."""
        values = self._values(sheet, last)
        return [c for c in self.checks if evaluate(c.tree, values) is False]

    def mended(self, sheet: Sheet, last: Sheet, rounds: int = 40) -> Sheet:
        """The sheet with broken rules mended one after the other; raises RuntimeError when an error rule stays
        broken."""
        current = dict(sheet)
        for _ in range(rounds):
            broken = self.judged(current, last)
            if not broken:
                return current
            better = next((s for c in broken if (s := self._mend(c, current, last, broken)) is not None), None)
            if better is None:
                break
            current = better
        left = [c.tree.sql() for c in self.judged(current, last) if c.blocks]
        if left:
            raise RuntimeError(f"{self.return_.id}: no cell value satisfies {left}")
        return current

    def _mend(self, check: Check, sheet: Sheet, last: Sheet, broken: list[Check]) -> Sheet | None:
        """One cell changed so that fewer rules are broken (error rules counting most); None when no single change
        helps."""
        now = _weight(broken)
        free = [c for c in check.cells if sheet.get(c) is not None and c not in {x for x, _ in self.computed}]
        best: tuple[int, Decimal, Sheet] | None = None
        for cell in free:
            for value in self._candidates(check, cell, sheet, last):
                if value == sheet[cell]:
                    continue
                tried: Sheet = {**sheet, cell: value}
                weight = _weight(self.judged(tried, last))
                moved = abs(value - (sheet[cell] or Decimal(0)))
                if weight < now and (best is None or (weight, moved) < best[:2]):
                    best = (weight, moved, tried)
        return best[2] if best is not None else None

    def _candidates(self, check: Check, cell: str, sheet: Sheet, last: Sheet) -> list[Decimal]:
        found: list[Decimal] = []
        before = last.get(cell)
        if before is not None:
            found.append(before)
        tree = check.tree
        if isinstance(tree, exp.EQ | exp.LTE | exp.LT | exp.GTE | exp.GT | exp.NEQ):
            at = self._difference(tree, {**sheet}, last)
            up = self._difference(tree, {**sheet, cell: (sheet[cell] or Decimal(0)) + 1}, last)
            if at is not None and up is not None and up != at:
                exact = (sheet[cell] or Decimal(0)) - at / (up - at)
                quantum = Decimal(1) if self.whole_numbers(cell) else Decimal("0.01")
                found += [exact.quantize(quantum, rounding=r) for r in (ROUND_FLOOR, ROUND_CEILING)]
                found += [found[-2] - quantum, found[-1] + quantum]
        low, high = self.bounds(cell)
        return [v for v in found if (low is None or v >= low) and (high is None or v <= high)]

    def _difference(self, tree: exp.Expr, sheet: Sheet, last: Sheet) -> Decimal | None:
        values = self._values(sheet, last)
        left, right = evaluate(tree.this, values), evaluate(tree.expression, values)
        return None if left is None or right is None else Decimal(left) - Decimal(right)

    def _values(self, sheet: Sheet, last: Sheet) -> dict[str, Any]:
        values: dict[str, Any] = dict(sheet)
        for cell, formula in self.computed:
            values[cell] = evaluate(formula, values)
        return values | {f"{LAST}{c}": v for c, v in last.items()}

    def complete(self, sheet: Sheet) -> Sheet:
        """The sheet with its computed cells (for showing; they are not written to data files)."""
        values: dict[str, Any] = dict(sheet)
        for cell, formula in self.computed:
            values[cell] = evaluate(formula, values)
        return values


def own(text: str, cell: str) -> str:
    """A formula with ``*`` for its own row or column, for one cell."""
    row, _, column = cell.partition(".")
    return text.replace("[*.", f"[{row}.").replace(".*]", f".{column}]")


def _weight(broken: list[Check]) -> int:
    return sum(1000 if c.blocks else 1 for c in broken)
