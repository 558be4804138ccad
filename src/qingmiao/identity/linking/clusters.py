"""Pairs settled into clusters: the weightiest first, and never two records together that something keeps apart.

A cluster holds no two different right numbers; two sides of which no names are alike in sound or in form are joined
only by a number in common; and of one register no two records, unless they are themselves a pair of great weight,
with names (a true duplicate). Where a record has two partners in another register that weigh about the same and are
not of one child, it gets neither: a person has to look.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa

from qingmiao.identity.likeness import Likeness, likeness
from qingmiao.identity.linking.database import own_database

JOIN_BITS = 0.0
"""Pairs of at least this weight may be joined (probability 0.5)."""
DUPLICATE_BITS = 15.5
"""Records of one register are joined from this weight on."""
RIVAL_BITS = 1.5
"""Partners whose weights differ by less are rivals."""
ALIKE_BITS = 10.0
"""Partners of one register that weigh so much with each other are hardly two children: they are no rivals."""
UNNAMED_RIVAL_BITS = 4.5
"""The same for a child that has no name yet: nothing but the family tells it from its twin."""
CERTAIN_BITS = 18.0
"""Pairs from here on have no rivals, where both have a name."""
UNNAMED_CERTAIN_BITS = 30.0
"""The same for a child that has no name yet: a number in common."""
DOUBTFUL = 0.49
LEAST = 0.1


def settle(numbered: pa.Table, weighed: pa.Table) -> tuple[pa.Table, pa.Array]:
    """The pairs (left, right, probability) and for each row its entity: the first row of its cluster."""
    count = numbered.num_rows
    ordered = _rivals_marked(numbered, weighed)
    left, right = ordered["left"].to_numpy(), ordered["right"].to_numpy()
    bits, rival = ordered["bits"].to_numpy(), ordered["rival"].to_numpy()
    register = numbered["register"].to_pylist()
    same = {(a, b) for a, b, w in zip(left.tolist(), right.tolist(), bits.tolist(), strict=True) if w >= DUPLICATE_BITS}
    groups = _Groups(numbered, register, same)
    joined: dict[tuple[int, int], float] = {}
    for a, b, weight, doubtful in zip(left.tolist(), right.tolist(), bits.tolist(), rival.tolist(), strict=True):
        if weight < JOIN_BITS or doubtful or (register[a] == register[b] and weight < DUPLICATE_BITS):
            continue
        for pair in groups.join(a, b):
            joined[pair] = weight
    entity = np.fromiter((groups.first(row) for row in range(count)), np.int64, count)
    together = entity[left] == entity[right]
    chance = 1 / (1 + np.exp2(-np.clip(bits, -60, 60)))
    chance = np.where(together, np.maximum(chance, 0.5), np.minimum(chance, DOUBTFUL))
    known = set(zip(left[together].tolist(), right[together].tolist(), strict=True))
    extra = sorted(pair for pair in joined if pair not in known)
    kept = chance >= LEAST
    pairs = pa.table(
        {
            "left": np.concatenate([left[kept], np.array([a for a, _ in extra], np.int64)]),
            "right": np.concatenate([right[kept], np.array([b for _, b in extra], np.int64)]),
            "probability": np.round(
                np.concatenate([chance[kept], [max(0.5, 1 / (1 + 2 ** -min(joined[p], 60))) for p in extra]]), 6
            ),
        }
    )
    return pairs, pa.array(entity)


def _rivals_marked(numbered: pa.Table, weighed: pa.Table) -> pa.Table:
    """The pairs, weightiest first, with `rival`: one of the two has another partner of about the same weight in the
    same register, which is not of one child with this one."""
    connection = own_database(2)
    connection.register("records", numbered.select(["record", "register", "name"]))
    connection.register("weighed", weighed)
    result = connection.sql(
        f"""
        with ends as (
            select p."left" as one, p."right" as other, bits from weighed p where not forbidden
            union all select p."right", p."left", bits from weighed p where not forbidden
        ), placed as (
            select one, other, bits, r.register,
                   case when n.name is null then {UNNAMED_RIVAL_BITS} else {RIVAL_BITS} end as margin,
                   case when n.name is null then {UNNAMED_CERTAIN_BITS} else {CERTAIN_BITS} end as certain
            from ends join records r on r.record = other join records n on n.record = one
        ), rivals as (
            select distinct a.one, a.other from placed a join placed b
              on a.one = b.one and a.other <> b.other
             and b.bits >= a.bits - a.margin and b.bits >= {JOIN_BITS} and a.bits < a.certain
            left join weighed d on d."left" = least(a.other, b.other) and d."right" = greatest(a.other, b.other)
            where d.forbidden or (a.register = b.register and coalesce(d.bits, -99) < {ALIKE_BITS})
        )
        select w."left", w."right", w.bits, (f.one is not null or g.one is not null) as rival
        from weighed w
        left join rivals f on f.one = w."left" and f.other = w."right"
        left join rivals g on g.one = w."right" and g.other = w."left"
        where not w.forbidden
        order by round(w.bits, 6) desc, w."left", w."right"
        """
    ).to_arrow_table()
    connection.close()
    return result


class _Groups:
    """Clusters that grow: members of each, and what keeps two apart."""

    def __init__(self, numbered: pa.Table, register: list[str | None], same: set[tuple[int, int]]) -> None:
        self._of: dict[int, list[int]] = {}
        self._register = register
        self._same = same
        self._name = numbered["name"].to_pylist()
        self._number = numbered["number"].to_pylist()
        self._right = numbered["right"].to_pylist()

    def first(self, row: int) -> int:
        """The first row of the cluster."""
        group = self._of.get(row)
        return min(group) if group else row

    def join(self, a: int, b: int) -> list[tuple[int, int]]:
        """Join the clusters of two rows and give the pairs that are new; none where something keeps them apart."""
        one, other = self._of.get(a, [a]), self._of.get(b, [b])
        if one is other or self._apart(one, other):
            return []
        whole = one + other
        for row in whole:
            self._of[row] = whole
        return [(min(pair), max(pair)) for pair in product(one, other)]

    def _apart(self, one: list[int], other: list[int]) -> bool:
        best = Likeness.UNKNOWN
        shared = False
        for a, b in product(one, other):
            if self._right[a] and self._right[b] and self._number[a] != self._number[b]:
                return True
            if self._register[a] == self._register[b] and not self._twice(a, b):
                return True
            shared = shared or self._one_number(a, b)
            best = max(best, likeness(self._name[a], self._name[b]))
        return not shared and best in (Likeness.UNLIKE, Likeness.PARTIAL)

    def _twice(self, a: int, b: int) -> bool:
        """Whether two records of one register are the same child entered twice: of great weight, and a number or the
        whole name in common (twins may sound alike)."""
        named = likeness(self._name[a], self._name[b]) >= Likeness.WRITTEN
        return (min(a, b), max(a, b)) in self._same and (named or self._one_number(a, b))

    def _one_number(self, a: int, b: int) -> bool:
        return self._number[a] is not None and self._number[a] == self._number[b]
