"""Checklists: what cannot work is refused with file and line; the form that one is made into asks what it should."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qingmiao.content import Pack
from qingmiao.content.check import check_path
from qingmiao.content.checklists import Checklist
from qingmiao.content.coverage import coverage
from qingmiao.content.new_pack import new_pack
from qingmiao.forms import fill, prepare
from qingmiao.forms.inspected import outcomes, points, result

CHINA = Path(__file__).resolve().parents[3] / "content" / "china"
BELL = """\
id: bell
version: 1
label: {zh: 校铃检查单}
source: {document: 校铃办法}
inspected_by: [liaison]
places: [kindergarten]
inspectors: {least: 2, source: {document: 校铃办法, place: 第二条}}
rectify: {immediate: inspection.at_once, major: inspection.major, ordinary: inspection.ordinary}
serves: [health.m1]
asks:
  - {id: kind, label: {zh: 铃的种类}, type: code, options: [{code: big, label: {zh: 大}}, {code: small, label: {zh: 小}}]}
sections:
  - id: sound
    label: {zh: 铃声}
    items:
      - {id: loud, label: {zh: 响度}, type: measure, unit: dB, more_than: -5, less_than: 90, severity: major, source: LAW}
      - {id: cracks, label: {zh: 裂纹}, type: count, at_most: 0, severity: immediate, not_applicable: true, source: LAW}
      - {id: pitch, label: {zh: 音高}, type: measure, severity: advice, source: LAW}
      - {id: rope, label: {zh: 铃绳}, severity: ordinary, photo: always, not_applicable: true, score: 4, source: LAW}
      - {id: rust, label: {zh: 锈蚀}, type: grade, severity: advice, applies_if: "kind = 'big'", source: LAW,
       grades: [{code: clean, label: {zh: 无}, conforms: true, score: 6}, {code: rusty, label: {zh: 锈},
       conforms: false, score: 1}]}
""".replace("LAW", "{document: 铃}")
ANSWERS = {"kind": "big", "loud": "60", "cracks_applies": "applies", "cracks": "0", "pitch": "440", "rope": "conform",
           "rope_photo": f"{'a' * 64}.jpg", "rope_photo_at": "2026-03-10 09:00", "rope_photo_where": "铃楼",
           "rust": "clean"}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter pack with what checklists rest on: roles, fact tables, their codes, deadlines."""
    root = tmp_path_factory.mktemp("bells") / "pack"
    new_pack(root)
    shutil.copytree(CHINA / "roles", root / "roles")
    shutil.copytree(CHINA / "purposes", root / "purposes")
    (root / "codes").mkdir(exist_ok=True)
    shutil.copy(CHINA / "codes" / "data_category.yaml", root / "codes")
    for kind, names in {
        "facts": ("inspections", "inspection_items"),
        "codes": ("inspected_place", "inspection_result", "item_outcome", "finding_severity"),
        "deadlines": ("inspection_at_once", "inspection_major", "inspection_ordinary"),
    }.items():
        for name in names:
            (root / kind).mkdir(exist_ok=True)
            text = (CHINA / kind / f"{name}.yaml").read_text("utf-8").replace("owner: committee_office\n", "")
            (root / kind / f"{name}.yaml").write_text(text, "utf-8")
    (root / "checklists").mkdir()
    return root


def written(folder: Path, text: str = BELL) -> tuple[Pack | None, list[str]]:
    (folder / "checklists" / "bell.yaml").write_text(text, "utf-8")
    pack, faults = check_path(folder)
    return pack, [f"{Path(f.file).name}:{f.line} {f.message}" for f in faults]


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    """The whole pack with the checklist."""
    loaded, faults = written(folder)
    assert faults == []
    assert loaded is not None
    return loaded


def judged(pack: Pack, **changed: str) -> Any:
    filled = fill(prepare(pack, "bell"), ANSWERS | changed, on=date(2026, 3, 10))
    return filled, outcomes(pack.entries("checklists", Checklist)["bell"], filled)


