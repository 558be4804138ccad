"""Areas that do not hold together are refused where they stand: orphans, codes, names, and what happened to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingmiao.content.check import check_path
from qingmiao.content.new_pack import new_pack

COUNTY = '- {code: "990001", name: 示例县, level: county}\n'
TOWNS = (
    '- {code: "990001101", name: 甲镇, level: township, parent: "990001", attributes: {residence: urban}}\n'
    '- {code: "990001201", name: 乙乡, level: township, parent: "990001", attributes: {residence: rural}}\n'
)
BASE = COUNTY + TOWNS


def faults(tmp_path: Path, areas: str, groups: str = "") -> list[tuple[int, str, str]]:
    root = tmp_path / "pack"
    new_pack(root)
    (root / "areas/areas.yaml").write_text(areas)
    if groups:
        (root / "area_groups.yaml").write_text(groups)
    found = check_path(root)[1]
    return [(f.line, f.code, f"{f.message} {f.hint}") for f in found if "area" in f.file]


def town(code: str, name: str, more: str = "", parent: str = "990001") -> str:
    return f'- {{code: "{code}", name: {name}, level: township, parent: "{parent}"{more}}}\n'


REFUSED: dict[str, tuple[str, int, str, str]] = {
    # name: (areas below the starter's own, line, code, part of the message or hint)
    "a township without parent": ('- {code: "990001301", name: 丙乡, level: township}\n', 4, "no_parent", "没有上级"),
    "a village without parent": ('- {code: "990001301201", name: 丙村, level: village}\n', 4, "no_parent", "村"),
    "a township of another county": (
        '- {code: "99", name: 某省, level: province}\n- {code: "990002", name: 邻县, level: county, parent: "99"}\n'
        + town("990002101", "丁镇", parent="990002"), 6, "outside_plan", "丁镇"),
    "a county that nobody compares with": ('- {code: "990002", name: 邻县, level: county}\n', 4, "no_parent", "参照"),
    "a code that is not its parent's": (town("990301101", "丙镇"), 4, "wrong_code", "990001"),
    "two towns of one name": (town("990001301", "甲镇"), 4, "duplicate_name", "990001101"),
    "a successor that nobody knows": (
        town("990001301", "丙乡", ', changes: [{date: 2021-03-01, kind: merged, to: ["990001999"]}]'),
        4, "dangling_id", "990001999"),
    "a predecessor that is not listed": (
        town("990001301", "丙乡", ', changes: [{date: 2021-03-01, kind: merged, from: ["990001888", "990001201"]}]'),
        4, "dangling_id", "没有列出"),
    "recoding round": (
        town("990001301", "丙乡", ', changes: [{date: 2021-03-01, kind: recoded, from: ["990001302"]}]')
        + town("990001302", "丁乡", ', changes: [{date: 2022-03-01, kind: recoded, from: ["990001301"]}]'),
        4, "circle", "成环"),
    "recoded without the old code": (
        town("990001301", "丙乡", ", changes: [{date: 2021-03-01, kind: recoded}]"), 4, "missing_key", "原代码"),
    "merged into what no longer exists": (
        town("990001301", "丙乡", ", valid: {to: 2020-12-31}")
        + town("990001302", "丁乡", ', changes: [{date: 2021-03-01, kind: merged, to: ["990001301"]}]'),
        5, "wrong_date", "不存在"),
    "validity that runs on after the merger": (
        town("990001302", "丁乡",
            ', valid: {to: 2022-12-31}, changes: [{date: 2021-03-01, kind: merged, to: ["990001101"]}]'),
        4, "wrong_date", "重叠"),
    "a new area that was there before": (
        town("990001301", "丙镇",
            ', valid: {from: 2019-01-01}, changes: [{date: 2021-03-01, kind: merged, from: ["990001101", '
            '"990001201"]}]'),
        4, "wrong_date", "重叠"),
    "abolished twice": (
        town("990001302", "丁乡",
            ", changes: [{date: 2021-03-01, kind: abolished}, {date: 2022-03-01, kind: abolished}]"),
        4, "wrong_date", "又在"),
    "moved under the same code": (
        town("990001302", "丁乡", ', changes: [{date: 2021-03-01, kind: moved, from: ["990001302"]}]'), 4, "wrong_value",
        "划转"),
    "from after to": (town("990001302", "丁乡", ", valid: {from: 2022-01-01, to: 2021-01-01}"), 4, "wrong_value", "晚于"),
    "shares that do not add up": (
        town("990001301", "丙乡",
            ', changes: [{date: 2021-03-01, kind: split, from: ["990001201"], to: ["990001201", "990001301"], '
             'shares: {"990001201": 0.5, "990001301": 0.4}, source: {document: 普查}}]'), 4, "wrong_value", "合计应为 1"),
    "shares without a source": (
        town("990001301", "丙乡",
            ', changes: [{date: 2021-03-01, kind: split, from: ["990001201"], to: ["990001201", "990001301"], '
             'shares: {"990001201": 0.5, "990001301": 0.5}}]'), 4, "wrong_value", "source"),
    "an unknown kind": (town("990001302", "丁乡", ", changes: [{date: 2021-03-01, kind: 撤并}]"), 4, "wrong_value",
        "merged"),
    "towns of an abolished county": (
        '- {code: "990002", name: 旧县, level: county, parent: "990001"}\n', 4, "wrong_value", "不高于"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_does_not_hold_together_is_refused_at_its_line(tmp_path: Path, case: str) -> None:
    more, line, code, said = REFUSED[case]
    found = faults(tmp_path, BASE + more)
    assert [(n, c) for n, c, text in found if c == code and said in text] == [(line, code)], found


ALLOWED: dict[str, str] = {
    "references above": '- {code: CN, name: 全国, level: nation}\n'
                        '- {code: "11", name: 某省, level: province, parent: CN}\n',
    "an enclave that says why": town("990301101", "丙镇", ", note: 代管的开发区"),
    "a town recoded by the ministry": town("990001301", "丙镇",
        ', changes: [{date: 2021-03-01, kind: recoded, from: ["990001209"]}]'),
    "renamed with the old name": town("990001301", "丙镇", ", changes: [{date: 2021-03-01, kind: renamed, was: 老镇}]"),
    "merged into a town that was there": town("990001302", "丁乡",
        ', changes: [{date: 2021-03-01, kind: merged, to: ["990001101"]}]'),
    "two merged into a new one": (
        town("990001302", "丁乡") + town("990001303", "戊乡")
        + town("990001104", "丁戊镇", ', changes: [{date: 2021-03-01, kind: merged, from: ["990001302", "990001303"]}]')
    ),
    "one name after the other": (
        town("990001302", "丁镇", ", valid: {to: 2020-12-31}") + town("990001104", "丁镇", ", valid: {from: 2021-01-01}")
    ),
    "moved in from the neighbour": (
        '- {code: "99", name: 某省, level: province}\n- {code: "990002", name: 邻县, level: county, parent: "99"}\n'
        + town("990002101", "丁镇", parent="990002")
        + town("990001105", "丁镇", ', changes: [{date: 2021-03-01, kind: moved, from: ["990002101"]}]')
    ),
    "a split with shares": town(
        "990001301", "丙乡",
        ', changes: [{date: 2021-03-01, kind: split, from: ["990001201"], to: ["990001201", "990001301"], '
        'shares: {"990001201": 0.6, "990001301": 0.4}, source: {document: 2020年人口普查}}]',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(ALLOWED))
def test_what_holds_together_is_taken(tmp_path: Path, case: str) -> None:
    assert faults(tmp_path, BASE + ALLOWED[case]) == []


def test_a_countys_new_code_takes_its_townships_with_it(tmp_path: Path) -> None:
    change = ', changes: [{date: 2021-03-01, kind: recoded, from: ["980001"], below: true}]'
    assert faults(tmp_path, COUNTY.replace("}", change + "}") + TOWNS) == []


@pytest.mark.parametrize(
    ("members", "code", "said"),
    [
        ('["990001101", "990001999"]', "dangling_id", "990001999"),
        ('["990001101", "990001"]', "wrong_value", "同一级"),
    ],
)
def test_a_named_group_has_known_members_of_one_level(tmp_path: Path, members: str, code: str, said: str) -> None:
    found = faults(tmp_path, BASE, f"- {{id: river, label: {{zh: 沿河各镇}}, members: {members}}}\n")
    assert [c for _, c, text in found if said in text] == [code]
