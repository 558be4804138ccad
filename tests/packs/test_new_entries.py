"""What `qingmiao new-programme`, `new-checklist` and `new-register` start is whole at once: it passes `check` and its
own case goes through, in a county's pack and in the country's; nothing that is there is overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import test_checklist_cases as cases
import yaml
from click.testing import CliRunner, Result

from qingmiao.casework.playing import play, read_script
from qingmiao.casework.ready import prepare_programme
from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.checklists import Checklist
from qingmiao.content.new_entry import WHERE, new_entry
from qingmiao.content.registers import RegisterKind
from qingmiao.forms.ready import places
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import UserError
from qingmiao.registers.judging import ready_register
from qingmiao.registers.playing import outcome, unlike

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Copies of the country's pack and of a county's that extends it."""
    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name)
    return tmp_path


def run(*words: object) -> Result:
    done = CliRunner().invoke(main, [str(w) for w in words])
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("name", ["china", "xiangning"])
def test_a_new_programme_passes_check_and_its_script_goes_through(packs: Path, name: str) -> None:
    county = packs / name
    done = run("new-programme", county, "summer_care", "--label", "暑期照护", "--english", "Summer care")
    assert "summer_care.yaml" in done.output
    pack, faults = check_path(packs / "xiangning")
    assert [str(f) for f in faults] == []
    assert pack is not None
    told = yaml.safe_load((county / "tests/programmes/summer_care.yaml").read_text("utf-8"))
    wanted = [line.pop("expect") for line in told]
    ready = prepare_programme(pack, "summer_care")
    assert (ready.programme.label.zh, ready.programme.label.en) == ("暑期照护", "Summer care")
    for said, expected in zip(play(ready, read_script(told)), wanted, strict=True):
        assert said["allowed"] is ("refused" not in expected), said
        assert expected.get("refused", "") in said.get("refused", "")
        assert said["state"] == expected.get("state", said["state"])
    assert said["state"] == "closed"
    assert {w.get("refused") for w in wanted} >= {"没有走访过", "晚于今天"}


def test_the_command_that_it_names_plays_it(packs: Path) -> None:
    done = run("new-programme", packs / "xiangning", "summer_care")
    command = done.output.rpartition("qingmiao play ")[2].split()
    lines = [json.loads(x) for x in run("play", *command, "--json").output.splitlines() if x.startswith("{")]
    assert [x["state"] for x in lines][-1] == "closed"


def test_a_script_that_comes_out_otherwise_than_expected_is_told(packs: Path) -> None:
    run("new-programme", packs / "xiangning", "summer_care")
    path = packs / "xiangning" / "tests" / "programmes" / "summer_care.yaml"
    text = path.read_text("utf-8")
    for was, now, said in (
        ('expect: {state: helping}}\n- {at: "2026-03-04', 'expect: {refused: 不}}\n- {at: "2026-03-04', "应当不准"),
        ("没有走访过", "别的话", "没有“别的话”"),
        ("state: closed, due: {}", "state: helping", "state 应为 helping"),
        ("expect: {state: registered}", "expect: {stage: registered}", "expect 只写"),
    ):
        assert was in text
        path.write_text(text.replace(was, now, 1), "utf-8")
        done = CliRunner().invoke(main, ["play", str(packs / "xiangning"), "summer_care", str(path)])
        assert (done.exit_code, said in done.output) == (2, True), done.output


def test_a_new_checklist_passes_check_and_its_case_is_judged(packs: Path) -> None:
    run("new-checklist", packs / "xiangning", "school.dormitory", "--label", "学生宿舍检查单")
    pack, faults = check_path(packs / "xiangning")
    assert [str(f) for f in faults] == []
    assert pack is not None
    assert pack.entries("checklists", Checklist)["school.dormitory"].label.zh == "学生宿舍检查单"
    path = packs / "xiangning" / "tests" / "checklists" / "school.dormitory.yaml"
    case = yaml.safe_load(path.read_text("utf-8"))
    tried = [(limit["item"], v, verdict) for limit in case["limits"] for v, verdict in limit["gives"].items()]
    assert len(tried) >= 2
    for item, value, verdict in tried:
        _, found = cases.judged(path, {item: value})
        assert [o.verdict for o in found if o.item.id == item] == [verdict]
    for visit in case["visits"]:
        filled, found = cases.judged(path, visit.get("with", {}))
        assert filled.faults == () or visit["findings"], filled.faults
        assert cases.result(found) == visit["result"]


@pytest.mark.parametrize("name", ["china", "xiangning"])
def test_a_new_register_passes_check_and_its_cases_come_out_as_they_say(packs: Path, name: str) -> None:
    run("new-register", packs / name, "play_rooms", "--label", "游戏室登记册", "--english", "Play rooms")
    assert [str(f) for f in check_path(packs / name)[1]] == []
    pack, faults = check_path(packs / "xiangning")
    assert [str(f) for f in faults] == []
    assert pack is not None
    kind = pack.entries("registers", RegisterKind)["play_rooms"]
    assert (kind.label.zh, kind.label.en) == ("游戏室登记册", "Play rooms")
    told = yaml.safe_load((packs / name / "tests" / "registers" / "play_rooms.yaml").read_text("utf-8"))
    ready = ready_register(kind, pack.facts, pack.codes, places(pack))
    assert [line for case in told["cases"] for line in unlike(ready, case, told["as_of"])] == []
    came = [outcome(ready, case, told["as_of"]) for case in told["cases"]]
    assert [c["missing"].get("seats") for c in came[:2]] == [0, 10]
    assert [c["faults"] for c in came] == [[], [], ["seats"]]
    level = pack.areas[told["cases"][0]["given"]["area"]].level
    assert (level == AreaLevel.TOWNSHIP) is (name == "xiangning")


def test_nothing_is_overwritten_and_what_cannot_stand_is_refused(packs: Path, tmp_path: Path) -> None:
    kept = packs / "china" / "programmes" / "orphan.yaml"
    before = kept.read_bytes()
    with pytest.raises(UserError, match="已经有了"):
        new_entry("programme", packs / "china", "orphan", label="孤儿")
    assert kept.read_bytes() == before
    with pytest.raises(UserError, match="小写字母"):
        new_entry("programme", packs / "china", "../orphan", label="孤儿")
    with pytest.raises(UserError, match="不能有冒号"):
        new_entry("programme", packs / "china", "another", label="孤儿: 另一种")
    with pytest.raises(UserError, match="不是内容包"):
        new_entry("checklist", tmp_path / "nowhere", "another", label="另一种")
    assert not (packs / "china" / "programmes" / "another.yaml").exists()
    with pytest.raises(UserError, match="已经有了"):
        new_entry("register", packs / "china", "nurseries", label="托育机构登记册")
    assert set(WHERE) == {"programme", "checklist", "register"}
