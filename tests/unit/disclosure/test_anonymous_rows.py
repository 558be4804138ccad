"""Rows given to an outside evaluator: nobody stands alone, a rare thing is not told of a class, names are final."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.disclosure import RULE
from qingmiao.disclosure.rows import LEFT_OUT, anonymous, pseudonym

BY = ("township", "sex", "age")


def classes(columns, by=BY):
    return Counter(zip(*(columns[name].tolist() for name in by), strict=True))


def test_whoever_would_stand_alone_is_told_with_less() -> None:
    """Eight girls of three stay as they are; the only one of four loses the age, then whatever else is needed."""
    rows = {
        "township": ["A"] * 8 + ["A"] + ["A"] * 8,
        "sex": ["女"] * 8 + ["女"] + ["女"] * 8,
        "age": ["3"] * 8 + ["4"] + ["5", "6"] * 4,
        "anaemic": ["否"] * 17,
    }
    made = anonymous(rows, BY)
    assert made.dropped == 0
    assert classes(made.columns) == {("A", "女", "3"): 8, ("A", "女", LEFT_OUT): 9}
    assert made.blanked == {"age": 9}


def test_too_few_of_all_are_left_out_whole() -> None:
    """Seven rows are no table."""
    made = anonymous({"township": ["A"] * RULE.small, "x": ["1"] * RULE.small}, ("township",))
    assert (made.dropped, len(made.columns["x"])) == (RULE.small, 0)


def test_a_rare_thing_that_all_of_a_class_have_is_not_told() -> None:
    """All eight boys of B are anaemic: who knows one of them would know it of him. That none of A is, is told."""
    rows = {"township": ["A"] * 20 + ["B"] * 8, "anaemic": ["否"] * 20 + ["是"] * 8}
    made = anonymous(rows, ("township",))
    assert set(made.columns["anaemic"][made.columns["township"] == "B"]) == {LEFT_OUT}
    assert set(made.columns["anaemic"][made.columns["township"] == "A"]) == {"否"}
    mixed = anonymous(rows | {"anaemic": ["否"] * 21 + ["是"] * 7}, ("township",))
    assert mixed.blanked == {}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(*(st.sampled_from("abcde") for _ in range(4))), max_size=120))
def test_every_row_is_like_seven_others_and_says_nothing_that_was_not_there(found) -> None:
    """Of any rows: no class of 1 to 7, no rare value shared by a whole class, every shown value is its row's own."""
    names = (*BY, "x")
    rows = {name: [r[i] for r in found] for i, name in enumerate(names)}
    made = anonymous(rows, BY)
    assert all(n > RULE.small for n in classes(made.columns).values())
    for name in names:
        own = np.array(rows[name], dtype=str)[made.kept]
        assert ((made.columns[name] == own) | (made.columns[name] == LEFT_OUT)).all()
    shown = Counter(made.columns["x"].tolist())
    for one in classes(made.columns):
        at = np.all([made.columns[n] == v for n, v in zip(BY, one, strict=True)], axis=0)
        values = set(made.columns["x"][at].tolist())
        often = max(shown[v] for v in shown if v != LEFT_OUT) if set(shown) != {LEFT_OUT} else 0
        assert len(values) > 1 or values == {LEFT_OUT} or shown[values.pop()] >= often


def test_what_is_needed_most_stands_first() -> None:
    """The same rows by age first keep the age."""
    rows = {"township": list("ABCDEFGH"), "age": ["3"] * 8}
    assert anonymous(rows, ("age", "township")).columns["age"].tolist() == ["3"] * 8
    assert anonymous(rows, ("township", "age")).columns["age"].tolist() == [LEFT_OUT] * 8


def test_a_pseudonym_is_the_keys_and_of_the_whole_row() -> None:
    """The same row under another key has another name; parts do not run into each other."""
    assert pseudonym(b"a" * 32, "t", "c1") == pseudonym(b"a" * 32, "t", "c1") != pseudonym(b"b" * 32, "t", "c1")
    assert pseudonym(b"a" * 32, "t", "1", "2") != pseudonym(b"a" * 32, "t", "12")


def test_a_column_that_is_not_there_is_refused() -> None:
    """A bug, not a user's mistake."""
    with pytest.raises(ValueError, match="not there"):
        anonymous({"a": ["1"]}, ("b",))
