"""Whoever is to take a step can come to stand before a case: what nothing brings there is named, with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from programme_scripts import ROOT, china

from qingmiao.content.check import check_pack
from qingmiao.content.load import read_pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_reach import Reaching
from qingmiao.content.roles import all_roles

WORKER = {"id": "worker", "label": {"zh": "经办人", "en": "worker"}, "type": "person"}
STATION = {"id": "station", "label": {"zh": "公安机关", "en": "station"}, "type": "organisation"}
SEEN = {"id": "seen", "label": {"zh": "情况", "en": "seen"}, "type": "text"}


def a_programme(**more: Any) -> dict[str, Any]:
    """Opened by the township, closed by it; a village's doctor's and the police's step stays in the open state."""
    return {
        "id": "small", "label": {"zh": "小项目", "en": "small"}, "subject": "event", "secrecy": "内部",
        "states": {
            "open": {"label": {"zh": "办理", "en": "open"}, "owners": ["supervisor"]},
            "shut": {"label": {"zh": "结束", "en": "shut"}, "final": True},
        },
        "fields": [SEEN],
        "steps": [
            {"do": "open", "label": {"zh": "受理", "en": "open"}, "to": "open", "roles": ["supervisor"]},
            {"do": "look", "label": {"zh": "查看", "en": "look"}, "from": "open", "roles": ["police_officer"],
             "asks": ["seen"]},
            {"do": "shut", "label": {"zh": "结束", "en": "shut"}, "from": "open", "to": "shut", "roles": ["supervisor"]},
        ],
        "prints": [{"id": "sheet", "label": {"zh": "表", "en": "sheet"}, "fields": ["seen"]}],
        "source": {"document": "演示", "evidence": "seen"},
    } | more  # fmt: skip


def step(n: int, **more: Any) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = a_programme()["steps"]
    return [s | more if i == n else s for i, s in enumerate(steps)]


def named(**more: Any) -> list[dict[str, Any]]:
    """A step before the police's, that names whoever has the case or a unit."""
    first = {"do": "name", "label": {"zh": "指定", "en": "name"}, "from": "open", "roles": ["supervisor"]}
    return [*a_programme()["steps"], first | more]


def owned(*roles: str) -> dict[str, Any]:
    states: dict[str, Any] = a_programme()["states"]
    return states | {"open": states["open"] | {"owners": list(roles)}}


BOTH = ["supervisor", "police_officer"]
CASES: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing brings the police": ({}, False),
    "they own the state": ({"states": owned(*BOTH)}, True),
    "they move it on, and answer for the place": ({"steps": step(1, to="shut")}, True),
    "but not where it is core": ({"secrecy": "核心", "steps": step(1, to="shut")}, False),
    "they confirm a step": ({"steps": step(2, second={"roles": ["police_officer"]})}, True),
    "they are assigned": ({"fields": [SEEN, WORKER], "steps": named(asks=["worker"], assigns="worker")}, True),
    "a unit is told, but they are no receiver": (
        {"fields": [SEEN, STATION], "steps": named(asks=["station"], informs=["station"])}, False,
    ),
    "they are the receiver, but no unit is told": ({"steps": step(1, relations=["referred_to"])}, False),
    "their unit is told": (
        {"fields": [SEEN, STATION], "steps": [
            *step(1, relations=["referred_to"]), named(asks=["station"], informs=["station"])[-1]]}, True,
    ),
    "they supervise": ({"supervision": {"roles": ["police_officer"]}}, True),
    "they open cases, as others do": ({"steps": step(0, roles=BOTH)}, False),
    "they alone open cases": ({"steps": step(0, roles=["police_officer"])}, True),
    "others can take the step, they on their own cases": (
        {"steps": [s | {"roles": BOTH} if s["do"] != "shut" else s for s in step(0)]}, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_role_that_nothing_brings_to_a_case_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    more, fine = CASES[name]
    (tmp_path / "programmes").mkdir()
    head = f'id = "county"\ntitle = "演示县"\nversion = "1"\nextends = ["{(ROOT / "content/china").as_posix()}"]\n'
    (tmp_path / "pack.toml").write_text(head, "utf-8")
    text = yaml.safe_dump(a_programme(**more), allow_unicode=True, sort_keys=False)
    (tmp_path / "programmes/small.yaml").write_text(text, "utf-8")
    pack, faults = read_pack(tmp_path)
    assert pack is not None, faults
    found = [f for f in check_pack(pack) if "small.yaml" in (f.file or "") and "看不到个案" in f.message]
    assert [f.message for f in found] == (
        [] if fine else ["环节「查看」的角色「公安民警（派出所、刑侦）」看不到个案，办不了这一步"]
    )
    for fault in found:
        assert "police_officer" in text.splitlines()[(fault.line or 0) - 1]
        assert "assigns" in fault.hint


def test_every_role_of_every_step_of_the_country_can_come_to_a_case() -> None:
    pack, every = china(), programmes_of(china())
    roles = all_roles(pack)
    found = [(o.id, o.steps[n].do, r) for o in every.values() for n, _, r in Reaching(o, every, roles).stranded()]
    assert found == []
