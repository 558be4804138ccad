"""Identities digit for digit, numbers as people write them, CSV files that Excel reads."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qingmiao.kernel.csv_out import csv_bytes, open_csv
from qingmiao.kernel.identifiers import (
    is_identity_number,
    read_identifier,
    read_identifier_number,
)
from qingmiao.kernel.misread import MisreadError
from qingmiao.kernel.number_texts import read_number


@pytest.mark.parametrize(
    ("text", "identity", "changed"),
    [
        ("007", "007", False),
        ("NA", "NA", False),
        ("E22", "E22", False),
        ("3E10", "3E10", False),
        ("abc", "abc", False),
        ("G980101201501010017", "G980101201501010017", False),
        ("123456789012345", "123456789012345", False),
        ("123456789012000", "123456789012000", False),
        ("980101201501010017", "980101201501010017", False),
        ("11010519491231002x", "11010519491231002X", True),
        ("11010519491231002X", "11010519491231002X", False),
        ("１２３", "123", True),
        ("Ａ１２", "A12", True),
        ("\u3000A12 ", "A12", True),
        ("A12\u200b", "A12", True),
        ("\ufeffA12", "A12", True),
        ("'980101201501010017", "980101201501010017", True),
        ("1.2.3", "1.2.3", False),
        ("张三", "张三", False),
    ],
)
def test_an_identity_is_text(text: str, identity: str, changed: bool) -> None:
    found = read_identifier(text)
    assert found is not None
    assert (found.text, found.changed) == (identity, changed)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.42625E+17", "id_scientific"),
        ("1.42625e+17", "id_scientific"),
        ("１.42625E+17", "id_scientific"),
        ("1E+17", "id_scientific"),
        ("1.0E17", "id_scientific"),
        ("123.0", "id_decimal"),
        ("１２３．０", "id_decimal"),
        ("142625199001011000.0", "id_decimal"),
        ("142625199001010000", "id_rounded"),
        ("1426251990010100000", "id_rounded"),
    ],
)
def test_a_number_that_lost_digits_is_no_identity(text: str, code: str) -> None:
    with pytest.raises(MisreadError) as found:
        read_identifier(text)
    assert found.value.code == code
    assert text in found.value.message


def test_a_right_identity_number_may_end_in_zeros() -> None:
    rounded = [f"110105194912{n:03}000" for n in range(1000)]
    right = [n for n in rounded if is_identity_number(n)]
    assert 80 < len(right) < 100
    assert all(read_identifier(n) is not None for n in right)


def test_floats_are_identities_only_where_they_are_exact() -> None:
    found = read_identifier_number(123.0)
    assert found is not None
    assert (found.text, found.changed) == ("123", True)
    assert read_identifier_number(float("nan")) is None
    for wrong in (1.5, 2.0**53, 1.42625e17, float("inf")):
        with pytest.raises(MisreadError):
            read_identifier_number(wrong)


@pytest.mark.parametrize("text", [None, "", " ", "\u3000", "\u200b"])
def test_blank_is_no_identity(text: str | None) -> None:
    assert read_identifier(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5), ("１２．５", 12.5), ("１４", 14.0), ("1,234.5", 1234.5), ("１，２３４", 1234.0), (" 7 ", 7.0),
        ("-0.75", -0.75),
        ("−0.75", -0.75), ("－0.75", -0.75), ("+1", 1.0), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0),
        ("1,234,567", 1234567.0),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("3,5", "3.5"), ("12。5", "12.5"), ("12.5kg", "12.5"), ("约12", "12"), ("1,23,456", ""), ("12 5", ""),
        ("1_000", ""),
        ("0x10", ""), ("inf", ""), ("∞", ""), ("1e400", ""), ("十二", ""), ("12-13", ""), ("--", ""), ("无", ""),
        ("٣", ""),
    ],
)  # fmt: skip
def test_what_is_no_number_is_misread(text: str, nearest: str) -> None:
    with pytest.raises(MisreadError) as found:
        read_number(text)
    assert text in found.value.message
    assert found.value.nearest == nearest


@pytest.mark.parametrize("text", [None, "", "NA", "#N/A", "nan"])
def test_blank_is_no_number_and_no_fault(text: str | None) -> None:
    assert read_number(text) is None


def test_a_csv_carries_a_mark_unless_told_not_to(tmp_path: Path) -> None:
    for bom, start in ((True, b"\xef\xbb\xbf\xe4"), (False, b"\xe4")):
        with open_csv(tmp_path / "a.csv", bom=bom) as file:
            csv.writer(file).writerow(["乡镇", "率"])
        content = (tmp_path / "a.csv").read_bytes()
        assert content.startswith(start)
        assert content == csv_bytes("乡镇,率\r\n", bom=bom)
