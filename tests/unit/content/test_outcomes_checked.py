"""Outcomes of a programme: what cannot be counted is refused with its line, and a county adds its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qingmiao.content.check import check_path
from qingmiao.content.load import load_pack

CONTENT = Path(__file__).parents[3] / "content"
PROGRAMME = "programmes/legal_aid.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT / "china", tmp_path / "china")
    return tmp_path / "china"


def change(root: Path, old: str, new: str) -> None:
    path = root / PROGRAMME
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('holds: "on.approved is not null"', 'holds: "lawyer"', "应为真假"),
        ('holds: "on.approved is not null"', 'holds: "on.nowhere is not null"', "on.nowhere"),
        ('amount: "1"', 'amount: "1", holds: "exempt"', "只写一个"),
        ("unit: 人, ", "", "要写单位"),
        ('amount: "1"', 'amount: "1", each: nothing', "没有环节「nothing」"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_its_line(root: Path, old: str, new: str, says: str) -> None:
    change(root, old, new)
    faults = [f for f in check_path(root)[1] if f.file.endswith(PROGRAMME)]
    assert any(says in f.message for f in faults), [f.message for f in faults]
    lines = (root / PROGRAMME).read_text("utf-8").splitlines()
    top = next(n for n, line in enumerate(lines, 1) if line == "outcomes:")
    assert all(f.line >= top for f in faults if says in f.message)


def test_two_outcomes_do_not_have_one_name(root: Path) -> None:
    change(root, "id: granted", "id: helped")
    assert any("办理结果的 id 重复：helped" in f.message for f in check_path(root)[1])


def test_another_indicator_cannot_take_the_id_of_an_outcome(root: Path) -> None:
    path = root / "indicators/casework/opened.yaml"
    path.write_text(path.read_text("utf-8").replace("id: casework.opened", "id: casework.legal_aid.granted"), "utf-8")
    assert [f.code for f in check_path(root)[1] if "办理结果" in f.message] == ["duplicate_id"]


def test_a_county_adds_an_outcome_of_its_own(tmp_path: Path) -> None:
    for name in ("china", "xiangning"):
        shutil.copytree(CONTENT / name, tmp_path / name)
    folder = tmp_path / "xiangning/programme_changes"
    folder.mkdir(exist_ok=True)
    (folder / "legal_aid.yaml").write_text(
        "id: legal_aid\noutcomes:\n  - {id: met, label: {zh: 指派后已会见, en: met}, better: higher, lead: justice,"
        ' only_if: "on.assigned is not null", holds: "on.met is not null"}\nsource: {evidence: local}\n',
        "utf-8",
    )
    pack = load_pack(tmp_path / "xiangning")
    assert pack.indicators["casework.legal_aid.met"].label.zh == "法律援助：指派后已会见"
    assert "legal_aid.met" in pack.codes["case_outcome"].codes
    assert "casework.legal_aid.granted" in pack.indicators
