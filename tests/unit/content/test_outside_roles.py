"""People from outside are no staff and hold no other role; what they are given names nobody, and `check` says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qingmiao.content.base import Label
from qingmiao.content.check import check_path
from qingmiao.content.roles import ANY_OUTSIDER, BUILT_IN, RoleItem, Scope, excluded, grants

ROOT = Path(__file__).resolve().parents[3]
ROLES = BUILT_IN | {
    "clerk": RoleItem(id="clerk", label=Label(zh="办事员"), scope=Scope.OWN),
    "evaluator": RoleItem(id="evaluator", label=Label(zh="评估员"), scope=Scope.OWN, outside=True),
}


def test_somebody_from_outside_is_no_staff_and_nothing_else() -> None:
    """Neither any staff nor any unit's staff; with no other role, whichever is held first."""
    assert grants(ROLES, "evaluator") == {"evaluator", ANY_OUTSIDER}
    assert ANY_OUTSIDER not in grants(ROLES, "clerk")
    assert excluded(ROLES, "evaluator", ["clerk", "auditor"]) == ["auditor", "clerk"]
    assert excluded(ROLES, "clerk", ["evaluator"]) == ["evaluator"]


@pytest.mark.parametrize(
    ("file", "was", "put", "told"),
    [
        ("roles/third_party_evaluator.yaml", "scope: own", "scope: area", "只在本单位"),
        ("roles/third_party_evaluator.yaml", "outside: true", "outside: true\nlike: [liaison]", "只在本单位"),
        ("evaluations/implementation.yaml", "columns: [myopic,", "columns: [birth_date, myopic,", "照原样给出能认出人"),
        ("evaluations/implementation.yaml", "columns: [myopic,", "columns: [school_id, myopic,", "照原样给出能认出人"),
        ("evaluations/implementation.yaml", "columns: [myopic,", "columns: [check_id, myopic,", "能认出人或者地点"),
        ("evaluations/implementation.yaml", "columns: [myopic,", "columns: [area_code, myopic,", "能认出人或者地点"),
        ("evaluations/implementation.yaml", "columns: [myopic,", "columns: [myopics,", "没有列「myopics」"),
        (
            "evaluations/implementation.yaml", "fact: vision_checks, person: child_id",
            "fact: vision_checks, person: pupil",
            "person 所写的列「pupil」",
        ),
        ("evaluations/implementation.yaml", "fact: vision_checks", "fact: vision_check", "没有的事实表「vision_check」"),
        ("documents/evaluation_package.yaml", "until: until", "until: data_year", "date字段"),
        ("documents/evaluation_package.yaml", "state: released", "state: given", "自己的 flow 里的一个状态"),
        ("documents/evaluation_package.yaml", "[packed, reviewed]", "[reviewed]", "effects: [packed]"),
        ("documents/evaluation_sample.yaml", "seed: seed", "seed: seeds", "「seeds」"),
        ("documents/practice.yaml", "public: spread", "public: spread\nnumbers: true", "不公开"),
    ],
)  # fmt: skip
def test_what_would_tell_a_person_or_lead_nowhere_is_found(
    tmp_path: Path, file: str, was: str, put: str, told: str
) -> None:
    """One line changed in the shipped content: the fault names the file and says why."""
    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name)
    path = tmp_path / "china" / file
    text = path.read_text("utf-8")
    assert was in text
    path.write_text(text.replace(was, put, 1), "utf-8")
    _, faults = check_path(tmp_path / "xiangning")
    found = [f for f in faults if f.file.endswith(file)]
    assert any(told in f.message for f in found), [f.message for f in faults]
