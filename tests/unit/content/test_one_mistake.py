"""One mistake, one message: each case spoils one thing in a whole pack, and `check` tells exactly that, at its file and
line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from qingmiao.content.check import check_path
from qingmiao.content.kinds import KINDS
from qingmiao.content.messages import FORMS, FORMS_BY_MARK
from qingmiao.content.new_pack import new_pack
from qingmiao.content.schema import schemas
from qingmiao.kernel.errors import Fault, fold, told

Spoil = Callable[[Path], None]
HEALTH = "plan/fields/01-health.yaml"
PLAN = "plan/plan.yaml"
VACCINATION = "indicators/vaccination.yaml"
MORTALITY = "indicators/infant_mortality.yaml"
FACT = "facts/vaccinations.yaml"
RETURN = "returns/mch01.yaml"
AREAS = "areas/areas.yaml"
UNITS = "organisations/organisations.yaml"
LEADS = "leads/leads.yaml"
SEX = "codes/sex.yaml"


def swap(file: str, old: str, new: str) -> Spoil:
    def spoil(root: Path) -> None:
        path = root / file
        text = path.read_text("utf-8")
        assert old in text, f"the starter pack no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")

    return spoil


def add(file: str, more: str) -> Spoil:
    def spoil(root: Path) -> None:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text("utf-8") if path.exists() else "") + more, "utf-8")

    return spoil


def move(file: str, to: str) -> Spoil:
    def spoil(root: Path) -> None:
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        (root / file).rename(root / to)

    return spoil


def recode(file: str, encoding: str) -> Spoil:
    def spoil(root: Path) -> None:
        path = root / file
        path.write_bytes(path.read_text("utf-8").encode(encoding))

    return spoil


def empty(file: str) -> Spoil:
    def spoil(root: Path) -> None:
        (root / file).write_text("", "utf-8")

    return spoil


CASES: dict[str, tuple[Spoil, str, str, str]] = {
    # name: (what is spoilt, file named, text of the line named ("" = the file as a whole), part of the message)
    # keys
    "a key misspelt": (swap(VACCINATION, "decimals:", "decimal:"), VACCINATION, "decimal:", "是不是想写「decimals」"),
    "a needed key misspelt": (swap(VACCINATION, "unit:", "unitt:"), VACCINATION, "unitt:", "是不是想写「unit」"),
    "a needed key in Chinese": (swap(VACCINATION, "unit:", "单位:"), VACCINATION, "单位:", "「unit」"),
    "a needed key in capitals": (swap(VACCINATION, "better:", "Better:"), VACCINATION, "Better:", "「better」"),
    "a needed key in full width": (swap(VACCINATION, "unit:", "ｕｎｉｔ:"), VACCINATION, "ｕｎｉｔ", "「unit」"),
    "a key of another level": (swap(VACCINATION, 'unit: "%"\n', 'source2: {unit: "%"}\n'), VACCINATION, "source2",
        "unit"),
    "a key missing": (swap(VACCINATION, "lead: health_bureau\n", ""), VACCINATION, "id:", "缺少「lead」"),
    "the numerator misspelt": (swap(VACCINATION, "numerator:", "numerater:"), VACCINATION, "numerater", "「numerator」"),
    "an aggregate misspelt": (swap(VACCINATION, "{count: given_date}", "{counts: given_date}"), VACCINATION, "counts",
        "「count」"),
    "a target's number misspelt": (swap(HEALTH, "value: 5.3", "vlaue: 5.3"), HEALTH, "vlaue", "「value」"),
    "a target's number in Chinese": (swap(HEALTH, "value: 5.3", "目标值: 5.3"), HEALTH, "目标值", "「value」"),
    "a key twice": (add(VACCINATION, 'unit: "‰"\n'), VACCINATION, 'unit: "‰"', "重复"),
    "a needed key twice in a target": (swap(HEALTH, "kind: at_most\n", "kind: at_most\n        kind: at_least\n"),
        HEALTH, "kind: at_least", "重复"),
    "a key of the head misspelt": (swap("pack.toml", "version =", "verson ="), "pack.toml", "verson", "version"),
    "a key of the plan misspelt": (swap(PLAN, "start:", "begin:"), PLAN, "begin", "「start」"),
    "a column's key misspelt": (swap(FACT, "{type: date, label: {zh: 接种日期}}", "{typ: date, label: {zh: 接种日期}}"), FACT,
        "typ:", "「type」"),
    "an area's key misspelt": (swap(AREAS, 'level: county}', 'levle: county}'), AREAS, "levle", "「level」"),
    # words
    "a kind in Chinese": (swap(HEALTH, "kind: at_most", "kind: 不高于"), HEALTH, "不高于", "写成 at_most"),
    "a kind by its sign": (swap(HEALTH, "kind: at_most", "kind: ≤"), HEALTH, "≤", "写成 at_most"),
    "a kind misspelt": (swap(HEALTH, "kind: every_area", "kind: every_areas"), HEALTH, "every_areas", "写成 every_area"),
    "a level in Chinese": (swap(AREAS, "level: township", "level: 乡镇"), AREAS, "乡镇", "写成 township"),
    "a county's level in Chinese": (swap(AREAS, "level: county", "level: 县"), AREAS, "level: 县", "写成 county"),
    "a period in Chinese": (swap(RETURN, "period: mch_year", "period: 妇幼卫生年度"), RETURN, "妇幼卫生年度", "写成 mch_year"),
    "what is better in Chinese": (swap(VACCINATION, "better: higher", "better: 越高越好"), VACCINATION, "越高越好",
        "写成 higher"),
    "a unit's kind in Chinese": (swap(UNITS, "kind: department", "kind: 部门"), UNITS, "部门", "写成 department"),
    "a column's type in Chinese": (swap(FACT, "type: date, label: {zh: 接种日期}", "type: 日期, label: {zh: 接种日期}"), FACT,
        "接种日期", "写成 date"),
    "evidence in capitals": (swap(PLAN, "evidence: local", "evidence: LOCAL"), PLAN, "LOCAL", "写成 local"),
    "a qualifier in Chinese": (swap(HEALTH, "[keep]", "[保持]"), HEALTH, "保持", "写成 keep"),
    # types
    "a value with its sign": (swap(HEALTH, "value: 90", 'value: ">=90"'), HEALTH, ">=90", "只写 90"),
    "a value with percent": (swap(HEALTH, "value: 90", "value: 90%"), HEALTH, "90%", "写在 unit"),
    "a value with its unit": (swap(HEALTH, "value: 5.3", "value: 5.3‰"), HEALTH, "5.3‰", "只写 5.3"),
    "a value in quotes": (swap(HEALTH, "value: 90", 'value: "90"'), HEALTH, '"90"', "不加引号：90"),
    "a value in full width": (swap(HEALTH, "value: 90", "value: ９０"), HEALTH, "９０", "90"),
    "a value in words": (swap(HEALTH, "value: 90", "value: 九十"), HEALTH, "九十", "应为数"),
    "a number for a code": (swap(AREAS, 'code: "990001", name', "code: 990001, name"), AREAS, "990001, name",
        '加引号："990001"'),
    "a parent without quotes": (swap(AREAS, 'parent: "990001", attributes: {residence: urban}',
        "parent: 990001, attributes: {residence: urban}"), AREAS, "parent: 990001", "加引号"),
    "a row's code without quotes": (swap(RETURN, 'code: "1"', "code: 1"), RETURN, "code: 1", "加引号"),
    "a name for a label": (swap(UNITS, "label: {zh: 卫生健康局, en: Health bureau}", "label: 卫生健康局"), UNITS, "卫生健康局",
        "{zh: 卫生健康局}"),
    "a truth value in Chinese": (swap(FACT, "dose: {type: text, label: {zh: 疫苗与剂次}, required: true}",
        "dose: {type: text, label: {zh: 疫苗与剂次}, required: 是}"), FACT, "required: 是", "写成 true"),
    "a date in Chinese": (swap(LEADS, "valid_from: 2021-01-01, evidence", "valid_from: 2021年1月1日, evidence"), LEADS,
        "2021年1月1日", "写成 2021-01-01"),
    "a date with slashes": (swap(LEADS, "valid_from: 2021-01-01, evidence", "valid_from: 2021/1/1, evidence"), LEADS,
        "2021/1/1", "写成 2021-01-01"),
    "a day that is none": (swap(LEADS, "valid_from: 2021-01-01, evidence", "valid_from: 2021-02-30, evidence"), LEADS,
        "2021-02-30", "日期"),
    "a year as text": (swap(PLAN, "start: 2021", "start: 二〇二一"), PLAN, "二〇二一", "整数"),
    "a text for a list": (swap(VACCINATION, "implements: [T02]", "implements: T02"), VACCINATION, "implements: T02",
        "[T02]"),
    "a text for an aggregate": (swap(VACCINATION, "numerator: {count: given_date}", "numerator: given_date"),
        VACCINATION, "numerator", "键值对"),
    "a map for a list": (swap(RETURN, "columns:\n  - {code", "columns:\n  {code"), RETURN, "columns:", "列表"),
    "a fraction for a whole number": (swap(VACCINATION, "decimals: 1", "decimals: 1.5"), VACCINATION, "1.5", "整数"),
    "a number out of range": (swap(VACCINATION, "decimals: 1", "decimals: 9"), VACCINATION, "decimals: 9", "不大于 6"),
    "an empty value": (swap(VACCINATION, 'unit: "%"', "unit:"), VACCINATION, "unit:", "文字"),
    # form of the file
    "a tab": (swap(HEALTH, "        kind: at_most", "\tkind: at_most"), HEALTH, "\tkind", "Tab"),
    "a bad indent": (swap(HEALTH, "        kind: at_most", "       kind: at_most"), HEALTH, "kind: at_most", "缩进"),
    "an indent too deep": (swap(VACCINATION, "better: higher", "  better: higher"), VACCINATION, "better", "冒号"),
    "a full-width colon": (swap(VACCINATION, "better: higher", "better：higher"), VACCINATION, "better：", "全角冒号"),
    "a full-width colon in braces": (swap(SEX, "{code: M,", "{code：M,"), SEX, "code：M", "「code」"),
    "a full-width comma in brackets": (swap(VACCINATION, "[county, township]", "[county，township]"), VACCINATION,
        "county，township", "county"),
    "a bracket left open": (swap(VACCINATION, "by: [sex]", "by: [sex"), VACCINATION, "", "配对"),
    "a quote left open": (swap(VACCINATION, 'unit: "%"', 'unit: "%'), VACCINATION, "", "引号"),
    "no space behind the colon": (swap(VACCINATION, "better: higher", "better:higher"), VACCINATION, "", "冒号"),
    "a file in GBK": (recode(UNITS, "gb18030"), UNITS, "卫生", "UTF-8"),
    "a plan's file in GBK": (recode(HEALTH, "gb18030"), HEALTH, "领域", "UTF-8"),
    "an empty file": (empty(UNITS), UNITS, "", "空"),
    "an empty code list": (empty(SEX), SEX, "", "空"),
    "an empty plan": (empty(HEALTH), HEALTH, "", "空"),
    "a sentence for a file": (lambda r: (r / SEX).write_text("性别：男、女\n", "utf-8") and None, SEX, "性别", "键值对"),
    "two documents": (add(SEX, "---\nid: x\n"), SEX, "---", "---"),
    # names and places
    "a file of another suffix": (move(VACCINATION, "indicators/vaccination.yaml.txt"),
        "indicators/vaccination.yaml.txt", "", ".yaml"),
    "a plan's file of another suffix": (move(HEALTH, "plan/fields/01-health.doc"), "plan/fields/01-health.doc", "",
        ".yaml"),
    "a plan by another name": (move(PLAN, "plan/plans.yaml"), "plan/plans.yaml", "", "plan/plan.yaml"),
    "a folder misspelt": (move("indicators", "indicator"), "indicator", "", "「indicators」"),
    "a folder in capitals": (move("indicators", "Indicators"), "Indicators", "", "「indicators」"),
    "a folder of the plan misspelt": (move("plan/fields", "plan/field"), "plan/field", "", "「plan/fields」"),
    "a folder in Chinese": (move("organisations", "单位"), "单位", "", "organisations"),
    "a file in the wrong folder": (move(VACCINATION, "facts/vaccination.yaml"), "facts/vaccination.yaml", "id:",
        "像是指标"),
    "a fact among the indicators": (move(FACT, "indicators/vaccinations.yaml"), "indicators/vaccinations.yaml", "id:",
        "像是事实表"),
    "a table beside the pack's files": (add("series.csv", "indicator,area,year,value\n"), "series.csv", "", "不认识的文件"),
    "a table among the content": (add("indicators/series.csv", "a\n"), "indicators/series.csv", "", "不认识的文件"),
    "a head by another name": (move("pack.toml", "Pack.toml"), "pack.toml", "", "没有 pack.toml"),
    # references
    "a target misspelt": (swap(VACCINATION, "[T02]", "[T2]"), VACCINATION, "[T2]", "「T02」"),
    "a unit misspelt": (swap(VACCINATION, "lead: health_bureau", "lead: health_buro"), VACCINATION, "health_buro",
        "「health_bureau」"),
    "a unit by its name": (swap(VACCINATION, "lead: health_bureau", "lead: 卫生健康局"), VACCINATION, "卫生健康局",
        "health_bureau"),
    "an area by its name": (swap(PLAN, 'area: "990001"', "area: 示例县"), PLAN, "示例县", "「990001」"),
    "a township under another": (swap(AREAS, 'parent: "990001", attributes: {residence: rural}',
        'parent: "990001101", attributes: {residence: rural}'), AREAS, "乙乡", "不高于"),
    "a fact misspelt": (swap(VACCINATION, "from: vaccinations", "from: vaccination"), VACCINATION, "from: vaccination",
        "「vaccinations」"),
    "a unit's id changed where it stands": (swap(UNITS, "id: health_bureau", "id: health_buro"), UNITS, "health_buro",
        "health_bureau"),
    "an area's code changed where it stands": (swap(AREAS, 'code: "990001", name', 'code: "990002", name'), AREAS,
        "990002", "990001"),
    "a target's id changed where it stands": (swap(HEALTH, "id: T02", "id: T20"), VACCINATION, "T02", "T20"),
    "a fact's id changed where it stands": (swap(FACT, "id: vaccinations", "id: vaccination"), VACCINATION,
        "from: vaccinations", "vaccination"),
    "a return's id changed where it stands": (swap(RETURN, "id: MCH01", "id: MCH1"), MORTALITY, "MCH01", "MCH1"),
    "a code list's id changed where it stands": (swap(SEX, "id: sex", "id: sexes"), FACT, "codes: sex", "sexes"),
    "a goal's id changed where it stands": (swap(HEALTH, "id: health.g2", "id: health.g3"), LEADS, "health.g2",
        "health.g3"),
    "a target's id twice": (swap(HEALTH, "id: T02", "id: T01"), HEALTH, "id: T01", "重复"),
    "an area twice": (swap(AREAS, '"990001201"', '"990001101"'), AREAS, "乙乡", "重复"),
    "a row twice": (swap(RETURN, 'code: "02"', 'code: "01"'), RETURN, "id: MCH01", "重复"),
    "a unit of measure that differs": (swap(HEALTH, 'unit: "‰"', 'unit: "%"'), HEALTH, 'unit: "%"', "单位"),
    "a full-width percent sign": (swap(VACCINATION, 'unit: "%"', 'unit: "％"'), VACCINATION, "％", "%"),
    "a column misspelt": (swap(VACCINATION, "count: given_date", "count: given_day"), VACCINATION, "given_day",
        "「given_date」"),
    "full-width brackets in an expression": (swap(FACT, '"given_date >= due_date"', '"（given_date >= due_date）"'), FACT,
        "（given", "半角"),
    "a pack that extends nothing": (swap("pack.toml", "extends = []", 'extends = ["../nowhere"]'), "pack.toml",
        "extends = [", "pack.toml"),
    "a word without quotes in the head": (swap("pack.toml", 'version = "0.1.0"', "version = 版本一"), "pack.toml", "版本一",
        "TOML"),
}  # fmt: skip

ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}")
MACHINE = re.compile(r"None|Traceback|Input should|\^\[|\\d|\\S|\(\?|TypeError|ValueError|constrained|'[a-z_]+' or ")


def words(fault: Fault) -> str:
    """The words of a message without what the file itself said."""
    return re.sub(r"「[^」]*」", "", f"{fault.message} {fault.hint}")


@pytest.mark.parametrize("name", CASES)
def test_one_mistake_is_told_once_at_its_place(name: str, tmp_path: Path) -> None:
    spoil, file, line, part = CASES[name]
    root = tmp_path / "pack"
    new_pack(root)
    assert check_path(root)[1] == []
    spoil(root)
    faults = check_path(root)[1]
    assert len(fold(faults)) == 1, told(faults)
    first = fold(faults)[0][0]
    assert first.file.endswith("/pack/" + file), first
    assert part in str(first), first
    if line:
        path = root / file
        text = path.read_bytes().decode("gb18030" if "GBK" in name else "utf-8").splitlines()
        assert first.line, first
        assert line in text[first.line - 1], (first, text[first.line - 1])
    assert not MACHINE.search(str(first)), first
    assert not ENGLISH.search(words(first)), first


def test_many_equal_faults_are_folded_with_their_count_and_first_places(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    rows = "".join(f'- {{code: "9900012{n:02d}", name: 乡{n}, level: 乡, parent: "990001"}}\n' for n in range(40))
    add(AREAS, rows)(root)
    faults = check_path(root)[1]
    assert len(faults) == 40
    lines = told(faults)
    assert len(lines) == 2
    assert "同样的问题还有 39 处" in lines[1]
    assert re.search(r"第 6 行、第 7 行.*……", lines[1])


def test_two_mistakes_are_two_messages(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    new_pack(root)
    swap(HEALTH, "kind: at_most", "kind: 不高于")(root)
    swap(RETURN, "period: mch_year", "period: 妇幼")(root)
    assert len(fold(check_path(root)[1])) == 2


def test_every_kind_of_content_has_its_name_and_every_pattern_its_words() -> None:
    """So that no message shows a folder's English or a regular expression."""
    assert all(kind.title and kind.title_en for kind in KINDS.values())
    patterns = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(schemas())))
    assert len(patterns) >= 4
    for written in patterns:
        pattern = json.loads(written)
        assert pattern in FORMS or any(mark in pattern for mark in FORMS_BY_MARK), pattern
