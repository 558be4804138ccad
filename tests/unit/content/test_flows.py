"""Flows as content: what a file says is what runs; each mistake is told with the line where it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qingmiao.content import load_pack
from qingmiao.content.check import check_path
from qingmiao.content.documents import DocumentKind
from qingmiao.content.flows import ContentFlow
from qingmiao.flow import NOTHING, Ask

ROOT = Path(__file__).resolve().parents[3]
BELL = """\
id: bell
label: {zh: 铃声检查, en: Bell checks}
recorded_by: [statistics]
text: {zh: 听到什么}
scored: true
flow:
  states:
    heard: {label: {zh: 已听, en: heard}, tone: warn}
    mended: {label: {zh: 已修, en: mended}}
    shelved: {label: {zh: 不修了}, final: true}
  steps:
    - {do: rewrite, label: {zh: 改写}, from: heard, to: heard, relations: [self]}
    - {do: mend, label: {zh: 修好}, from: heard, to: mended, roles: [liaison], asks: [{id: how, label: {zh: 怎样修的}}]}
    - {do: listen, label: {zh: 再听}, from: mended, to: heard, roles: [statistics], guards: [score_in_range],
       effects: [reviewed]}
    - {do: shelve, label: {zh: 搁置}, from: [heard, mended], to: shelved, roles: [any_staff]}
"""


def a_pack(folder: Path, bell: str, more: str = "") -> Path:
    made = folder / "china"
    shutil.copytree(ROOT / "content" / "china", made)
    (made / "documents" / "bell.yaml").write_text(bell, "utf-8")
    if more:
        (made / "deadlines" / "bell.yaml").write_text(more, "utf-8")
    return made


def test_a_kind_brings_its_own_flow(tmp_path: Path) -> None:
    root = a_pack(tmp_path, BELL)
    assert check_path(root)[1] == []
    kind = load_pack(root).entries("documents", DocumentKind)["bell"]
    flow = kind.workflow
    assert [(s.name, s.label, s.tone, s.final) for s in flow.states] == [
        ("heard", "已听", "warn", False), ("mended", "已修", "", False), ("shelved", "不修了", "", True),
    ]  # fmt: skip
    assert [(s.name, s.source, s.target) for s in flow.steps] == [
        ("record", NOTHING, "heard"), ("rewrite", "heard", "heard"), ("mend", "heard", "mended"),
        ("listen", "mended", "heard"), ("shelve", "heard", "shelved"), ("shelve", "mended", "shelved"),
    ]  # fmt: skip
    assert flow.steps[0].roles == {"statistics"}
    assert flow.step("mend", "heard").asks == (Ask("how", "怎样修的"),)
    assert (kind.scored_when_recorded, kind.staged) == (False, True)


def test_a_flow_that_makes_its_things_begins_where_that_step_leads() -> None:
    given = {
        "states": {"asked": {"label": {"zh": "已申请"}}, "given": {"label": {"zh": "已发"}, "final": True}},
        "steps": [
            {"do": "ask", "label": {"zh": "申请"}, "to": "asked", "relations": ["own_unit"]},
            {"do": "give", "label": {"zh": "发放"}, "from": "asked", "to": "given", "job": True},
        ],
    }
    flow = ContentFlow.model_validate(given).flow("aid", "补助")
    assert [s.makes for s in flow.steps] == [True, False]
    assert [s.by_job for s in flow.steps] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("roles: [liaison]", "roles: [liason]", 13, "没有的角色「liason」"),
        ("guards: [score_in_range]", "guards: [score_in_rang]", 14, "条件「score_in_rang」没有登记"),
        ("effects: [reviewed]", "effects: [review]", 15, "后果「review」没有登记"),
        ("from: mended, to: heard", "from: mendet, to: heard", 14, "没有的状态 mendet"),
        ("from: heard, to: mended", "from: heard, to: shelved", 9, "mended 到不了"),
        ("to: shelved, roles", "to: heard, roles", 10, "shelved 到不了"),
        (", final: true", "", 10, "shelved 没有出路"),
        ("from: [heard, mended]", "from: [heard, heard]", 16, "两个同名的环节"),
        ("from: [heard, mended]", "from: []", 16, "from 是空的"),
        ("from: heard, to: mended, ", "to: mended, ", 13, "从无到有"),
        ("do: listen", "do: record", 14, "换一个 do"),
        ("roles: [any_staff]", "job: true", 16, "不写 job"),
        (", roles: [any_staff]", "", 16, "没有写谁办"),
        ("from: heard, to: heard", "from: heard, to: mended", 12, "留在原来的状态"),
        ("id: how", "id: score", 13, "已有别的用处"),
        ("tone: warn", "tone: yellow", 8, "yellow"),
        ("relations: [self]", "relations: [above]", 12, "above"),
        ("scored: true", "signed: true", 5, "内置的签报审阅流程"),
        ("asks: [{id: how, label: {zh: 怎样修的}}]", "ask: how", 13, "不认识的键「ask」"),
    ],
)
def test_a_mistake_in_a_flow_is_told_once_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, word: str
) -> None:
    assert old in BELL
    faults = check_path(a_pack(tmp_path, BELL.replace(old, new, 1)))[1]
    assert [(f.line, word in f.message) for f in faults] == [(line, True)], faults
    assert faults[0].file.endswith("documents/bell.yaml")


def test_a_deadline_may_be_of_a_kind_of_document(tmp_path: Path) -> None:
    deadline = (
        "id: bell.mend\nlabel: {zh: 修铃}\nof: document:bell\nstarts: [record]\nmet_by: [mend]\npaused_in: [mended]\n"
        "local: true\n"
    )
    assert check_path(a_pack(tmp_path / "right", BELL, deadline))[1] == []
    wrong = deadline.replace("met_by: [mend]", "met_by: [mended]").replace("starts: [record]", "starts: [recorded]")
    faults = check_path(a_pack(tmp_path / "wrong", BELL, wrong))[1]
    assert [(f.line, "铃声检查" in f.message) for f in faults] == [(4, True), (5, True)]
    away = check_path(a_pack(tmp_path / "away", BELL, deadline.replace(":bell", ":bel")))[1]
    assert [(f.line, "document:bell" in f.hint) for f in away] == [(3, True)]


def test_what_the_page_on_kinds_of_documents_shows_works(tmp_path: Path) -> None:
    blocks = (ROOT / "docs" / "how-to" / "make-a-kind-of-document.md").read_text("utf-8").split("```yaml\n")[1:]
    kind, form, flow = (b.split("```")[0] for b in blocks)
    made = a_pack(tmp_path, kind + flow)
    (made / "forms").mkdir(exist_ok=True)
    (made / "forms" / "record.bells.yaml").write_text(form, "utf-8")
    assert check_path(made)[1] == []
