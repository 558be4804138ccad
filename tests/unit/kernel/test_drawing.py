"""The double-random drawing: the same everywhere, nobody to their own unit, and a record that proves itself."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.kernel.drawing import DrawLine, Drawn, draw, read_record, verify
from qingmiao.kernel.errors import UserError

PLACES = tuple(DrawLine(f"演示学校{n}", "education" if n % 2 else "") for n in range(1, 21))
PEOPLE = (DrawLine("甲", "education"), *(DrawLine(name, "market") for name in "乙丙丁戊"))
FIXED = [("演示学校12", "戊丁"), ("演示学校16", "甲乙"), ("演示学校11", "丙乙")]


def by_hand(seed: str, wanted: int) -> list[str]:
    """What the first paragraph of the module says, written again."""

    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    lines = [f"{p.name}\x1f{p.unit}" for p in PLACES]
    lists = [sha("\n".join(sorted(f"{one.name}\x1f{one.unit}" for one in listed))) for listed in (PLACES, PEOPLE)]
    both = sha("\n".join(lists))
    return sorted(lines, key=lambda line: sha("\n".join((seed, "place", both, line))))[:wanted]


@pytest.mark.parametrize("seed", ["2026-11-28 开奖 0417", "a", "种子"])
def test_it_is_what_its_description_says(seed: str) -> None:
    record = draw(PLACES, PEOPLE, seed=seed, wanted=6, each=2)
    assert [d.place.line for d in record.drawn] == by_hand(seed, 6)


def test_it_never_changes() -> None:
    """Drawn once and written here: another version of Python or of this program draws the same."""
    record = draw(PLACES, PEOPLE, seed="2026-11-28 0417", wanted=3, each=2)
    assert [(d.place.name, "".join(p.name for p in d.people)) for d in record.drawn] == FIXED


def test_neither_the_order_of_the_lists_nor_chance_decides() -> None:
    first = draw(PLACES, PEOPLE, seed="x", wanted=5, each=2)
    for n in range(20):
        mixed = random.Random(n)
        again = draw(mixed.sample(PLACES, 20), mixed.sample(PEOPLE, 5), seed="x", wanted=5, each=2)
        assert again == first
    assert draw(PLACES, PEOPLE, seed="y", wanted=5, each=2).drawn != first.drawn
    assert draw((*PLACES, DrawLine("新学校")), PEOPLE, seed="x", wanted=5, each=2).drawn != first.drawn


def test_each_place_is_as_likely_and_the_work_is_shared() -> None:
    counts = dict.fromkeys(PLACES, 0)
    for n in range(2000):
        record = draw(PLACES, PEOPLE, seed=str(n), wanted=5, each=2)
        for one in record.drawn:
            counts[one.place] += 1
        times = [sum(p in d.people for d in record.drawn) for p in PEOPLE[1:]]
        assert max(times) - min(times) <= 2
    assert all(abs(c - 500) < 5 * (2000 * 0.25 * 0.75) ** 0.5 for c in counts.values())


def test_nobody_goes_to_a_place_of_their_own_unit() -> None:
    for n in range(200):
        record = draw(PLACES, PEOPLE, seed=str(n), wanted=10, each=2)
        assert not [d for d in record.drawn for p in d.people if p.unit and p.unit == d.place.unit]
        assert all(len(set(d.people)) == 2 for d in record.drawn)
    with pytest.raises(UserError, match="除去本单位的人，可以去的只有 1 人，不够 2 人"):
        draw([DrawLine("演示学校", "education")], PEOPLE[:2], seed="x", wanted=1, each=2)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": " "}, "抽取要有种子"), ({"wanted": 21}, "要抽 21 个场所，名单里有 20 个"), ({"wanted": 0}, "要抽 0 个场所"),
        ({"each": 0}, "每个场所至少要抽 1 名"), ({"places": ()}, "场所名单是空的"),
        ({"places": (*PLACES, PLACES[3])}, "场所名单里「演示学校4」重复"), ({"people": (DrawLine("甲\n乙"),)}, "不能用的字符"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_told(changed: dict, told: str) -> None:
    given = {"places": PLACES, "people": PEOPLE, "seed": "x", "wanted": 3, "each": 2} | changed
    places, people = given.pop("places"), given.pop("people")
    with pytest.raises(UserError, match=told):
        draw(places, people, **given)


def test_a_record_proves_itself_and_every_change_of_it_is_seen() -> None:
    record = draw(PLACES, PEOPLE, seed="x", wanted=4, each=2)
    assert verify(read_record(record.text())) == ()
    other = next(p for p in PLACES if p not in {d.place for d in record.drawn})
    people = record.drawn[0].people
    changes = [
        replace(record, seed="y"),
        replace(record, drawn=(Drawn(other, people), *record.drawn[1:])),
        replace(record, drawn=(Drawn(record.drawn[0].place, people[::-1]), *record.drawn[1:])),
        replace(record, drawn=record.drawn[:-1]),
        replace(record, places=tuple(p for p in record.places if p != other)),
        replace(record, people=(*record.people, DrawLine("己"))),
        replace(record, places_hash="0" * 64),
        replace(record, algorithm="other"),
        replace(record, wanted=99),
    ]
    for changed in changes:
        assert verify(read_record(changed.text())), changed
    with pytest.raises(UserError, match="这不是抽取记录"):
        read_record("{}")


def test_the_command_draws_writes_and_proves(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("\ufeff名称,所属单位\n" + "".join(f"{p.name},{p.unit}\n" for p in PLACES), "utf-8")
    (tmp_path / "p.csv").write_text("name,unit\n" + "".join(f"{p.name},{p.unit}\n" for p in PEOPLE), "utf-8")
    out = tmp_path / "r.json"
    given = ["draw", str(tmp_path / "l.csv"), "--inspectors", str(tmp_path / "p.csv"), "--sites", "3", "--seed", "x"]
    made = CliRunner().invoke(main, [*given, "--out", str(out)])
    assert made.exit_code == 0, made.output
    assert read_record(out.read_text("utf-8")) == draw(PLACES, PEOPLE, seed="x", wanted=3, each=2)
    proved = CliRunner().invoke(main, ["draw", "--verify", str(out)])
    assert (proved.exit_code, "核对相符：20 个场所抽 3 个" in proved.output) == (0, True)
    raw = json.loads(out.read_text("utf-8"))
    raw["drawn"][0]["people"].reverse()
    out.write_text(json.dumps(raw), "utf-8")
    refused = CliRunner().invoke(main, ["draw", "--verify", str(out)])
    assert (refused.exit_code, "核对不符" in refused.output) == (1, True)
    assert CliRunner().invoke(main, ["draw", str(tmp_path / "l.csv")]).exit_code == 2
