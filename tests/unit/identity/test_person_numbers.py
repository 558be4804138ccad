"""Numbers of persons: each kind of card, each fault in words, and every way to dress the same number. Made-up
numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingmiao.identity.numbers import (
    NumberKind,
    as_eighteen,
    check_character,
    disguised,
    plain_number,
    read_birth_certificate,
    read_person_number,
)
from qingmiao.kernel.misread import MisreadError

EXAMPLE = "11010519491231002X"  # the example of GB 11643-1999


def numbered(area: str, birth: str, order: str) -> str:
    body = area + birth + order
    return body + check_character(body)


@pytest.mark.parametrize(
    "written",
    [
        EXAMPLE,
        EXAMPLE.lower(),
        " 110105 19491231 002x ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
        "'11010519491231002X",
        "11010519491231002×",
        "11010519491231002Х",  # a Cyrillic letter
        "110105　19491231002X",
    ],
)
def test_a_number_is_the_same_in_every_dress(written):
    read = read_person_number(written)
    assert read is not None
    assert (read.kind, read.text, read.birth, read.sex) == (NumberKind.CITIZEN, EXAMPLE, date(1949, 12, 31), "F")


@pytest.mark.parametrize(
    ("written", "kind", "birth", "sex"),
    [
        (numbered("810000", "20150301", "013"), NumberKind.PERMIT, date(2015, 3, 1), "M"),
        (numbered("820000", "20150301", "014"), NumberKind.PERMIT, date(2015, 3, 1), "F"),
        (numbered("830000", "20160229", "015"), NumberKind.PERMIT, date(2016, 2, 29), "M"),
        (numbered("911840", "20140506", "012"), NumberKind.FOREIGN, date(2014, 5, 6), "F"),
        (numbered("790101", "20190101", "001"), NumberKind.CITIZEN, date(2019, 1, 1), "M"),
        ("USA110014050612", NumberKind.FOREIGN_OLD, None, None),
        ("110105491231002", NumberKind.CITIZEN_OLD, date(1949, 12, 31), "F"),
        ("E12345678", NumberKind.PASSPORT, None, None),
        ("123456789", NumberKind.PASSPORT, None, None),
    ],
)
def test_each_kind_of_card_is_told_from_the_others(written, kind, birth, sex):
    read = read_person_number(written)
    assert read is not None
    assert (read.kind, read.birth, read.sex) == (kind, birth, sex)


@pytest.mark.parametrize("blank", [None, "", "　", "无", "不详", "NA", "-", "暂无"])
def test_a_child_without_papers_is_no_fault(blank):
    assert read_person_number(blank) is None
    assert read_birth_certificate(blank) is None


@pytest.mark.parametrize(
    ("written", "code", "says"),
    [
        ("110105194912310021", "id_check", "应为 X"),
        ("11010519491331002X", "id_birth", "1949-13-31"),
        ("11010519490230002X", "id_birth", "1949-02-30"),
        (numbered("770105", "20190101", "001"), "id_area", "77"),
        ("1101051949123100", "id_length", "16 位"),
        ("1101051949123100211", "id_length", "19 位"),
        ("110105194912310000", "id_rounded", "当作数存过"),
        ("见户口本", "not_a_number", "不是证件号码"),
        ("990105491231002", "id_area", "99"),
        ("110105491331002", "id_birth", "1949-13-31"),
    ],
)
def test_what_is_wrong_is_said_in_words(written, code, says):
    with pytest.raises(MisreadError, match=says) as wrong:
        read_person_number(written)
    assert wrong.value.code == code


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 999), st.data())
def test_one_wrong_digit_or_two_changed_about_never_pass(day, order, data):
    number = numbered("430105", f"{day:%Y%m%d}", f"{order:03}")
    assert read_person_number(number).birth == day or number[15:] == "000"
    place = data.draw(st.integers(0, 16))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    for wrong in (
        number[:place] + other + number[place + 1 :],
        number[:place] + number[place + 1] + number[place] + number[place + 2 :] if place < 16 else None,
    ):
        if wrong and wrong != number:
            with pytest.raises(MisreadError):
                read_person_number(wrong)


def test_an_old_number_becomes_the_new_one():
    old = read_person_number("110105491231002")
    assert old is not None
    assert as_eighteen(old).text == EXAMPLE
    assert as_eighteen(as_eighteen(old)).text == EXAMPLE


def test_birth_certificates():
    read = read_birth_certificate(" s120000001 ")
    assert read is not None
    assert (read.kind, read.text) == (NumberKind.BIRTH_CERTIFICATE, "S120000001")
    with pytest.raises(MisreadError, match="一个字母加九位数字"):
        read_birth_certificate("S12000000")


def test_shown_numbers_keep_the_area_and_the_end():
    assert disguised(EXAMPLE) == "110105**********2X"
    assert disguised("E12345678") == "*******78"
    assert plain_number("ａ-1 2") == "A12"
