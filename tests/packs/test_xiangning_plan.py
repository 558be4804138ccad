"""The county's plan stands in the pack word for word: every text against an own copy of the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qingmiao.content import Pack, load_pack
from qingmiao.content.plan import Qualifier, TargetKind

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ("health", "safety", "education", "welfare", "family", "environment", "law")


def squeeze(text: str) -> str:
    """Without white space: the source breaks one goal over two lines and indents unevenly."""
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ROOT / "content" / "xiangning")


@pytest.fixture(scope="module")
def document() -> str:
    return (Path(__file__).parent / "data" / "plan.txt").read_text("utf-8-sig")


def test_counts_are_those_of_the_document(pack: Pack) -> None:
    assert tuple(f.id for f in pack.fields) == FIELDS
    assert [len(f.goals) for f in pack.fields] == [12, 11, 9, 10, 6, 10, 11]
    assert [len(f.measures) for f in pack.fields] == [14, 12, 13, 15, 8, 12, 13]
    assert (len(pack.goals), len(pack.measures)) == (69, 87)
    assert (len(pack.targets), len(pack.systems), len(pack.duties)) == (50, 150, 41)


def test_every_text_is_in_the_document(pack: Pack, document: str) -> None:
    whole = squeeze(document)
    texts = {g.id: g.text for g in pack.goals.values()}
    texts |= {m.id: m.text for m in pack.measures.values()}
    texts |= {t.id: t.quote for t in pack.targets.values()}
    texts |= {s.id: s.quote for s in pack.systems.values()}
    texts |= {d.id: d.quote for d in pack.duties.values()}
    texts |= {f.id: f.title for f in pack.fields}
    assert [key for key, text in texts.items() if not text or squeeze(text) not in whole] == []


def test_numbered_items_stand_under_their_numbers(pack: Pack, document: str) -> None:
    """Each goal and measure, with its number before it, is in the section of its field (one measure has no number)."""
    whole = squeeze(document)
    for field in pack.fields:
        start = whole.index(squeeze(field.title))
        section = whole[start : whole.find("（", start + len(field.title) + 200)] + whole[start:]
        goals, measures = section.split("策略措施：", 1)
        for goal in field.goals:
            assert f"{goal.number}.{squeeze(goal.text)}" in goals
        for measure in field.measures:
            printed = squeeze(measure.text)
            numbered = f"{measure.number}.{printed}"
            assert numbered in measures or (measure.id == "education.m1" and printed in measures)


def test_nothing_of_the_document_is_left_out(pack: Pack, document: str) -> None:
    """Preamble, titles, goals, measures and duties together hold every paragraph of the document."""
    assert pack.plan is not None
    held = squeeze(f"{pack.plan.title}（{pack.plan.status}）{pack.plan.preamble}")
    for field in pack.fields:
        held += squeeze(field.title)
        held += "".join(f"{g.number}.{squeeze(g.text)}" for g in field.goals)
        held += "".join(f"{m.number}.{squeeze(m.text)}" for m in field.measures)
    held += "".join(squeeze(d.text) for d in pack.duties.values())
    missing = []
    for paragraph in document.splitlines():
        text = re.sub(r"^（[一二三四五六七八九十]）", "", squeeze(paragraph))
        headings = {"主要目标：", "策略措施："} | {"二、发展领域、主要目标和策略措施"}
        headings |= {"三、组织实施", "四、监测评估", ""}
        if text not in headings and text not in held and text not in HALVES:
            missing.append(text[:40])
    assert missing == []


HALVES = {"3.减少儿童伤害所致死亡和残疾。儿童伤害死亡率以2020", "年为基数下降20%。"}
"""The goal that the source breaks over two lines."""


def test_kinds_and_qualifiers_of_the_words(pack: Pack) -> None:
    t = pack.targets
    assert (t["T02"].kind, t["T02"].value, t["T02"].unit) == (TargetKind.AT_MOST, 3.2, "‰")
    assert (t["T10"].kind, t["T10"].level, t["T10"].bound) == (TargetKind.EVERY_AREA, "township", "at_least")
    assert t["T23"].kind is TargetKind.REDUCE_BY
    assert t["T23"].cut == "20%"
    assert t["T23"].baseline is not None
    assert t["T23"].baseline.year == 2020
    assert t["T46"].kind is TargetKind.ASSIGNED
    assert t["T46"].assigned == ()
    assert t["T48"].qualifiers == (Qualifier.ABOUT,)
    assert t["T48"].tolerance is not None
    said = {
        Qualifier.KEEP: ("保持", {"T10", "T12", "T30", "T32", "T47"}),
        Qualifier.STRIVE: ("力争", {"T21", "T22"}),
        Qualifier.ABOUT: ("左右", {"T48"}),
        Qualifier.SUSTAINED: ("持续", {"T25", "T26"}),
        Qualifier.MARKED: ("明显", {"T13", "T20", "T38", "T49"}),
        Qualifier.GRADUAL: ("逐步", {"T05", "T36"}),
        Qualifier.UNIVERSAL: ("普遍|全面", {"T19", "T39"}),
    }
    for qualifier, (word, ids) in said.items():
        assert {x.id for x in t.values() if qualifier in x.qualifiers} == ids
        assert all(re.search(word, pack.goal_of(i).text) for i in ids)


def test_numbers_of_targets_are_those_of_the_quotes(pack: Pack) -> None:
    """26 targets carry a number and each number is printed in the target's quote."""
    numbers = {t.id: t.value for t in pack.targets.values() if t.value is not None}
    cuts = {t.id for t in pack.targets.values() if t.cut is not None}
    assert len(numbers) + len(cuts) == 26
    assert [i for i, v in numbers.items() if f"{v:g}" not in pack.targets[i].quote] == []


def test_units_of_the_county(pack: Pack) -> None:
    towns = [a for a in pack.areas.values() if a.parent == "141029"]
    assert sorted(a.kind for a in towns) == ["乡"] * 5 + ["镇"] * 5
    assert all(pack.area_tree.attribute(a.code, "residence") for a in towns)
    assert {g for g in pack.goals if pack.lead_of(g, 2024) is None} == set()
