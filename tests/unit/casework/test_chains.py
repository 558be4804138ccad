"""Chains across programmes: every open state of a named programme has one link, cases are counted by it, and a danger
of which the police were not told is seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from programme_scripts import china, lines_taken, ready

from qingmiao.casework.case import CaseFile
from qingmiao.casework.chains import AlarmState, alarm_of
from qingmiao.content.chains import Chain
from qingmiao.content.check import check_pack
from qingmiao.content.load import read_pack

ROOT = Path(__file__).parents[3]


def chains() -> Mapping[str, Chain]:
    return china().entries("chains", Chain)


def test_the_two_chains_have_the_plans_links_in_order() -> None:
    words = {id_: [link.label.zh for link in chain.links] for id_, chain in chains().items()}
    assert words == {
        "five_links": ["监测预防", "强制报告", "应急处置", "评估帮扶", "监护干预"],
        "one_door": ["接收", "评估", "处置", "帮扶"],
    }


def test_a_case_along_its_script_always_has_a_link_until_it_ends() -> None:
    for chain in chains().values():
        for name in chain.programmes:
            states = ready(name).programme.states
            for _, _, outcome in lines_taken(name):
                state = outcome.case.state
                assert ((name, state) in chain.placed) is not states[state].final, (name, state)


def test_a_danger_is_untold_until_the_police_are_told_and_over_when_the_case_ends() -> None:
    seen = [alarm_of(ready("hotline_child"), outcome.case) for _, _, outcome in lines_taken("hotline_child")]
    assert seen[:3] == [None, AlarmState.UNTOLD, AlarmState.TOLD]
    assert seen[-1] is None
    assert alarm_of(ready("hotline_child"), CaseFile("hotline_child")) is None
    assert alarm_of(ready("recommendation"), next(lines_taken("recommendation"))[2].case) is None


def a_chain(**more: Any) -> dict[str, Any]:
    links = [
        {"id": "first", "label": {"zh": "甲"}, "states": {"recommendation": ["received", "assigned"]}},
        {"id": "last", "label": {"zh": "乙"}, "states": {"recommendation": ["measures", "replied"]}},
    ]
    return {
        "id": "small",
        "label": {"zh": "小链条"},
        "links": links,
        "source": {"document": "演示", "evidence": "seen"},
    } | more


CASES: tuple[tuple[int, str, Any, str], ...] = (
    (1, "id", "last", ""),
    (1, "states", {"recommendation": ["measures"]}, "没有写进"),
    (1, "states", {"recommendation": ["measures", "replied", "no_such"]}, "没有状态"),
    (1, "states", {"recommendation": ["measures", "replied"], "no_such": ["open"]}, "没有服务项目"),
    (1, "states", {"recommendation": ["measures", "replied", "assigned"]}, "写了两次"),
    (1, "id", "first", "id 重复"),
)


def test_a_chain_that_leaves_out_or_repeats_is_named(tmp_path: Path) -> None:
    (tmp_path / "chains").mkdir()
    head = f'id = "county"\ntitle = "演示县"\nversion = "1"\nextends = ["{(ROOT / "content/china").as_posix()}"]\n'
    (tmp_path / "pack.toml").write_text(head, "utf-8")
    for n, (link, key, value, _) in enumerate(CASES):
        chain = a_chain(id=f"small{n}")
        chain["links"][link][key] = value
        (tmp_path / f"chains/small{n}.yaml").write_text(yaml.safe_dump(chain, allow_unicode=True), "utf-8")
    pack, found = read_pack(tmp_path)
    every = [*found, *(check_pack(pack) if pack is not None else [])]
    for n, (*_, said) in enumerate(CASES):
        told = [f.message for f in every if f"small{n}.yaml" in (f.file or "")]
        assert (told == []) if not said else any(said in message for message in told), (n, told)
