"""Rolls and the definitions that wait for them: what cannot work is told with its line; one line of policy switches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content import Pack, load_pack
from qingmiao.content.check_records import check_records
from qingmiao.content.check_rolls import check_rolls
from qingmiao.content.indicators import Indicator
from qingmiao.content.load import read_pack
from qingmiao.content.new_pack import new_pack
from qingmiao.content.policy import Policy
from qingmiao.content.rolls import Roll
from qingmiao.content.switched import switched, unswitched

CHINA = Path(__file__).resolve().parents[3] / "content" / "china"
GOOD = yaml.safe_load((CHINA / "rolls" / "managed_children.yaml").read_text("utf-8"))
DOSES = yaml.safe_load((CHINA / "rolls" / "vaccinations.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The shared content."""
    return load_pack(CHINA)


def faults_of(pack: Pack, *rolls: dict[str, Any]) -> list[str]:
    held = {r["id"]: Roll.model_validate(r) for r in rolls}
    found = list(check_rolls(replace(pack, others={**pack.others, "rolls": held})))
    assert all(f.file.endswith(".yaml") and f.line for f in found)
    return [f.message for f in found]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"when": "child.birth_date"}, "应为真假"),
        ({"when": "child.name = 'x'"}, "child.name"),
        ({"row": {"systematic": "counted.absent > 0"}}, "counted.absent"),
        ({"row": {"nowhere": "counted.due"}}, "没有列「nowhere」"),
        ({"row": {"checks_due": "child.sex"}}, "应为数"),
        ({"counted": {"due": {"schedule": "child_health_0_7", "state": "ended"}}}, "没有时间表「child_health_0_7」"),
        ({"counted": {"due": {"schedule": "immunisation", "state": "ended"}}}, "不是儿童按年龄的时间表"),
        ({"fact": "birth_defects", "row": {}, "counted": {}}, "主键不从 child_id 开始"),
    ],
)
def test_what_cannot_work_is_refused_with_its_line(pack: Pack, change: dict[str, Any], told: str) -> None:
    assert any(told in m for m in faults_of(pack, GOOD | change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "sex_of"}, "不是代码列"),
        ({"row": {k: v for k, v in DOSES["row"].items() if k != "due_date"}}, "due_date"),
        ({"schedule": "eye_0_6"}, "不是儿童按公布的程序"),
        ({"fact": "managed_children"}, "已由名册"),
    ],
)
def test_a_roll_of_doses_that_cannot_work_is_refused(pack: Pack, change: dict[str, Any], told: str) -> None:
    assert any(told in m for m in faults_of(pack, GOOD, DOSES | change))


def test_whole_rolls_have_no_fault_and_a_table_that_nothing_fills_is_told(pack: Pack) -> None:
    assert faults_of(pack, GOOD, DOSES) == []
    with pytest.raises(ValueError, match="per: dose 要写 schedule、series 和 code"):
        faults_of(pack, GOOD | {"per": "dose"})

    def sides(table: str) -> list[str]:
        policy = pack.policy.model_copy(update={"from_records": {table: 2026}})
        return [f.message for f in check_records(replace(pack, policy=policy)) if "from_records" in f.message]

    assert sides("vaccinations") == sides("managed_children") == sides("growth_checks") == []
    assert ["没有一种儿童记录、一份名册发布这张事实表" in m for m in sides("salt_samples")] == [True]


BASE = {
    "id": "health.made_up", "label": {"zh": "虚构"}, "unit": "人", "better": "none", "period": "calendar_year",
    "lead": "health", "source": {"evidence": "local"},
}  # fmt: skip
OLD = {"version": 1, "from": "return:X1", "numerator": {"cells": ["1.1"]}}
MIDDLE = {"version": 2, "first_year": 2024, "from": "return:X2", "numerator": {"cells": ["1.1"]}}
NEW = {"version": 3, "since_records": "table", "from": "table", "numerator": {"count": "*"}}


def dated(*definitions: dict[str, Any], since: int | None) -> list[tuple[int, int | None, int | None]]:
    indicator = Indicator.model_validate(BASE | {"definitions": list(definitions)})
    policy = Policy(from_records={} if since is None else {"table": since})
    found = switched({"x": indicator}, policy)["x"]
    assert since is None or unswitched(found).definitions[-1].since_records is None
    return [(d.version, d.first_year, d.last_year) for d in found.definitions]


def test_one_line_of_the_policy_says_from_when_a_waiting_definition_is_in_force() -> None:
    first = OLD | {"last_year": 2023}
    assert dated(first, MIDDLE, NEW, since=None) == [(1, None, 2023), (2, 2024, None)]
    assert dated(first, MIDDLE, NEW, since=2026) == [(1, None, 2023), (2, 2024, 2025), (3, 2026, None)]
    assert dated(first, MIDDLE, NEW, since=2024) == [(1, None, 2023), (3, 2024, None)]
    assert dated(first, MIDDLE, NEW, since=2020) == [(1, None, 2019), (3, 2020, None)]
    assert dated(OLD, NEW, since=2026) == [(1, None, 2025), (3, 2026, None)]


@pytest.mark.parametrize(
    ("definitions", "told"),
    [
        ([NEW], "只写在最后一版"),
        ([OLD, NEW, MIDDLE | {"version": 4}], "只写在最后一版"),
        ([OLD | {"last_year": 2025}, NEW], "不写 last_year"),
        ([OLD, NEW | {"last_year": 2030}], "不写 last_year"),
    ],
)
def test_a_waiting_definition_is_the_last_and_bears_no_years(definitions: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Indicator.model_validate(BASE | {"definitions": definitions})


def test_a_definition_that_waits_for_no_table_is_told(tmp_path: Path) -> None:
    new_pack(tmp_path / "pack")
    text = yaml.safe_dump(BASE | {"definitions": [OLD, NEW]}, allow_unicode=True)
    (tmp_path / "pack" / "indicators" / "made_up.yaml").write_text(text, "utf-8")
    _, faults = read_pack(tmp_path / "pack")
    (fault,) = (f for f in faults if "since_records" in f.message)
    assert "since_records 提到没有的事实表「table」" in fault.message
    assert fault.file.endswith("made_up.yaml")
    assert fault.line
