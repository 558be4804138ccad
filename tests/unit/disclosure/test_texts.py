"""Texts that tell of a person are known, however written; an office's telephone is told from somebody's own."""

from __future__ import annotations

import pytest

from qingmiao.disclosure import office_phone, tells_of_person

NAMES = {"演示甲", "演"}


@pytest.mark.parametrize(
    "text",
    [
        "联系15400001111", "联系 154-0000-1111", "联系１５４００００１１１１", "154 0000 1111", "证件790000197001010013",
        "证件79000019700101001X", "找演示甲", "找演 示甲",
    ],
)  # fmt: skip
def test_a_text_that_tells_of_a_person(text: str) -> None:
    assert tells_of_person(text, NAMES)


@pytest.mark.parametrize(
    "text", ["周一至周五 8:00—18:00", "0357-6820000", "演示街12号", "91141029MA0000002H", "2026-11-28"]
)
def test_a_text_that_tells_of_nobody(text: str) -> None:
    assert not tells_of_person(text, NAMES)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("0357-6820000", "0357-6820000"), ("０３５７—６８２００００", "0357-6820000"), ("6820000", "6820000"),
        ("12345", "12345"), ("120", "120"), ("400-820-0000", "400-820-0000"), ("0357-6820000-801", "0357-6820000-801"),
        ("15400001111", ""), ("154 0000 1111", ""), ("0357-6820000 演示甲", ""), ("", ""),
    ],
)  # fmt: skip
def test_only_an_offices_telephone_is_shown(given: str, shown: str) -> None:
    assert office_phone(given) == shown
