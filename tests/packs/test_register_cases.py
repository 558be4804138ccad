"""Every register of the packs with its case (``tests/registers/ID.yaml``): what is wrong with an entry, its key, what
expires, how full it is, what is missing."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content import load_pack
from qingmiao.content.check import check_path
from qingmiao.content.pack import Pack
from qingmiao.content.registers import RegisterKind
from qingmiao.forms.ready import places
from qingmiao.registers.judging import ReadyRegister, ready_register
from qingmiao.registers.playing import outcome, unlike
from qingmiao.registers.steps import flow_of

CONTENT = Path(__file__).parents[2] / "content"
CASES = sorted(CONTENT.glob("*/tests/registers/*.yaml"))
PACK = CONTENT / "xiangning"


@cache
def pack_of(folder: Path) -> Pack:
    return load_pack(folder)


def ready_of(path: Path) -> tuple[ReadyRegister, dict[str, Any]]:
    case = yaml.safe_load(path.read_text("utf-8"))
    pack = pack_of(PACK)
    kind = pack.entries("registers", RegisterKind)[case["register"]]
    return ready_register(kind, pack.facts, pack.codes, places(pack)), case


def test_every_register_has_its_case() -> None:
    wanted = set(pack_of(PACK).entries("registers", RegisterKind))
    assert len(wanted) >= 2
    assert {yaml.safe_load(p.read_text("utf-8"))["register"] for p in CASES} == wanted


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_a_register_comes_to_what_its_cases_say(path: Path) -> None:
    ready, told = ready_of(path)
    assert len(told["cases"]) >= 1
    assert [line for case in told["cases"] for line in unlike(ready, case, told["as_of"])] == []


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_the_cases_try_a_good_entry_and_every_minimum(path: Path) -> None:
    ready, told = ready_of(path)
    came = [outcome(ready, case, told["as_of"]) for case in told["cases"]]
    assert any(not c["faults"] for c in came), "one entry is whole"
    tried = {name for c in came for name in c["missing"]}
    assert {m.id for m in ready.kind.minimums if m.per == "entry"} - tried == set()
    missed = {name for c in came for name, short in c["missing"].items() if short}
    assert {m.id for m in ready.kind.minimums if m.per == "entry"} - missed <= {
        m.id for m in ready.kind.minimums if m.at_most
    }, "something is missing once of every minimum"


def test_every_register_has_a_flow_without_a_dead_end() -> None:
    for kind in pack_of(PACK).entries("registers", RegisterKind).values():
        flow = flow_of(kind)
        assert flow.reachable() == {s.name for s in flow.states}


def test_the_countrys_pack_is_whole_without_a_countys() -> None:
    assert [str(f) for f in check_path(CONTENT / "china")[1]] == []


PUBLIC = "public: {label: {zh: 游戏室, en: play rooms}, position: true}"
NEW = """
id: play_rooms
version: 1
label: {zh: 演示游戏室登记册, en: play rooms}
of: site
source: {evidence: local}
keeper: civil_affairs
kept_by: [liaison]
fields:
  - {id: seats, label: {zh: 座位, en: seats}, type: integer, min: 0}
  - {id: children, label: {zh: 儿童, en: children}, type: integer, min: 0, unit: 人}
  - {id: paper, label: {zh: 证书, en: paper}, type: file, required: false}
  - {id: insured_until, label: {zh: 保险有效期至, en: insured to}, type: date, required: false}
unique: [[name, area]]
expires: [{field: insured_until, warn: [30], source: {evidence: local}}]
"""
NEW += f"{PUBLIC}\n"


def with_register(folder: Path, text: str) -> list[str]:
    """The faults of the county's pack with one more register."""
    for pack in ("china", "xiangning"):
        shutil.copytree(CONTENT / pack, folder / pack)
    (folder / "xiangning" / "registers").mkdir()
    (folder / "xiangning" / "registers" / "play_rooms.yaml").write_text(text, "utf-8")
    return [f"{Path(f.file).name}:{f.line} {f.message}" for f in check_path(folder / "xiangning")[1]]


