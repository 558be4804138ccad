"""What the county's pack must hold beyond its plan: indicators that decide every target, cases, sources, honest
links."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from qingmiao.content import Pack
from qingmiao.content.base import EvidenceMark
from qingmiao.content.check import check_path
from qingmiao.content.coverage import coverage
from qingmiao.content.outcomes import TABLE as OUTCOMES
from qingmiao.content.plan import TargetKind

CONTENT = Path(__file__).resolve().parents[2] / "content"
PACKS = ("china", "xiangning")

LOWER = {TargetKind.AT_MOST, TargetKind.REDUCE_BY, TargetKind.FALLING, TargetKind.CONTAINED}
HIGHER = {TargetKind.AT_LEAST, TargetKind.RISING, TargetKind.INCREASE_BY, TargetKind.COUNT_AT_LEAST}

COMPOSITE = {
    "T05": 3,  # newborn, infant, under five
    "T09": 2,  # overweight, obesity
    "T11": 2,  # children, carers
    "T24": 2,  # deaths, disabilities
    "T27": 3,  # occurrence, disability, death
    "T28": 2,  # confirmed, reported by pupils
    "T38": 3,  # town and country, townships, groups
    "T39": 2,  # pupils, kindergarten children
    "T45": 2,  # places, use
    "T49": 2,  # the public, minors
}
"""Targets that name several things; every other target is decided by one indicator."""


@pytest.fixture(scope="module")
def pack() -> Pack:
    loaded, faults = check_path(CONTENT / "xiangning")
    assert [str(f) for f in faults] == []
    assert loaded is not None
    return loaded


def test_the_shared_pack_is_whole_by_itself() -> None:
    _, faults = check_path(CONTENT / "china")
    assert [str(f) for f in faults] == []


def test_every_target_is_decided_by_as_many_indicators_as_it_names_things(pack: Pack) -> None:
    deciding = Counter(t for i in pack.indicators.values() for t in i.implements)
    assert dict(deciding) == {t: COMPOSITE.get(t, 1) for t in pack.targets}


def test_better_agrees_with_what_the_target_asks(pack: Pack) -> None:
    wrong = []
    for indicator in pack.indicators.values():
        for target in indicator.implements:
            kind = pack.targets[target].kind
            if (kind in LOWER and indicator.better != "lower") or (kind in HIGHER and indicator.better != "higher"):
                wrong.append((indicator.id, target, kind.value))
    assert wrong == []


def test_units_of_indicator_target_and_comparison_are_the_same(pack: Pack) -> None:
    units = {(r.series, r.area): r.unit for r in pack.references}
    wrong = []
    for indicator in pack.indicators.values():
        for target in indicator.implements:
            if pack.targets[target].unit not in ("", indicator.unit):
                wrong.append((indicator.id, target))
        for comparison in indicator.comparisons:
            if units[comparison.series, comparison.area] != indicator.unit:
                wrong.append((indicator.id, comparison.series))
    assert wrong == []


def test_every_indicator_has_its_case_and_every_case_its_indicator(pack: Pack) -> None:
    cases = {}
    for name in PACKS:
        for path in sorted((CONTENT / name / "tests").glob("*.yaml")):
            case = yaml.safe_load(path.read_text("utf-8"))
            assert case["indicator"] == path.stem
            assert case["expect"]
            cases[path.stem] = case
    # those of outcomes are made by one rule and tried all together (test_outcome_indicators)
    assert set(cases) == {i for i, one in pack.indicators.items() if one.sources != (OUTCOMES,)}


def test_every_indicator_that_turns_to_cases_or_registers_has_a_case_on_both_sides_of_the_year(pack: Pack) -> None:
    """Every one of them, not a sample: nothing of cases before the year of `policy.yaml`, all of them from it on."""
    wanted = {
        i.id for i in pack.indicators.values() if i.definitions[-1].since_programme or i.definitions[-1].since_registers
    }  # fmt: skip
    assert len(wanted) > 40
    told = {}
    for path in sorted((CONTENT / "xiangning/tests/switched").glob("*.yaml")):
        case = yaml.safe_load(path.read_text("utf-8"))
        told[case["indicator"]] = {(e["year"], e.get("definition_version"), e["value"] is None) for e in case["expect"]}
    assert {i for i in wanted if told.get(i) != {(2025, None, True), (2026, 2, False)}} == set()


def test_nothing_without_an_official_text_claims_to_be_official(pack: Pack) -> None:
    """A definition that we propose or set locally names the plan or says what it follows; official ones name the plan's
    clause."""
    for indicator in pack.indicators.values():
        if indicator.source.evidence is EvidenceMark.OFFICIAL:
            assert pack.plan is not None
            assert indicator.source.document == f"《{pack.plan.title}（征求意见稿）》"
            assert indicator.source.place
        assert indicator.formula


def test_leads_are_proposals_unless_the_plan_names_the_unit(pack: Pack) -> None:
    named = {lead.of for lead in pack.leads if lead.evidence is EvidenceMark.OFFICIAL}
    assert named == {"health.m13", "law.m3", "law.m7"}
    assert all(lead.evidence is EvidenceMark.PROPOSAL or lead.document.startswith("乡宁县") for lead in pack.leads)


def test_due_dates_and_pass_scores_are_marked_as_local_settings(pack: Pack) -> None:
    assert all(r.due.source is not None for r in pack.returns.values())
    assert {r.due.source.evidence for r in pack.returns.values() if r.due.source} == {EvidenceMark.LOCAL}
    for form in pack.forms.values():
        if form.pass_score is not None:
            assert "本地设定" in form.note


def test_every_questionnaire_adds_up_to_a_hundred_points(pack: Pack) -> None:
    for form in pack.forms.values():
        if form.pass_score is None:
            continue
        assert sum(f.score for f in form.all_fields()) == pytest.approx(100)


def test_what_the_plan_asks_is_served_but_for_what_no_content_here_does(pack: Pack) -> None:
    served = coverage(pack)
    assert [k for found in (served.targets, served.goals) for k, v in found.items() if not v] == []
    nothing = {group: [k for k, v in getattr(served, group).items() if not v.all] for group in ("measures", "systems")}
    # DNA data of abducted children: for the police alone, by the plan's words
    assert nothing == {"measures": [], "systems": ["S129"]}


def test_few_systems_are_operated_yet_and_each_where_the_site_does_it(pack: Pack) -> None:
    """Measured is not operated: README gives the number."""
    operated = {k for k, v in coverage(pack).systems.items() if v.operated}
    assert {"S135", "S137", "S143", "S145"} <= operated
    readme = (CONTENT.parent / "README.md").read_text("utf-8")
    measures = sum(bool(v.operated) for v in coverage(pack).measures.values())
    said = f"150 项制度机制里有监测的 149 项、有办理的 {len(operated)} 项，87 项策略措施里有办理的 {measures} 项"
    assert said in readme
    assert coverage(pack).systems["S141"].operated == ["document:study"]
