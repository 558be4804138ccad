from fractions import Fraction

import pytest

from qingmiao.kernel.rounding import decimals_of, half_up


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.675, 2, "2.68"),  # a float counts as it prints, not as 2.67499…
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(16, 5), 1, "3.2"),
        (3.249999, 1, "3.2"),
        (3.25, 1, "3.3"),
        (0, 1, "0.0"),
    ],
)
def test_half_up(value: float | Fraction, decimals: int, expected: str) -> None:
    assert str(half_up(value, decimals)) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_half_up_refuses_what_is_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="cannot round"):
        half_up(value, 1)


@pytest.mark.parametrize(("written", "expected"), [(3.2, 1), (95, 0), (95.0, 0), ("95.0", 1), ("0.125", 3)])
def test_decimals_of(written: float | str, expected: int) -> None:
    assert decimals_of(written) == expected
