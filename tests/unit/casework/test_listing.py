"""Many cases from one list: what a list may say, which rows are of one case, what `each_of` may name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from programme_scripts import ROOT, china, ready

from qingmiao.casework.listing import lacking, list_form, same_as, shared_form
from qingmiao.casework.naming import naming_field
from qingmiao.content.check_each_of import check_each_of
from qingmiao.content.load import read_pack
from qingmiao.content.programme_forms import blocks_of, case_fields
from qingmiao.content.programmes import Programme

GOOD = {"entries": "schools", "kinds": ["primary"], "fields": {"school_name": "name", "school_place": "area"}}
WRONG: tuple[tuple[Mapping[str, Any], str], ...] = (
    (GOOD | {"entries": "school"}, "没有登记册「school」"),
    (GOOD | {"entries": "school_staff"}, "登记的是人员"),
    (GOOD | {"kinds": ["university"]}, "没有类别「university」"),
    (GOOD | {"fields": {"school": "name"}}, "没有字段「school」"),
    (GOOD | {"fields": {"grade": "kind"}}, "不是人工受理时填的"),
    (GOOD | {"fields": {"school_name": "title"}}, "没有字段「title」"),
)


def faults(each: Mapping[str, Any], **more: Any) -> list[str]:
    """What is wrong with the review of schools when it names this."""
    said = ready("quality_review").programme.model_dump(by_alias=True, mode="json") | {"each_of": each} | more
    one = Programme.model_validate(said)
    return [f.message for f in check_each_of(china(), one, case_fields(one, blocks_of(china())))]


def test_each_of_names_what_is_there_and_what_is_asked() -> None:
    assert faults(GOOD) == []
    assert any("没有写 same" in m for m in faults(GOOD, same=None))


@pytest.mark.parametrize(("each", "said"), WRONG)
def test_what_each_of_cannot_name_is_told(each: Mapping[str, Any], said: str) -> None:
    assert any(said in m for m in faults(each)), faults(each)


def test_check_of_a_pack_finds_a_wrong_each_of(tmp_path: Path) -> None:
    text = (ROOT / "content/china/programmes/quality_review.yaml").read_text("utf-8")
    (tmp_path / "programmes").mkdir()
    wrong = text.replace("entries: schools", "entries: no_such").replace("id: quality_review", "id: county_review")
    (tmp_path / "programmes/county_review.yaml").write_text(wrong.replace("card: S02\n", ""), "utf-8")
    head = f'id = "county"\ntitle = "演示县"\nversion = "1"\nextends = ["{(ROOT / "content/china").as_posix()}"]\n'
    (tmp_path / "pack.toml").write_text(head, "utf-8")
    from qingmiao.content.check import check_pack

    pack, found = read_pack(tmp_path)
    every = [*found, *(check_pack(pack) if pack is not None else [])]
    told = [f.message for f in every if "county_review.yaml" in (f.file or "")]
    assert "没有登记册「no_such」" in told


def test_a_list_says_what_a_cell_can_hold_and_the_rest_is_said_once_for_all() -> None:
    one = ready("dropout")
    first = one.programme.step("compared", "")
    assert first is not None
    whole, shared = list_form(one, first), shared_form(one, first)
    assert whole is not None
    assert shared is not None
    names = {f.id for f in whole.fields}
    assert {"child_name", "compare_result", "compared_on"} <= names
    assert "child_id_number" not in names, "a restricted group is in no list"
    assert {f.id for f in shared.fields} & {"child_name", "child_sex", "child_birth_date", "child_place"} == set()
    assert "compare_result" in {f.id for f in shared.fields}
    assert not any(f.field.always_required for f in shared.fields), "a row may say it itself"


def test_two_rows_are_of_one_case_when_all_that_the_rule_names_is_known_and_equal() -> None:
    one = ready("dropout")
    row = {"child_name": "演示甲", "child_birth_date": date(2014, 5, 1)}
    there = [(7, row | {"child_birth_date": date(2014, 5, 2)}), (8, dict(row)), (9, dict(row))]
    assert same_as(one, row, there) == 8
    assert same_as(one, row, there[:1]) == 0
    assert same_as(one, {"child_name": "演示甲"}, there) == 0
    assert lacking(one, {"child_name": "演示甲"}) == ["child_birth_date"]


def test_cases_without_a_child_are_called_by_a_text_and_those_about_people_by_none() -> None:
    assert naming_field(ready("quality_review")) == "school_name"
    assert naming_field(ready("water_sampling")) == "point_name"
    assert naming_field(ready("dropout")) is None
