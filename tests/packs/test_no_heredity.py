"""No form of any pack asks for DNA data (S129: the police alone collect them; this system holds none)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qingmiao.content import load_pack
from qingmiao.content.base import Label
from qingmiao.content.checklist_forms import form_of
from qingmiao.content.checklists import Checklist
from qingmiao.content.forms import FormField
from qingmiao.content.kept_out import asks_heredity, kept_out_of_visits
from qingmiao.content.pack import Pack

CONTENT = Path(__file__).parents[2] / "content"
PACKS = [load_pack(p.parent) for p in sorted(CONTENT.glob("*/pack.toml"))]


def fields_in(thing: Any) -> Iterator[FormField]:
    """Every field that an entry of content holds, wherever it stands, of whatever kind of content."""
    if isinstance(thing, FormField):
        yield thing
    if isinstance(thing, dict):
        thing = tuple(thing.values())
    if isinstance(thing, tuple | list):
        for one in thing:
            yield from fields_in(one)
    elif hasattr(type(thing), "model_fields"):
        for name in type(thing).model_fields:
            yield from fields_in(getattr(thing, name))


def every_field(pack: Pack) -> list[FormField]:
    found = [*fields_in(pack.forms), *(f for held in pack.others.values() for f in fields_in(held))]
    for checklist in pack.entries("checklists", Checklist).values():
        found += form_of(checklist).all_fields()
    return found


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.id)
def test_no_field_of_any_form_collects_dna(pack: Pack) -> None:
    found = every_field(pack)
    assert len(found) > 1000 or pack.id.startswith("outline")
    assert [f.id for f in found if asks_heredity(f.id, f.label)] == []


@pytest.mark.parametrize(
    ("id_", "zh", "asks"),
    [("a", "儿童DNA检测结果", True), ("dna_no", "编号", True), ("a", "血样编号", True), ("a", "遗传标记", True),
     ("a", "采血时间", False), ("a", "新生儿疾病筛查采血", False), ("a", "耳聋基因筛查", False)],
)  # fmt: skip
def test_what_counts_as_asking_for_it(id_: str, zh: str, asks: bool) -> None:
    assert asks_heredity(id_, Label(zh=zh)) is asks


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.id)
def test_no_question_of_a_visit_is_about_a_child_or_who_complained(pack: Pack) -> None:
    for checklist in pack.entries("checklists", Checklist).values():
        for one in form_of(checklist).all_fields():
            assert one.type not in ("child", "person"), one.id
        asked = (*checklist.asks, *(a for s in checklist.sections for a in s.asks))
        assert [m for a in asked for m in kept_out_of_visits(a)] == []
