"""Purposes of reading files: what cannot work is refused with its line; how long files are kept; whose they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qingmiao.content.check import check_path
from qingmiao.content.intervals import LifeInterval
from qingmiao.content.new_pack import new_pack
from qingmiao.content.pack import Pack
from qingmiao.content.policy import Policy
from qingmiao.content.purposes import purposes_of

CHINA = Path(__file__).resolve().parents[3] / "content" / "china"
FILE = "purposes/reminders.yaml"


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter pack with the shared pack's roles and purposes."""
    root = tmp_path_factory.mktemp("purposes") / "pack"
    new_pack(root)
    for name in ("roles", "purposes"):
        shutil.copytree(CHINA / name, root / name)
    (root / "codes").mkdir(exist_ok=True)
    shutil.copy(CHINA / "codes" / "data_category.yaml", root / "codes")
    return root


def faults(root: Path, tmp_path: Path, file: str, old: str, new: str) -> tuple[Pack | None, list[str]]:
    """What `check` says of the pack with one thing of a file changed; without `old` the file is taken away."""
    made = tmp_path / "pack"
    shutil.copytree(root, made)
    text = (made / file).read_text("utf-8")
    if old:
        assert old in text
        (made / file).write_text(text.replace(old, new), "utf-8")
    else:
        (made / file).unlink()
    pack, found = check_path(made)
    return pack, [str(f) for f in found]


def test_the_shared_purposes_are_whole(starter: Path) -> None:
    pack, found = check_path(starter)
    assert found == []
    assert pack is not None
    every = purposes_of(pack)
    assert {p.use for p in every.values()} == {"work", "emergency", "request"}
    assert all((p.source.document and p.source.place) or p.source.note for p in every.values())


WRONG = [
    (FILE, "child_health_doctor", "child_doctor", "reminders.yaml:3", "没有的角色「child_doctor」"),
    (FILE, "vaccinator", "statistics", "reminders.yaml:3", "角色「statistics」看不到这类档案"),
    (FILE, "[contact, family]", "[contact, famly]", "reminders.yaml:5", "代码表 data_category 里没有的「famly」"),
    (FILE, "basis: consent", "of: [mother]\nbasis: consent", "reminders.yaml", "只能是对儿童档案的日常工作"),
    ("purposes/emergency.yaml", "use: emergency\n", "", "emergency.yaml", "没有写 roles"),
    ("purposes/school_health.yaml", "", "", "school_doctor.yaml", "角色「school_doctor」看得到儿童档案，没有一个用途"),
    ("purposes/emergency.yaml", "", "", "roles/", "没有紧急查阅的用途"),
    ("purposes/guardian_request.yaml", "", "", "roles/", "没有答复监护人的申请的用途"),
]


@pytest.mark.parametrize(("file", "old", "new", "place", "told"), WRONG, ids=[w[4] for w in WRONG])
def test_what_cannot_work_is_refused_with_its_line(
    starter: Path, tmp_path: Path, file: str, old: str, new: str, place: str, told: str
) -> None:
    _, found = faults(starter, tmp_path, file, old, new)
    assert [f for f in found if place in f and told in f] != [], found


def test_how_long_is_a_document_s_or_the_county_s(starter: Path) -> None:
    pack, _ = check_path(starter)
    assert pack is not None
    every = purposes_of(pack)
    treatment, care = every["treatment"], every["care"]
    assert treatment.kept(Policy()) == LifeInterval(value=15, unit="years")
    assert care.kept(Policy()) is None
    five = LifeInterval(value=5, unit="years")
    assert care.kept(Policy(intervals={care.setting: five})) == five


def test_the_county_sets_no_time_that_a_document_sets(starter: Path, tmp_path: Path) -> None:
    made = tmp_path / "pack"
    shutil.copytree(starter, made)
    path = made / "policy.yaml"
    text = path.read_text("utf-8") if path.exists() else ""
    times = "intervals: {purpose.treatment: {value: 1, unit: years}, purpose.cares: {value: 1, unit: years}}\n"
    path.write_text(text + times, "utf-8")
    told = [str(f) for f in check_path(made)[1]]
    assert any("purpose.treatment" in t and "有文件依据" in t for t in told), told
    assert any("没有的「purpose.cares」" in t for t in told), told
