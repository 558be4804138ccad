"""A kind of content that nobody knew yet: one row and its model, and everything that reads packs knows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.content import Pack, load_pack
from qingmiao.content.base import Content, Id, Label
from qingmiao.content.check import check_path
from qingmiao.content.coverage import coverage
from qingmiao.content.diff import diff_packs
from qingmiao.content.faults import fault_at
from qingmiao.content.indicators import Indicator
from qingmiao.content.kind import ContentKind, Reference
from qingmiao.content.kinds import KINDS
from qingmiao.content.new_pack import new_pack
from qingmiao.content.schema import schemas
from qingmiao.kernel.errors import Fault


class Bell(Content):
    """A made-up bell that hangs at a unit and is heard in areas."""

    id: Id
    label: Label
    hung_at: Id
    heard_in: tuple[str, ...] = ()
    strikes: int = 1
    serves: tuple[Id, ...] = ()


def check_bells(pack: Pack) -> Iterator[Fault]:
    """A bell strikes at most twelve times."""
    for bell in pack.entries("bells", Bell).values():
        if bell.strikes > 12:
            yield fault_at(pack, "bells", bell.id, "out_of_range", "钟敲得太多", "最多 12 下", at=("strikes",))


ROW = ContentKind(
    "bells", Bell, "钟", "bells", word="bell", serving="operated", check=check_bells, counter="口",
    refers=(Reference("hung_at", "organisations", "挂钟的单位"), Reference("heard_in", "areas", "地区")),
)  # fmt: skip
NOON = "id: noon\nlabel: {zh: 午钟}\nhung_at: UNIT\nheard_in: ['AREA']\nserves: [health.m1]\n"


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "bells", ROW)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    new_pack(tmp_path / "old")
    return tmp_path / "old"


def bell(root: Path, text: str = NOON, name: str = "noon") -> None:
    pack = load_pack(root)
    file = root / f"bells/{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        text.replace("UNIT", next(iter(pack.organisations))).replace("AREA", next(iter(pack.areas))), "utf-8"
    )


def faults(root: Path) -> list[str]:
    return [f"{Path(f.file).name}:{f.line} [{f.place}] {f.message}" for f in check_path(root)[1]]


def test_it_loads_and_is_whole(root: Path) -> None:
    bell(root)
    pack = load_pack(root)
    assert pack.entries("bells", Bell)["noon"].label.zh == "午钟"
    assert faults(root) == []
    assert "1 口钟" in CliRunner().invoke(main, ["check", str(root)]).output
    with pytest.raises(TypeError):
        pack.entries("bells", Indicator)


def test_a_pack_without_any_has_none(root: Path) -> None:
    assert load_pack(root).entries("bells", Bell) == {}


def test_it_layers_over_an_extended_pack(root: Path, tmp_path: Path) -> None:
    bell(root)
    bell(root, NOON.replace("noon", "dusk"), "dusk")
    child = tmp_path / "child"
    child.mkdir()
    (child / "pack.toml").write_text('id = "c"\ntitle = "子包"\nversion = "1"\nextends = ["../old"]\n', "utf-8")
    bell(child, NOON + "strikes: 3\n")
    merged = load_pack(child).entries("bells", Bell)
    assert {id_: b.strikes for id_, b in merged.items()} == {"noon": 3, "dusk": 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NOON.replace("label: {zh: 午钟}\n", ""), ["noon.yaml:1 [label] 缺少「label」"]),
        (NOON + "tone: 高\n", ["noon.yaml:6 [tone] 不认识的键「tone」"]),
        (NOON.replace("UNIT", "nowhere"), ["noon.yaml:3 [noon.hung_at] 挂钟的单位「nowhere」不存在"]),
        (NOON.replace("['AREA']", "['AREA', '77']"), ["noon.yaml:4 [noon.heard_in] 地区「77」不存在"]),
        (NOON.replace("health.m1", "health.m9"), ["noon.yaml:5 [noon] serves 提到没有的「health.m9」"]),
        (NOON + "strikes: 13\n", ["noon.yaml:6 [noon] 钟敲得太多"]),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(root: Path, text: str, told: list[str]) -> None:
    bell(root, text)
    assert faults(root) == told


def test_one_id_twice_is_a_fault(root: Path) -> None:
    bell(root)
    bell(root, NOON, "second")
    found = faults(root)
    assert len(found) == 1
    assert found[0].startswith("second.yaml:1 [] id「noon」重复")
    assert "noon.yaml:1" in found[0]


def test_a_difference_names_it(root: Path, tmp_path: Path) -> None:
    new_pack(tmp_path / "new")
    bell(tmp_path / "new")
    added = diff_packs(load_pack(root), load_pack(tmp_path / "new")).changes
    assert ("bells", "noon", "added", "午钟") in {(c.kind, c.id, c.what, c.label) for c in added}
    bell(root, NOON + "strikes: 2\n")
    changed = [c for c in diff_packs(load_pack(root), load_pack(tmp_path / "new")).changes if c.kind == "bells"]
    assert [(c.what, c.details) for c in changed] == [("changed", ("strikes：2 → 1",))]
    said = CliRunner().invoke(main, ["diff", str(root), str(tmp_path / "new")]).output
    assert "修改 钟 noon 午钟" in said


def test_coverage_counts_it_as_operated(root: Path) -> None:
    bell(root)
    found = coverage(load_pack(root)).measures["health.m1"]
    assert (found.measured, found.operated) == ([], ["bell:noon"])


def test_the_schema_has_it(tmp_path: Path) -> None:
    assert set(schemas()["bells.schema.json"]["required"]) == {"id", "label", "hung_at"}
    CliRunner().invoke(main, ["schema", str(tmp_path)])
    assert json.loads((tmp_path / "bells.schema.json").read_text("utf-8"))["title"] == "bells"


def test_the_reference_page_has_it() -> None:
    from qingmiao.content.kinds_page import page

    part = page().partition("## `bells/`")[2]
    assert "钟" in part
    assert "`hung_at`" in part
    assert "有办理" in part


def test_a_new_pack_names_its_folder(tmp_path: Path) -> None:
    new_pack(tmp_path / "fresh")
    assert "`bells/` 钟" in (tmp_path / "fresh/README.md").read_text("utf-8")
