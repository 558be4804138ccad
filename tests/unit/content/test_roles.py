"""What a role stands for, what one person cannot hold together, and what `check` says of a pack's roles."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingmiao.content.base import Label
from qingmiao.content.check import check_path
from qingmiao.content.roles import (
    ADMINISTRATORS,
    ANY_AREA_STAFF,
    ANY_STAFF,
    ANY_UNIT_STAFF,
    BUILT_IN,
    HOUSE,
    RoleItem,
    Scope,
    excluded,
    grants,
)


def a_role(id_: str, scope: Scope = Scope.OWN, **more: object) -> RoleItem:
    return RoleItem(id=id_, label=Label(zh=id_), scope=scope, **more)


ROLES = {
    **BUILT_IN,
    **{
        r.id: r
        for r in (
            a_role("clerk", excludes=("cashier",)),
            a_role("cashier", excludes=("clerk",)),
            a_role("head_clerk", Scope.AREA, like=("clerk",)),
            a_role("deputy", like=("head_clerk",)),
        )
    },
}


def test_a_role_stands_for_what_it_is_like_over_its_own_scope() -> None:
    assert grants(ROLES, "clerk") == {"clerk", ANY_STAFF, ANY_UNIT_STAFF}
    assert grants(ROLES, "head_clerk") == {"head_clerk", "clerk", ANY_STAFF, ANY_AREA_STAFF}
    assert grants(ROLES, "deputy") == {"deputy", "head_clerk", "clerk", ANY_STAFF, ANY_UNIT_STAFF}
    assert grants(ROLES, "no_such_role") == frozenset()


@pytest.mark.parametrize("administrator", ADMINISTRATORS)
def test_administrators_are_no_staff_do_no_business_and_are_three_people(administrator: str) -> None:
    assert grants(ROLES, administrator) == {administrator}
    others = set(ADMINISTRATORS) - {administrator}
    assert excluded(ROLES, administrator, (*ADMINISTRATORS, "clerk")) == sorted({*others, "clerk"})
    assert excluded(ROLES, "clerk", (*ADMINISTRATORS, "deputy")) == sorted(ADMINISTRATORS)


def test_exclusion_reaches_through_likeness_and_from_either_side() -> None:
    assert excluded(ROLES, "cashier", ["deputy", "auditor"]) == ["deputy"]
    assert excluded(ROLES, "deputy", ["cashier", "auditor"]) == ["cashier"]
    assert excluded(ROLES, "clerk", ["clerk", "head_clerk"]) == []


def a_pack(folder: Path, **files: str) -> Path:
    (folder / "pack.toml").write_text('id = "p"\ntitle = "包"\nversion = "1"\nextends = []\n', "utf-8")
    (folder / "roles").mkdir()
    for id_ in HOUSE:
        (folder / "roles" / f"{id_}.yaml").write_text(f"id: {id_}\nlabel: {{zh: {id_}}}\nscope: own\n", "utf-8")
    for name, text in files.items():
        path = folder / "roles" / f"{name}.yaml"
        path.write_text(text, "utf-8") if text else path.unlink()
    return folder


def test_a_whole_set_of_roles_has_no_fault(tmp_path: Path) -> None:
    assert check_path(a_pack(tmp_path))[1] == []


@pytest.mark.parametrize(
    ("name", "text", "line", "word"),
    [
        ("system_admin", "id: system_admin\nlabel: {zh: 甲}\nscope: own\n", 1, "内置"),
        ("any_staff", "id: any_staff\nlabel: {zh: 甲}\nscope: own\n", 1, "内置"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nlike: [hospitals]\n", 4, "是不是「hospital」"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nexcludes: [doctor]\n", 4, "没有的角色「doctor」"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nexcludes: [school]\n", 4, "没有同样写 excludes: [nurse]"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nlike: [nurse]\n", 4, "成环"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nlike: [system_admin]\n", 4, "管理员"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nexcludes: [nurse]\n", 4, "排斥它自己"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nheld_by: [ministry]\n", 4, ""),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: county\n", 3, ""),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nheld_by: [institution]\n", 4, "“本县设置”"),
        ("nurse", "id: nurse\nlabel: {zh: 甲}\nscope: own\nheld_by: [court]\nnote: 惯例\n", 4, "没有说给哪些单位"),
        ("liaison", "", 1, "缺角色「liaison」"),
    ],
)
def test_check_says_what_is_wrong_and_where(tmp_path: Path, name: str, text: str, line: int, word: str) -> None:
    faults = check_path(a_pack(tmp_path, **{name: text}))[1]
    assert faults
    assert {f.line for f in faults} == {line}
    assert any(word in f"{f.message}{f.hint}" for f in faults), faults


@pytest.mark.parametrize("said", ["note: 本县设置", "source: {document: 某办法, place: 第三条}"])
def test_a_role_whose_limits_have_a_source_or_are_the_countys_own_is_whole(tmp_path: Path, said: str) -> None:
    text = f"id: nurse\nlabel: {{zh: 甲}}\nscope: own\nheld_by: [institution]\n{said}\n"
    assert check_path(a_pack(tmp_path, nurse=text))[1] == []


def test_a_longer_circle_is_told_at_each_of_its_roles(tmp_path: Path) -> None:
    files = {
        a: f"id: {a}\nlabel: {{zh: 甲}}\nscope: own\nlike: [{b}]\n"
        for a, b in (("x1", "x2"), ("x2", "x3"), ("x3", "x1"))
    }
    faults = check_path(a_pack(tmp_path, **files))[1]
    assert sorted(f.place for f in faults) == ["x1", "x2", "x3"]
    assert {f.code for f in faults} == {"circle"}
