"""Every kind of fault in a pack has a small bad file here: the starter pack with one thing changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.content.check import check_path
from qingmiao.content.new_pack import new_pack

Edit = Callable[[str], str]
HEALTH = "plan/fields/01-health.yaml"
VACCINATION = "indicators/vaccination.yaml"
MORTALITY = "indicators/infant_mortality.yaml"


def swap(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text, f"the starter pack no longer holds {old!r}"
        return text.replace(old, new, 1)

    return edit


def add(more: str) -> Edit:
    return lambda text: text + more


def whole(new: str) -> Edit:
    return lambda _: new


CASES: dict[str, tuple[str, Edit, str, str]] = {
    # name: (file, edit, code of the fault, part of message or hint)
    "duplicate key": (VACCINATION, add("unit: 人\n"), "duplicate_key", "unit"),
    "unknown key": (VACCINATION, swap("decimals:", "decimal:"), "unknown_key", "decimals"),
    "missing key": (VACCINATION, swap("lead: health_bureau\n", ""), "missing_key", "lead"),
    "wrong type": (VACCINATION, swap("decimals: 1", "decimals: 一位"), "wrong_type", "整数"),
    "wrong value": (VACCINATION, swap("better: higher", "better: up"), "wrong_value", "higher"),
    "out of range": (VACCINATION, swap("decimals: 1", "decimals: 9"), "out_of_range", "6"),
    "unknown column": (VACCINATION, swap("count: given_date", "count: given_day"), "unknown_column", "given_date"),
    "unknown column in an expression": (
        VACCINATION, swap('{count: "*"}', '{count: "*", where: "doze = \'MMR1\'"}'), "expression", "dose"),
    "an expression of another type": (
        VACCINATION, swap('{count: "*"}', '{count: "*", where: "dose"}'), "wrong_type", "应为真假，却是文字"),
    "a statement instead of an expression": (
        VACCINATION, swap('{count: "*"}', '{count: "*", where: "(select 1)"}'), "expression", "不允许这种写法：「(SELECT 1)」"),
    "dangling fact": (VACCINATION, swap("from: vaccinations", "from: vaccination"), "dangling_id", "vaccinations"),
    "dangling target": (VACCINATION, swap("[T02]", "[T99]"), "dangling_id", "T99"),
    "dangling lead": (VACCINATION, swap("lead: health_bureau", "lead: health_buro"), "dangling_id", "health_bureau"),
    "dangling return": (MORTALITY, swap("return:MCH01", "return:MCH02"), "dangling_id", "MCH01"),
    "unknown cell": (MORTALITY, swap('["02.1"]', '["03.1"]'), "unknown_cell", "03.1"),
    "dangling breakdown": (VACCINATION, swap("by: [sex]", "by: [sexes]"), "unknown_column", "sex"),
    "survey without form": (VACCINATION, add("nature: survey\n"), "missing_key", "form"),
    "target without indicator": (VACCINATION, swap("implements: [T02]", "implements: []"), "target_without_indicator",
        "T02"),
    "target without number": (HEALTH, swap("        value: 5.3\n", ""), "wrong_value", "value"),
    "a target's number of the wrong kind": (HEALTH, swap("value: 5.3", "cut: 20%"), "wrong_value", "at_most"),
    "about without tolerance": (HEALTH, swap("qualifiers: [keep]", "qualifiers: [about]"), "wrong_value", "tolerance"),
    "milestones out of order": (
        HEALTH, swap("value: 5.3\n",
            "value: 5.3\n        milestones: [{year: 2024, value: 5.4}, {year: 2022, value: 5.8}]\n"),
        "wrong_value", "从小到大"),
    "a milestone before the plan": (
        HEALTH, swap("value: 5.3\n", "value: 5.3\n        milestones: [{year: 1992, value: 5.4}]\n"), "out_of_range",
        "1992"),
    "every year beside milestones": (
        HEALTH, swap("kind: at_most\n        value: 5.3\n",
                     "kind: reduce_by\n        points: 2\n        per_year: true\n"
                     "        milestones: [{year: 2022, points: 1}]\n"),
        "wrong_value", "累计"),
    "a cut without its percent sign": (
        HEALTH, swap("kind: at_most\n        value: 5.3", "kind: reduce_by\n        cut: 20"), "wrong_value", "百分号"),
    "a cut and points": (
        HEALTH, swap("kind: at_most\n        value: 5.3", "kind: reduce_by\n        cut: 20%\n        points: 2"),
        "wrong_value", "只能写一个"),
    "a baseline of years out of order": (
        HEALTH, swap("value: 5.3", "value: 5.3\n        baseline: {years: [2020, 2018]}"), "wrong_value", "从小到大"),
    "a baseline without a year": (HEALTH, swap("value: 5.3", "value: 5.3\n        baseline: {value: 6}"), "wrong_value",
        "years"),
    "a unit that is not the indicator's": (HEALTH, swap('unit: "‰"', 'unit: "%"'), "wrong_value", "‰"),
    "a group that the indicator does not have": (
        HEALTH, swap("value: 5.3", "value: 5.3\n        strata: [{by: residence, code: town, value: 5}]"),
        "dangling_id", "residence"),
    "a group twice": (
        HEALTH, swap("value: 5.3",
            "value: 5.3\n        strata: [{by: sex, code: M, value: 5}, {by: sex, code: M, value: 6}]"),
        "wrong_value", "milestones"),
    "areas by an attribute that none has": (
        HEALTH, swap("value: 90", "strata: [{by: kind, code: town, value: 90}]"), "dangling_id", "attributes"),
    "areas without a bar": (HEALTH, swap("value: 90", "strata: [{by: kind, code: town, value: 90}]"), "missing_key",
        "没有适用的目标值"),
    "a level that the indicator does not compute": (
        VACCINATION, swap("levels: [county, township]", "levels: [county]"), "wrong_value", "levels"),
    "duplicate id": (HEALTH, swap("id: T02", "id: T01"), "duplicate_id", "T01"),
    "goal's parent missing": (HEALTH, swap('number: "2"', 'number: "2"\n    parent: health.g9'), "dangling_id",
        "health.g9"),
    "area's parent missing": ("areas/areas.yaml", swap('parent: "990001"', 'parent: "990009"'), "dangling_id",
        "990009"),
    "plan's area missing": ("plan/plan.yaml", swap('"990001"', '"990002"'), "dangling_id", "990002"),
    "years turned round": ("plan/plan.yaml", swap("end: 2025", "end: 2015"), "wrong_value", "早于"),
    "gap in a dated lead": (
        "leads/leads.yaml",
        whole("- {of: health.g1, lead: health_bureau, valid_to: 2021-12-31, evidence: proposal}\n"
              "- {of: health.g1, lead: health_bureau, valid_from: 2022-03-01, evidence: proposal}\n"),
        "date_gap", "空档"),
    "overlap in a dated lead": (
        "leads/leads.yaml",
        whole("- {of: health.g1, lead: health_bureau, valid_to: 2022-12-31, evidence: proposal}\n"
              "- {of: health.g1, lead: health_bureau, valid_from: 2022-03-01, evidence: proposal}\n"),
        "date_gap", "重叠"),
    "gap in dated definitions": (
        MORTALITY,
        swap('from: return:MCH01\nnumerator: {cells: ["02.1"]}\ndenominator: {cells: ["01.1"]}\n',
             "definitions:\n"
             '  - {version: 1, last_year: 2021, from: "return:MCH01", numerator: {cells: ["02.1"]}}\n'
             '  - {version: 2, first_year: 2023, from: "return:MCH01", numerator: {cells: ["02.1"]}}\n'),
        "wrong_value", "空档"),
    "unknown code list": ("facts/vaccinations.yaml", swap("codes: sex", "codes: sexes"), "dangling_id", "sex"),
    "key that is no column": ("facts/vaccinations.yaml", swap("key: [child_id, dose]", "key: [child, dose]"),
        "wrong_value", "child"),
    "unknown norm": (
        "facts/vaccinations.yaml",
        swap("checks:", "derived:\n  tall: {type: boolean, label: {zh: 高}, scored: {norm: growth.tall, output: x}}\n"
                        "checks:"),
        "dangling_id", "growth.tall"),
    "check that is no condition": ("facts/vaccinations.yaml",
        swap('"given_date >= due_date"', '"age_days(due_date, given_date)"'), "wrong_type", "应为真假"),
    "rule over a cell that is not there": ("returns/mch01.yaml", swap("[02.1] <= [01.1]", "[09.1] <= [01.1]"),
        "unknown_cell", "09.1"),
    "rule that is no condition": ("returns/mch01.yaml", swap("[02.1] <= [01.1]", "[02.1] + [01.1]"), "wrong_type",
        "应为真假，却是数"),
    "row code twice": ("returns/mch01.yaml", swap('code: "02"', 'code: "01"'), "wrong_value", "重复"),
    "YAML that cannot be read": (VACCINATION, add("a: [1\n"), "yaml_syntax", "YAML"),
    "a file in GBK": (VACCINATION, add(""), "encoding", "UTF-8"),
    "an empty file": (VACCINATION, whole("\n"), "empty_file", "空"),
    "a folder that nothing reads": ("notes/x.yaml", whole("a: 1\n"), "unknown_folder", "indicators"),
    "a head without id": ("pack.toml", swap("id =", "ident ="), "missing_key", "id"),
    "a pack that extends nothing": ("pack.toml", swap("extends = []", 'extends = ["../nowhere"]'), "no_pack",
        "pack.toml"),
}  # fmt: skip


def bad_pack(folder: Path, file: str, edit: Edit, *, encoding: str = "utf-8") -> Path:
    root = folder / "pack"
    new_pack(root)
    path = root / file
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(edit(path.read_text("utf-8") if path.exists() else "").encode(encoding))
    return root


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_fault_is_found_with_its_file(name: str, tmp_path: Path) -> None:
    file, edit, code, part = CASES[name]
    root = bad_pack(tmp_path, file, edit, encoding="gbk" if "GBK" in name else "utf-8")
    _, faults = check_path(root)
    found = [f for f in faults if f.code == code]
    assert found, f"no {code} among: {[str(f) for f in faults]}"
    assert any(part in str(f) for f in found)
    elsewhere = (
        "a pack that extends nothing",
        "target without indicator",
        "a level that the indicator does not compute",
    )
    if name not in elsewhere:
        assert any(Path(f.file).as_posix().split("/pack/")[-1].startswith(file.split("/")[0]) for f in found)


def test_all_faults_come_in_one_go(tmp_path: Path) -> None:
    root = bad_pack(tmp_path, VACCINATION, swap("decimals: 1", "decimals: 9"))
    leads = root / "leads/leads.yaml"
    leads.write_text(leads.read_text("utf-8").replace("health.g1", "health.g7"), "utf-8")
    codes = {f.code for f in check_path(root)[1]}
    assert {"out_of_range", "dangling_id"} == codes, "the target that the broken indicator serves is no second fault"


def test_the_line_is_the_line_of_the_fault(tmp_path: Path) -> None:
    root = bad_pack(tmp_path, VACCINATION, swap("count: given_date", "count: given_day"))
    text = (root / VACCINATION).read_text("utf-8").splitlines()
    fault = next(f for f in check_path(root)[1] if f.code == "unknown_column")
    assert "given_day" in text[fault.line - 1]


def test_check_exits_2_for_a_bad_pack_and_0_for_a_whole_one(tmp_path: Path) -> None:
    new_pack(tmp_path / "good")
    assert CliRunner().invoke(main, ["check", str(tmp_path / "good")]).exit_code == 0
    root = bad_pack(tmp_path, VACCINATION, swap("decimals: 1", "decimals: 9"))
    result = CliRunner().invoke(main, ["check", "--json", str(root)])
    assert result.exit_code == 2
    assert json.loads(result.stdout)[0]["code"] == "out_of_range"


def test_a_pack_is_not_started_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("mine")
    result = CliRunner().invoke(main, ["new-pack", str(tmp_path)])
    assert result.exit_code == 2
    assert (tmp_path / "x.txt").read_text() == "mine"
