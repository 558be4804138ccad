"""What a request brings is read in one way: a number is ASCII digits within bounds, everything else is none."""

from __future__ import annotations

import pytest

from qingmiao.kernel.errors import UserError
from qingmiao.site.web.console.acting import posted
from qingmiao.site.web.ui import given


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", 0), ("2024", 2024), ("007", 7), ("999999999", 999999999), ("1000000000", None),
        ("²", None), ("2024²", None), ("٣", None),
        ("１２", None), ("-1", None), ("+1", None), (" 7", None), ("1e9", None), ("1_000", None),
        ("9" * 5000, None), ("", None), ("\0", None),
        ("NaN", None), ("0x10", None),
    ],
)  # fmt: skip
def test_a_number_is_ascii_digits_within_bounds(text: str, found: int | None) -> None:
    assert given.whole(text, None) == found
    assert given.whole(text, -5) == (-5 if found is None else found)


@pytest.mark.parametrize(("text", "found"), [("1899", 1), ("1900", 1900), ("2200", 2200), ("2201", 1), ("20 24", 1)])
def test_a_year_lies_between_1900_and_2200(text: str, found: int) -> None:
    assert given.year(text, 1) == found


class Request:
    def __init__(self, body: bytes) -> None:
        self.body = body


def test_a_body_is_a_plain_json_object() -> None:
    assert given.json_body(Request(b'{"a": [1, {"b": "c"}]}')) == {"a": [1, {"b": "c"}]}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b"{", b"\xff", b'{"a": "\\u0000"}', b'{"\\u0000": 1}', b'{"a": [["\\u0000"]]}',
     b'{"a": "\\ud800"}', b"[" * 200_000],
)  # fmt: skip
def test_any_other_body_is_refused(body: bytes) -> None:
    with pytest.raises(given.UnreadableError):
        given.json_body(Request(body))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [("12.5", "12.5"), ("１２．５", "12.5"), ("1,234.5", "1234.5"), (" 7 ", "7"), ("", "0"), ("-3", "-3")],
)
def test_an_amount_is_read_as_every_figure(text: str, found: str) -> None:
    assert str(posted.number(text, "预算")) == found


@pytest.mark.parametrize("text", ["1,5", "1_000", "NaN", "inf", "1e400", "1e5", "12万元", "10000000000", "9" * 5000])
def test_what_is_no_amount_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(UserError, match=r"^预算："):
        posted.number(text, "预算")