def test_it_is_whole_and_operates_what_it_serves(pack: Pack) -> None:
    assert coverage(pack).measures["health.m1"].operated == ["checklist:bell"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[liaison]", "[nobody_here]", "bell.yaml:5 inspected_by 提到没有的角色「nobody_here」"),
        ("[kindergarten]", "[castle]", "bell.yaml:6 places 提到代码表 inspected_place 里没有的「castle」"),
        ("major: inspection.major", "major: inspection.never", "bell.yaml:8 没有时限「inspection.never」"),
        ("immediate: inspection.at_once, ", "", "bell.yaml:17 有「立即危险」的项，rectify 没有写 immediate 的整改时限"),
        ("kind = 'big'", "colour = 'big'", "bell.yaml:20 没有列「colour」"),
        ("kind = 'big'", "kind = 'huge'", "bell.yaml:20 「kind」没有代码「huge」"),
        ("more_than: -5, less_than: 90", "at_least: 90, at_most: 80", "bell.yaml:16 限值的下限高于上限，没有数能符合"),
        ("more_than: -5, less_than: 90", "more_than: 90, at_most: 90", "bell.yaml:16 限值的下限高于上限，没有数能符合"),
        ("more_than: -5, less_than", "at_most: 80, less_than", "bell.yaml:16 at_most 和 less_than 只写一个"),
        ("photo: always", "at_least: 3", "bell.yaml:19 限值只用于 type: measure、count 或 derived"),
        ("id: rust", "id: loud_ok", "bell.yaml:20 编号「loud_ok」重复，或与别的项的附属字段同名"),
        ("conforms: false", "conforms: true", "bell.yaml:21 grades 里要有符合的，也要有不符合的"),
        ("type: code, options: [{code: big, label: {zh: 大}}, {code: small, label: {zh: 小}}]",
         "column: inspections.place_kind", "bell.yaml:11 检查单的字段不写 column，检查结果由系统写入事实表"),
        ("serves: [health.m1]", "serves: [health.m77]", "bell.yaml:9 serves 提到没有的「health.m77」"),
        ("asks:", "frequency: {label: {zh: 每月一次}, source: {document: 本县自定, evidence: local}}\nasks:",
         "bell.yaml:10 频次要有文件依据；没有依据的不写，由县里的年度计划安排"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_told_with_file_and_line(folder: Path, old: str, new: str, told: str) -> None:
    assert old in BELL
    _, faults = written(folder, BELL.replace(old, new))
    assert told in faults


def test_a_pack_without_the_tables_is_told_to_have_them(folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "pack"
    shutil.copytree(folder, bare)
    (bare / "facts" / "inspections.yaml").unlink()
    _, faults = written(bare)
    assert any("有检查单就要有事实表「inspections」" in f for f in faults)


@pytest.mark.parametrize(
    ("changed", "failed", "comes_to"),
    [
        ({}, [], "conform"),
        ({"loud": "-5"}, ["loud"], "fails"),
        ({"loud": "-4.9"}, [], "conform"),
        ({"loud": "90"}, ["loud"], "fails"),
        ({"loud": "89.9"}, [], "conform"),
        ({"cracks": "1"}, ["cracks"], "fails"),
        ({"cracks_applies": "na", "cracks": ""}, [], "conform"),
        ({"rope": "not"}, ["rope"], "mostly"),
        ({"rust": "rusty"}, ["rust"], "conform"),
    ],
)
def test_limits_gradings_and_severities(pack: Pack, changed: dict[str, str], failed: list[str], comes_to: str) -> None:
    _, found = judged(pack, **changed)
    assert [o.key for o in found if o.failed] == failed
    assert result(found) == comes_to


def test_what_an_item_calls_for_is_asked_and_nothing_else(pack: Pack) -> None:
    filled, _ = judged(pack)
    assert filled.faults == ()
    filled, _ = judged(pack, cracks="2", rope="na", rope_photo="")
    assert {f.field for f in filled.faults} == {"cracks_said", "cracks_done", "rope_why"}
    filled, _ = judged(pack, rope_photo="", rope_photo_where="", loud_ok="是")
    assert {f.field for f in filled.faults} == {"rope_photo", "rope_photo_where"}


MORE = """\
  - id: keeper
    label: {zh: 看铃}
    items:
      - {id: contract, label: {zh: 看铃合同}, type: document, severity: ordinary, not_applicable: true, source: LAW}
      - {id: ringer, label: {zh: 打铃人}, type: person, undated: true, severity: ordinary, source: LAW}
      - {id: heard, label: {zh: 听得见}, type: interview, severity: ordinary, source: LAW}
      - {id: picture, label: {zh: 全貌}, type: photo, severity: advice, source: LAW}
      - {id: twice, label: {zh: 两倍响度}, type: derived, compute: 2 * loud, local: [at_most], severity: ordinary,
       source: LAW}
""".replace("LAW", "{document: 铃}")
GIVEN = {"contract": "conform", "contract_no": "甲-1", "contract_until": "2026-03-10", "ringer": "conform",
         "ringer_who": "门卫", "heard": "conform", "heard_asked": "10", "picture": f"{'b' * 64}.png",
         "picture_photo_at": "2026-03-10 09:00", "picture_photo_where": "铃楼"}  # fmt: skip
METER = "instruments: [{id: meter, label: {zh: 声级计}}]\nasks:"


class TestWhatIsShownAskedAndMeasured:
    @pytest.fixture
    def grown(self, folder: Path) -> Pack:
        text = BELL.replace("asks:", METER).replace("more_than: -5", "instrument: meter, more_than: -5") + MORE
        loaded, faults = written(folder, text)
        assert faults == []
        assert loaded is not None
        return loaded

    def judged(self, pack: Pack, **changed: str) -> Any:
        return judged(pack, **(GIVEN | {"meter_no": "1", "meter_until": "2026-03-10"} | changed))

    def test_documents_people_interviews_and_photographs_come_to_a_verdict(self, grown: Pack) -> None:
        filled, found = self.judged(grown)
        assert filled.faults == ()
        by = {o.item.id: o for o in found}
        assert by["contract"].shown == "甲-1，有效期至 2026-03-10"
        assert (by["ringer"].shown, by["heard"].shown) == ("门卫", "询问 10 人")
        assert (by["picture"].verdict, by["picture"].taken) == ("recorded", "2026-03-10 09:00 铃楼")
        assert by["twice"].verdict == "recorded"
        assert by["twice"].value == 120

    def test_a_document_past_its_last_day_is_a_finding_and_one_that_does_not_apply_says_why(self, grown: Pack) -> None:
        filled, found = self.judged(grown, contract_until="2026-03-09")
        assert [o.key for o in found if o.failed] == ["contract"]
        assert {f.field for f in filled.faults} == {"contract_said"}
        filled, found = self.judged(grown, contract="na", contract_why="自己打铃")
        assert filled.faults == ()
        assert {o.item.id: o.why for o in found if o.verdict == "na"} == {"contract": "自己打铃"}

    def test_an_instrument_past_its_calibration_stops_the_record(self, grown: Pack) -> None:
        filled, _ = self.judged(grown, meter_until="2026-03-09")
        assert [f.field for f in filled.faults] == ["meter_until"]

    def test_the_county_sets_what_is_its_own_and_nothing_else(self, folder: Path, grown: Pack) -> None:
        text = BELL.replace("asks:", METER) + MORE
        policy = folder / "policy.yaml"
        try:
            policy.write_text("limits:\n  bell.twice: {at_most: 100}\n", "utf-8")
            loaded, faults = written(folder, text)
            assert faults == []
            assert loaded is not None
            _, found = self.judged(loaded)
            assert [o.key for o in found if o.failed] == ["twice"]
            policy.write_text("limits:\n  bell.loud: {less_than: 70}\n  bell.none: {at_most: 1}\n", "utf-8")
            _, faults = written(folder, text)
            assert [f.partition(" ")[2] for f in faults] == [
                "检查项「bell.loud」的 less_than 不由县里设置", "policy.yaml 的 limits 提到没有的检查项「bell.none」",
            ]  # fmt: skip
        finally:
            policy.unlink()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("local: [at_most]", "local: [at_most], at_most: 9", "写在 local 里的限值由县里在 policy.yaml 的 limits 设置，这里不写数"),
        ("compute: 2 * loud, ", "", "type: derived 要写 compute，其他类型不写"),
        ("more_than: -5", "instrument: meter, more_than: -5", "instruments 里没有「meter」"),
        ("type: photo,", "type: photo, photo: always,", "type: photo 本身就是照片，不写 photo"),
        ("type: interview", "type: interview, undated: true", "undated 只用于 type: document 或 person"),
        ("label: {zh: 铃的种类}", "label: {zh: 打铃学生姓名}", "检查单不问「打铃学生姓名」：不记儿童的姓名和健康状况，不记举报人、投诉人"),
        ("label: {zh: 铃的种类}", "label: {zh: 投诉人电话}", "检查单不问「投诉人电话」：不记儿童的姓名和健康状况，不记举报人、投诉人"),
        ("type: code, options", "sensitivity: 核心, type: code, options", "检查单不记敏感信息"),
        ("label: {zh: 铃的种类}", "label: {zh: 铃的DNA样本}",
         "「kind」会收集 DNA 数据：除公安机关以外任何组织和个人不得收集，本系统不记"),
    ],
)  # fmt: skip
def test_what_a_checklist_may_not_say_or_ask(folder: Path, old: str, new: str, told: str) -> None:
    text = BELL + MORE
    assert old in text
    _, faults = written(folder, text.replace(old, new))
    assert any(f.endswith(told) for f in faults), faults


def test_a_number_without_a_limit_is_recorded_and_a_hidden_item_is_not_there(pack: Pack) -> None:
    _, found = judged(pack, kind="small", rust="")
    assert {o.item.id: o.verdict for o in found} == {
        "loud": "conform", "cracks": "conform", "pitch": "recorded", "rope": "conform",
    }  # fmt: skip


def test_points_count_what_applied(pack: Pack) -> None:
    assert points(judged(pack)[1]) == (4 + 6, 4 + 6)
    assert points(judged(pack, rust="rusty")[1]) == (4 + 1, 4 + 6)
    assert points(judged(pack, rope="na", rope_photo="")[1]) == (6, 6)


def test_whoever_checks_the_own_work_is_not_kept_away_and_whoever_checks_anothers_is() -> None:
    loaded, _ = check_path(CHINA)
    assert loaded is not None
    checklists = loaded.entries("checklists", Checklist)
    assert checklists["plan.meetings_check"].of_oneself
    assert not checklists["school.meals"].of_oneself
    assert not any(c.of_oneself for c in checklists.values() if c.rectified_by is None)
