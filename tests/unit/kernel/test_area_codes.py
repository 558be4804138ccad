"""An area lies in another by its code: zeros of a province's or a city's code stand for all that is inside."""

from __future__ import annotations

import pytest

from qingmiao.kernel.areas import lies_in, stem


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("CN", ""),
        ("140000", "14"),
        ("141000", "1410"),
        ("141029", "141029"),
        ("141029100", "141029100"),
        ("110100", "1101"),
    ],
)
def test_a_stem_is_the_code_without_the_zeros_of_the_whole(code: str, begins: str) -> None:
    assert stem(code) == begins


@pytest.mark.parametrize("outer", ["CN", "140000", "141000", "141029", "141029100", "141029100000"])
def test_everything_above_holds_what_is_below_and_itself(outer: str) -> None:
    inner = "141029100000"
    assert lies_in(inner, outer)
    assert lies_in(outer, outer)
    assert not lies_in("141030200000", outer) or outer in ("CN", "140000", "141000")
    assert not lies_in("CN", outer) or outer == "CN"


@pytest.mark.parametrize(
    ("inner", "outer"), [("140000", "141000"), ("141000", "141029"), ("141100", "141000"), ("", "14")]
)
def test_what_is_above_or_beside_lies_outside(inner: str, outer: str) -> None:
    assert not lies_in(inner, outer)
