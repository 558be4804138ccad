"""A pack that a site keeps tells the same lines as one that has just been read."""

from __future__ import annotations

from pathlib import Path

from qingmiao.content import load_pack
from qingmiao.content.packing import packed
from qingmiao.content.programmes import Programme

PACK = Path(__file__).resolve().parents[3] / "content" / "xiangning"


def test_a_packed_pack_tells_the_same_lines() -> None:
    pack = load_pack(PACK)
    kept = packed(pack)
    assert kept.places.keys() == pack.places.keys()
    assert kept == pack == load_pack(PACK)
    labels = [one.label.__pydantic_fields_set__ for one in kept.entries("programmes", Programme).values()]
    assert len({id(given) for given in labels}) == len({frozenset(given) for given in labels}) < len(labels)
    files = {id(p.lines): p.lines for p in pack.places.values()}
    small = {id(p.lines): p.lines for p in kept.places.values()}
    assert len(small) == len(files)
    assert [dict(lines) for lines in small.values()] == list(files.values())
    target = next(iter(pack.targets))
    assert kept.place("target", target).at("indicators", 0) == pack.place("target", target).at("indicators", 0) > 0
    assert kept.place("target", target).below("indicators").at(0) == pack.place("target", target).at("indicators", 0)
