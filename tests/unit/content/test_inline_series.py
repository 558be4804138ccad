"""A target may carry its own plain series: the pack is the same as if the indicator had a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingmiao.content.check import check_path
from qingmiao.content.coverage import coverage
from qingmiao.content.diff import diff_packs
from qingmiao.content.indicators import Indicator
from qingmiao.content.new_pack import new_pack
from qingmiao.content.pack import Pack
from qingmiao.content.schema import schemas
from qingmiao.kernel.areas import AreaLevel

HEAD = """id: health
order: 1
label: {zh: 健康}
title: （一）
goals:
  - id: g1
    number: "1"
    text: 近视率38%以下。
    targets:
"""
LEADS = "- {of: g1, lead: health_bureau, valid_from: 2021-01-01, evidence: proposal}\n"


def pack_of(
    root: Path, targets: str, *, leads: str = LEADS, files: dict[str, str] | None = None
) -> tuple[Pack, list[str]]:
    """The starter pack's areas and units with one field of these targets and nothing else."""
    new_pack(root)
    for name in ("facts", "returns", "indicators", "codes", "data", "plan/fields", "leads"):
        for path in sorted((root / name).rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        (root / name).rmdir()
    for name, text in {"plan/fields.yaml": HEAD + targets, "leads.yaml": leads, **(files or {})}.items():
        if text:
            (root / name).write_text(text, "utf-8")
    pack, faults = check_path(root)
    assert pack is not None
    return pack, [str(f).replace(root.as_posix() + "/", "") for f in faults]


def only(pack: Pack) -> Indicator:
    (found,) = pack.indicators.values()
    return found


def target(keys: str) -> str:
    return "      - {id: T1, label: {zh: 近视率}, " + keys + "}\n"


def test_label_unit_and_lead_are_written_once(tmp_path: Path) -> None:
    pack, faults = pack_of(tmp_path / "p", target('kind: at_most, value: 38, unit: "%", series: true'))
    assert faults == []
    found = only(pack)
    assert (found.id, found.label.zh, found.unit, found.lead) == ("T1", "近视率", "%", "health_bureau")
    assert (found.better, found.decimals, found.implements, found.levels) == (
        "lower",
        1,
        ("T1",),
        (AreaLevel.COUNTY,),
    )
    assert found.source.document == "示例（请换成规划文件的名称和文号）"
    assert found.source.evidence.value == "local"
    assert pack.place("indicators", "T1").file.endswith("plan/fields.yaml")
    assert pack.place("indicators", "T1").line == 10
    assert coverage(pack).targets == {"T1": ["indicator:T1"]}


def test_the_pack_is_the_same_as_with_a_file_of_its_own(tmp_path: Path) -> None:
    inline = "indicator: {id: health.myopia, decimals: 2, period: school_year, natural_limit: 0}"
    one, faults = pack_of(tmp_path / "one", target(f'kind: at_most, value: 38, unit: "%", {inline}'))
    apart = (
        'id: health.myopia\nlabel: {zh: 近视率}\nimplements: [T1]\nunit: "%"\ndecimals: 2\nbetter: lower\n'
        "period: school_year\n"
        "natural_limit: 0\nlevels: [county]\nlead: health_bureau\nfrom: series\n"
        "source: {document: 示例（请换成规划文件的名称和文号）, evidence: local}\n"
    )
    two, more = pack_of(
        tmp_path / "two", target('kind: at_most, value: 38, unit: "%"'), files={"indicators.yaml": apart}
    )
    assert faults == more == []
    assert one.indicators == two.indicators
    assert one.fields == two.fields
    assert diff_packs(one, two).changes == diff_packs(two, one).changes
    assert not [c for c in diff_packs(one, two).changes if c.kind in ("indicators", "target", "leads")]


KINDS = [
    # (target, unit, better, decimals, nature, levels, by)
    ('kind: at_least, value: 95.25, unit: "%"', "%", "higher", 2, "rate", "county", ()),
    ("kind: count_at_least, value: 10, unit: 个", "个", "higher", 0, "count", "county", ()),
    ("kind: falling, baseline: {year: 2020, value: 12.345}, unit: 1/10万", "1/10万", "lower", 3, "rate", "county", ()),
    ('kind: increase_by, points: 0.5, baseline: {year: 2020}, unit: "%"', "%", "higher", 1, "rate", "county", ()),
    ("kind: within, low: 103, high: 107", "", "none", 1, "rate", "county", ()),
    ('kind: every_area, level: township, bound: at_most, value: 1, unit: "%"', "%", "lower", 1, "rate",
        "county township", ()),
    ('kind: relative_to, relative_to: {area: "99", relation: above}, unit: "%"', "%", "higher", 1, "rate", "county",
        ()),
    ("kind: assigned, unit: 人, assigned: [{year: 2024, value: 5, bound: at_most, document: 某文}]", "人", "lower", 1,
        "rate", "county", ()),
    ("kind: assigned", "", "none", 1, "rate", "county", ()),
    ("kind: qualitative", "件", "none", 0, "count", "county", ()),
    ('kind: at_least, unit: "%", strata: [{by: sex, code: M, value: 9}]', "%", "higher", 1, "rate", "county", ("sex",)),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "unit", "better", "decimals", "nature", "levels", "by"), KINDS)
