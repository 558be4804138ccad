"""A report in English says the same numbers as in Chinese, in the same places, and everything that can be said in
English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from report_plans import report

from qingmiao.content import load_pack
from qingmiao.content.pack import Pack
from qingmiao.content.reports import PLACE, Bilingual, Layout
from qingmiao.figures.english import CHINESE, Speaker, english
from qingmiao.report.layouts import layouts
from qingmiao.report.model import Document, Figure, heading_numbers, sentences
from qingmiao.report.wording import _base

CHINA = layouts(load_pack(Path(__file__).parents[3] / "content/china"))


def both(county: Pack, values: object, id_: str) -> tuple[Document, Document]:
    pack = replace(county, others={"reports": CHINA})
    field = county.fields[0].id if CHINA[id_].about == "field" else ""
    zh, en = (report(pack, values, layout=id_, field=field, language=language) for language in ("zh", "en"))
    return zh, en


def inside(value: Any, kind: type) -> Iterator[Any]:
    """All parts of a kind, in reading order."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from inside(inner, kind)
    elif is_dataclass(value):
        for f in fields(value):
            yield from inside(getattr(value, f.name), kind)


@pytest.mark.parametrize("id_", sorted(CHINA))
def test_the_numbers_are_the_same(id_: str, county: Pack, county_values: object) -> None:
    zh, en = both(county, county_values, id_)
    assert [type(b) for b in zh.blocks] == [type(b) for b in en.blocks]
    for chinese, english_ in zip(zh.blocks, en.blocks, strict=True):
        assert sorted(told(zh, chinese)) == sorted(told(en, english_))
    assert len(zh.entries) == len(en.entries) > 10


def told(document: Document, block: Any) -> list[tuple[str, str, str]]:
    """The figures of a block, each with what follows its origin."""
    entries = {e.number: e for e in document.entries}
    return [(f.text, entries[f.entry].command, entries[f.entry].year) for f in inside(block, Figure)]


@pytest.mark.parametrize("id_", sorted(CHINA))
def test_what_stays_chinese_is_a_name(id_: str, county: Pack, county_values: object) -> None:
    _, en = both(county, county_values, id_)
    names = {
        *(t.label.zh for t in county.targets.values()), *(a.name for a in county.areas.values()),
        *(f.label.zh for f in county.fields), *(i.label.zh for i in county.indicators.values()),
        *(i.formula for i in county.indicators.values()), *(o.label.zh for o in county.organisations.values()),
        *(o.short for o in county.organisations.values()), county.title,
        *(i.source.document for i in county.indicators.values()), county.plan.title if county.plan else "",
    }  # fmt: skip
    left = set()
    for text in inside(en, str):
        for name in sorted(filter(None, names), key=len, reverse=True):
            text = text.replace(name, "")
        if CHINESE.search(re.sub("《[^》]*》", "", text)):
            left.add(text)
    assert left == set()


def test_every_layout_has_its_english() -> None:
    def texts(value: Any) -> Iterator[Bilingual]:
        if isinstance(value, Bilingual):
            yield value
        elif isinstance(value, tuple):
            for inner in value:
                yield from texts(inner)
        elif hasattr(value, "model_fields_set"):
            for inner in value.__dict__.values():
                yield from texts(inner)

    for layout in CHINA.values():
        assert layout.label.en
        found = list(texts(layout))
        assert len(found) > 10
        assert [t.zh for t in found if not t.en and CHINESE.search(t.zh)] == []
        assert set(layout.words) == set(layout.words_en)


def test_the_words_of_both_languages_have_the_same_keys_and_places() -> None:
    zh, en = _base("zh"), _base("en")
    assert list(zh) == list(en)
    for key, variants in zh.items():
        assert len(variants) == len(en[key])
        for a, b in zip(variants, en[key], strict=True):
            assert set(re.findall(r"\{(\w+)\}", a)) == set(re.findall(r"\{(\w+)\}", b)), key


def test_english_that_refers_to_other_numbers_is_refused() -> None:
    block = {"paragraph": {"zh": "达标{count.met}项。", "en": "{count.not_met} were met."}}
    given = {"id": "x", "label": {"zh": "甲"}, "title": "{plan}", "blocks": [block, {"element": "numbers"}]}
    with pytest.raises(ValueError, match="中文和英文里的引用不一样"):
        Layout.model_validate(given)


def test_text_alone_is_chinese_and_stands_in_for_english() -> None:
    said = Layout.model_validate(
        {"id": "x", "label": {"zh": "甲"}, "title": "{plan}报告", "blocks": [{"element": "numbers"}]}
    ).title
    assert (said.said("zh"), said.said("en")) == ("{plan}报告", "{plan}报告")
    assert PLACE.findall(said.zh) == ["plan"]


def test_headings_and_sentences_of_english(county: Pack, county_values: object) -> None:
    _, en = both(county, county_values, "annual")
    numbers = [n for n in heading_numbers(en.blocks, "en") if n]
    assert numbers[:3] == ["1. ", "1.1 ", "1.2 "]
    cut = [s for b in en.blocks if getattr(b, "role", "") == "body" for s in sentences(b.parts)]
    assert sum(1 for _, entries, stop in cut if entries and stop.startswith(".")) > 3


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("2024 年为 95.2%，未达到 ≥ 96%", "95.2% in 2024, short of ≥ 96%"),
        ("下降：2020 年 9.3%，2024 年 7.1%", "falling: 9.3% in 2020, 7.1% in 2024"),
        ("规划写「力争」，仍按原数值判定；规划前已达标", None),
        ("12.85/10万", "12.85 per 100,000"),
        ("《某某（2020年）规定》", "《某某（2020年）规定》"),
        ("甲乡、乙镇", "甲乡、乙镇"),
        (" 达标 ", " Met "),
        ("plain", "plain"),
    ],
)
def test_a_sentence_keeps_its_figures_in_their_places(zh: str, en: str | None) -> None:
    said = english(zh)
    assert en is None or said == en
    assert en is not None or not CHINESE.search(said)


def test_a_name_of_the_pack_is_said_inside_a_sentence_too() -> None:
    assert Speaker({"儿童肥胖率": "obesity rate"}).say("儿童肥胖率：2024 年 10.9%") == "obesity rate: 10.9% in 2024"