def test_a_new_register_is_one_file_that_check_proves_whole(tmp_path: Path) -> None:
    assert with_register(tmp_path, NEW) == []


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("keeper: civil_affairs", "keeper: civil_afairs", "civil_afairs"),
        ("kept_by: [liaison]", "kept_by: [liason]", "kept_by 提到没有的角色「liason」"),
        ("unique: [[name, area]]", "unique: [[name, licence]]", "没有字段「licence」"),
        ("field: insured_until", "field: seats", "字段「seats」应是 date"),
        (PUBLIC, f"{PUBLIC[:-1]}, columns: [seat]}}", "没有字段「seat」"),
        (PUBLIC, f"{PUBLIC[:-1]}, columns: [contact_post]}}", "字段「contact_post」不能公开"),
        (PUBLIC, f"{PUBLIC[:-1]}, columns: [children]}}", "字段「children」不能公开"),
        (PUBLIC, f"{PUBLIC[:-1]}, columns: [paper]}}", "字段「paper」不能公开"),
        (PUBLIC, f"{PUBLIC[:-1]}, phone: seats}}", "字段「seats」不能公开"),
        (PUBLIC, f"{PUBLIC[:-1]}, places: true}}", "public 的 places 要写 capacity"),
        (PUBLIC, f"{PUBLIC}\nwithout: [position]", "登记册没有位置"),
        (PUBLIC, f"{PUBLIC}\nclosed: true", "closed 的登记册不写 public"),
        ("of: site", "of: person", "人的登记从不公开"),
    ],
)
def test_a_slip_is_named_at_its_line(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    found = with_register(tmp_path, NEW.replace(right, wrong))
    assert len(found) == 1
    assert found[0].startswith("play_rooms.yaml:")
    assert told in found[0]


HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-register.md"


def unturned(settings: Path) -> str:
    """A county's policy without the registers to which it has turned already."""
    return re.sub(r"(?m)^from_registers:\n(?:  .*\n)+", "", settings.read_text("utf-8"))


def test_each_step_of_the_how_to_works(tmp_path: Path) -> None:
    register, case, policy = re.findall(r"```yaml\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    assert with_register(tmp_path, register) == []
    settings = tmp_path / "xiangning" / "policy.yaml"
    settings.write_text(unturned(settings) + policy, "utf-8")
    pack, faults = check_path(tmp_path / "xiangning")
    assert faults == []
    assert pack is not None
    kind = pack.entries("registers", RegisterKind)["play_rooms"]
    ready, told = ready_register(kind, pack.facts, pack.codes, places(pack)), yaml.safe_load(case)
    assert len(told["cases"]) == 3
    assert [line for one in told["cases"] for line in unlike(ready, one, told["as_of"])] == []


def test_an_indicator_turns_to_its_register_in_the_year_that_the_county_names(tmp_path: Path) -> None:
    for pack in ("china", "xiangning"):
        shutil.copytree(CONTENT / pack, tmp_path / pack)
    settings = tmp_path / "xiangning" / "policy.yaml"
    settings.write_text(unturned(settings), "utf-8")
    before = load_pack(tmp_path / "xiangning").indicators["law.specialists"]
    settings.write_text(unturned(settings) + "from_registers: {case_units: 2027}\n", "utf-8")
    after = load_pack(tmp_path / "xiangning").indicators["law.specialists"]
    sources = [d.source for i in (before, after) for y in (2026, 2027) if (d := i.definition_for(y)) is not None]
    assert sources == ["return:L401", "return:L401", "return:L401", "register_entries"]


@pytest.mark.parametrize(("kind", "id_"), [("register", "try_rooms"), ("checklist", "try.rooms")])
def test_play_tells_a_county_what_differs_from_its_cases(kind: str, id_: str, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from qingmiao.cli import main

    for folder in CONTENT.iterdir():
        if (folder / "pack.toml").is_file():
            shutil.copytree(folder, tmp_path / folder.name)
    pack = tmp_path / PACK.name
    said = CliRunner().invoke(main, [f"new-{kind}", str(pack), id_, "--label", "试一试"]).output
    assert f"qingmiao play {pack} {id_}" in said
    played = CliRunner().invoke(main, ["play", str(pack), id_])
    assert (played.exit_code, "都和说的一样" in played.output) == (0, True)
    cases = pack / "tests" / f"{kind}s" / f"{id_}.yaml"
    text = cases.read_text("utf-8")
    wrong = text.replace("over}", "soon}").replace("result: fails", "result: conform")
    assert wrong != text
    cases.write_text(wrong, "utf-8")
    played = CliRunner().invoke(main, ["play", str(pack), id_])
    assert played.exit_code == 2
    assert "和例子说的不同" in played.output
