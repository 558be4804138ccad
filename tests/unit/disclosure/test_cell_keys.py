"""Noise by cell keys: the same people have the same number, the mean is kept, nought stays nought."""

from __future__ import annotations

import numpy as np

from qingmiao.disclosure.cell_keys import KEYS, MOST, NOISE, counted, noisy, record_keys


def test_the_noise_is_fair() -> None:
    steps = np.arange(-MOST, MOST + 1)
    for row in NOISE:
        assert sum(row) == KEYS
        assert (np.array(row) * steps).sum() == 0
    every = np.arange(KEYS)
    for count in (0, 1, 2, 3, 40):
        given = noisy(np.full(KEYS, count), every)
        assert given.mean() == count
        assert given.min() >= 0
        assert abs(given - count).max() <= MOST


def test_the_same_people_have_the_same_number() -> None:
    ids = [f"child-{i}" for i in range(600)]
    keys = record_keys(ids, b"secret")
    town = [f"t{i % 4}" for i in range(600)]
    sex = ["男" if i % 8 < 4 else "女" for i in range(600)]
    whole = counted(("town",), [town], keys)
    turned = counted(("town",), [town[::-1]], keys[::-1])
    assert whole.counts.tolist() == turned.counts.tolist()
    both = counted(("town", "sex"), [town, sex], keys)
    only = [i for i in range(600) if sex[i] == "男"]
    boys = counted(("town",), [[town[i] for i in only]], keys[only])
    for t in sorted(set(town)):
        [a], [b] = both.find([(t, "男")]), boys.find([(t,)])
        assert both.counts[a] == boys.counts[b]
    assert any(whole.counts[whole.is_cell] != 150)
    assert record_keys(ids, b"other").tolist() != keys.tolist()


def test_a_small_count_stays_small() -> None:
    for n in range(1, 8):
        keys = record_keys([f"c{n}-{i}" for i in range(n)], b"secret")
        made = counted(("town",), [["甲"] * n], keys)
        assert (made.counts > 0).all()
        assert (made.counts <= 7).all()
