"""Names: one form, readings of surnames, likeness as a clerk would say it, and what is not yet a name."""

from __future__ import annotations

import pytest

from qingmiao.identity.likeness import Likeness, likeness
from qingmiao.identity.names import normal_name, read_name
from qingmiao.identity.readings import initials, sounds


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("张 雨桐", "张雨桐"),
        ("　张\u200b雨桐 ", "张雨桐"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("Ｚｈａｎｇ", "zhang"),
        ("𠮷田𬭚", "𠮷田𬭚"),
        ("閆麗", "閆麗"),
        (None, ""),
    ],
)
def test_one_form_of_a_name(written, normal):
    assert normal_name(written) == normal


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("单雨桐", "shan yu tong"),
        ("仇小明", "qiu xiao ming"),
        ("查良镛", "zha liang yong"),
        ("区志强", "ou zhi qiang"),
        ("解晓东", "xie xiao dong"),
        ("曾国藩", "zeng guo fan"),
        ("尉迟恭", "yu chi gong"),
        ("吕布", "lv bu"),
        ("令狐冲", "ling hu chong"),
    ],
)
def test_surnames_have_readings_of_their_own(name, said):
    read = read_name(name)
    assert sounds(read.tokens, read.surname) == tuple(said.split())


def test_tones_and_initials():
    read = read_name("单雨桐")
    assert sounds(read.tokens, read.surname, tone=True) == ("shan4", "yu3", "tong2")
    assert initials(read.tokens, read.surname) == "syt"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("张雨桐", "张雨桐", Likeness.SAME),
        ("闫丽", "阎丽", Likeness.WRITTEN),
        ("付敏", "傅敏", Likeness.WRITTEN),
        ("肖雨桐", "萧雨桐", Likeness.WRITTEN),
        ("张雨桐", "張雨桐", Likeness.WRITTEN),
        ("张□桐", "张雨桐", Likeness.WRITTEN),
        ("张〇桐", "张雨桐", Likeness.WRITTEN),
        ("张雨桐", "张宇彤", Likeness.SOUND),
        ("张雨桐", "zhang yutong", Likeness.SOUND),
        ("张雨桐", "张yu桐", Likeness.SOUND),
        ("张雨桐", "张yǔ桐", Likeness.SOUND),
        ("李乐", "李越", Likeness.SOUND),
        ("张颖", "张颍", Likeness.SOUND),
        ("张浩宇", "张洁宇", Likeness.FORM),
        ("张雨桐", "张桐雨", Likeness.FORM),
        ("张雨桐", "张雨", Likeness.FORM),
        ("张欣怡", "张兴怡", Likeness.FORM),
        ("阿依古丽·买买提", "阿依古丽", Likeness.FORM),
        ("李雨桐", "张雨桐", Likeness.GIVEN),
        ("张某", "张雨桐", Likeness.SURNAME),
        ("张×", "张雨桐", Likeness.SURNAME),
        ("张", "张雨桐", Likeness.SURNAME),
        ("欧阳", "欧阳娜娜", Likeness.SURNAME),
        ("张雨桐", "张雨辰", Likeness.PARTIAL),
        ("张雨桐", "王浩", Likeness.UNLIKE),
        ("李丽之女", "张雨桐", Likeness.UNKNOWN),
        ("", "张雨桐", Likeness.UNKNOWN),
        ("张雨桐（曾用名：王小丫）", "王小丫", Likeness.SAME),
    ],
)
def test_likeness_is_what_a_clerk_would_say_and_the_same_both_ways(one, other, expected):
    assert likeness(one, other) is expected
    assert likeness(other, one) is expected


@pytest.mark.parametrize(
    ("written", "mother", "sex"),
    [
        ("李丽之女", "李丽", "F"),
        ("李丽之子", "李丽", "M"),
        ("李丽之长子", "李丽", "M"),
        ("李丽之次女", "李丽", "F"),
        ("李丽之大双", "李丽", ""),
        ("李丽小双", "李丽", ""),
        ("李丽的女儿", "李丽", "F"),
        ("李丽之婴", "李丽", ""),
    ],
)
def test_a_newborn_without_a_name_is_known_by_its_mother(written, mother, sex):
    read = read_name(written)
    assert (read.mother, read.sex, read.named) == (mother, sex, False)


@pytest.mark.parametrize("name", ["李子女", "王之涣", "张子", "陈子儿", "李大宝强", "赵婴齐"])
def test_names_that_only_look_like_it_are_names(name):
    assert read_name(name).named


@pytest.mark.parametrize("blank", [None, "", "无", "未取名", "新生儿"])
def test_no_name_is_no_fault(blank):
    assert read_name(blank).tokens == ()