def test_what_is_left_out_follows_from_the_target(
    keys: str,
    unit: str,
    better: str,
    decimals: int,
    nature: str,
    levels: str,
    by: tuple[str, ...],
    tmp_path: Path,
) -> None:
    pack, faults = pack_of(tmp_path / "p", target(keys + ", series: true"))
    assert faults == []
    found = only(pack)
    assert (found.unit, found.better, found.decimals, found.nature) == (unit, better, decimals, nature)
    assert (" ".join(found.levels), found.by) == (levels, by)


def test_a_lead_written_in_the_series_leads_the_target(tmp_path: Path) -> None:
    keys = 'kind: at_most, value: 38, unit: "%", indicator: {lead: health_bureau}'
    pack, faults = pack_of(tmp_path / "p", target(keys), leads="")
    assert faults == []
    assert only(pack).lead == "health_bureau"
    lead = pack.lead_of("T1", 2024)
    assert lead is not None
    assert (lead.lead, lead.evidence.value) == ("health_bureau", "local")


def test_the_leads_say_who_leads_now(tmp_path: Path) -> None:
    leads = (
        "- {of: g1, lead: other, valid_to: 2022-12-31, evidence: proposal}\n"
        "- {of: g1, lead: health_bureau, valid_from: 2023-01-01, evidence: proposal}\n"
    )
    units = (
        '- {id: other, label: {zh: 某局}, kind: department, area: "990001"}\n'
        '- {id: health_bureau, label: {zh: 卫健局}, kind: department, area: "990001"}\n'
    )
    root = tmp_path / "p"
    pack, faults = pack_of(
        root,
        target("kind: at_most, value: 38, series: true"),
        leads=leads,
        files={"organisations/organisations.yaml": units},
    )
    assert faults == []
    assert only(pack).lead == "health_bureau"


WRONG = [
    ("no lead anywhere", "kind: at_most, value: 38, series: true", "", "plan/fields.yaml:10 [T1] 目标「近视率」的指标没有牵头单位"),
    ("a lead that is none", "kind: at_most, value: 38, indicator: {lead: health_buro}", "",
        "plan/fields.yaml:10 [T1.lead] 牵头单位「health_buro」不存在（建议：是不是「health_bureau」）"),
    ("both ways", "kind: at_most, value: 38, series: true, indicator: {decimals: 2}", LEADS,
        "plan/fields.yaml:10 [goals.1.targets.1] indicator 和 series: true 只写一个"),
    ("a key misspelt", "kind: at_most, value: 38, indicator: {decimal: 2}", LEADS,
        "plan/fields.yaml:10 [goals.1.targets.1.indicator.decimal] 不认识的键「decimal」（建议：是不是想写「decimals」）"),
    ("a form that is missing", "kind: qualitative, indicator: {nature: evidence}", LEADS,
        "plan/fields.yaml:10 [T1] 问卷或证据指标要写 form（建议：在 forms/ 里建立表单并写上它的 id）"),
    ("another unit than the target's", 'kind: at_most, value: 38, unit: "%", indicator: {unit: ‰}', LEADS,
        "plan/fields.yaml:10 [T1] 单位「%」与指标 T1 的单位「‰」不同（建议：改成同一个单位；数值也要按这个单位写）"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "keys", "leads", "told"), WRONG, ids=[w[0] for w in WRONG])
def test_a_mistake_is_told_once_where_it_stands(name: str, keys: str, leads: str, told: str, tmp_path: Path) -> None:
    _, faults = pack_of(tmp_path / "p", target(keys), leads=leads)
    assert len(dict.fromkeys(f.partition(" ")[0] for f in faults)) == 1, faults
    assert faults[0].startswith(told) or told in faults, faults


def test_the_id_of_another_indicator_is_refused(tmp_path: Path) -> None:
    apart = (
        "id: T1\nlabel: {zh: x}\nunit: x\nbetter: none\nperiod: calendar_year\nlead: health_bureau\n"
        "from: series\nsource: {document: x}\n"
    )
    keys = "kind: at_most, value: 38, series: true"
    _, faults = pack_of(tmp_path / "p", target(keys), files={"indicators.yaml": apart})
    assert ["「T1」重复" in f and "indicators.yaml:1" in f for f in faults] == [True]


def test_editors_know_the_key() -> None:
    shape = schemas()["plan-fields.schema.json"]["$defs"]
    assert {"indicator", "series"} <= set(shape["Target"]["properties"])
    assert {"lead", "period", "decimals"} <= set(shape["PlainSeries"]["properties"])


def test_a_parent_goal_is_covered_by_its_children(tmp_path: Path) -> None:
    goals = target("kind: at_most, value: 38, series: true") + (
        '  - {id: g0, number: "0", text: 上级目标。}\n'
        '  - {id: g2, number: "2", text: 下级目标。, parent: g0, targets: [{id: T2, label: {zh: 乙}, kind: rising, series: '
        "true}]}\n"
        '  - {id: g3, number: "3", text: 再上一级。}\n'
    )
    goals = goals.replace("id: g0, number", "id: g0, parent: g3, number")
    leads = LEADS + "- {of: g2, lead: health_bureau, evidence: proposal}\n"
    pack, faults = pack_of(tmp_path / "p", goals, leads=leads)
    assert faults == []
    assert coverage(pack).goals == {
        "g1": ["indicator:T1"], "g0": ["indicator:T2"], "g2": ["indicator:T2"], "g3": ["indicator:T2"],
    }  # fmt: skip
