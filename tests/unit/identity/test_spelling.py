"""How Chinese words are typed in Latin letters, and what is heard when somebody does."""

from __future__ import annotations

import re
import time

import pytest

from qingmiao.identity.spelling import LONGEST, chinese_parts, heard_as, sounds_in, spelled


def test_every_way_in_which_a_word_reads() -> None:
    assert set(spelled("单县")) == {"danxian", "shanxian", "chanxian"}
    assert {"lv", "lu"} <= set(spelled("绿"))
    assert list(spelled("A字")) == ["Azi"]
    assert list(spelled("。字")) == []
    assert chinese_parts("演示·卫健局 A局") == ["演示", "卫健局"]


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("shuanghe", "双鹤乡人民政府"),
        ("ShuangHe", "双鹤乡"),
        ("shuangh", "双鹤乡"),
        ("shx", "双鹤乡"),
        ("changningzhe", "昌宁镇"),
        ("hexiang", "双鹤乡"),
        ("he", "双鹤乡"),
        ("xian", "西安"),
        ("xi'an", "西安"),
        ("xian", "县城"),
        ("lvliang", "吕梁市"),
        ("luliang", "吕梁市"),
        ("lüliang", "吕梁市"),
        ("zhongqing", "重庆"),
        ("chongqing", "重庆"),
        ("ww", "王伟"),
        ("zhangyue", "张玥"),
    ],
)
def test_words_that_are_meant(letters: str, text: str) -> None:
    assert sounds_in(letters, text)


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("shx", "双鹤"),
        ("ww", "王伟明"),
        ("sh", "双鹤乡"),
        ("s", "双"),
        ("heshuang", "双鹤乡"),
        ("imr", "婴儿死亡率"),
        ("ngng", "嗯嗯"),
        ("shuang1", "双"),
        ("双he", "双鹤"),
        ("", "双鹤乡"),
        (".*", "双鹤乡"),
    ],
)
def test_words_that_are_not(letters: str, text: str) -> None:
    assert not sounds_in(letters, text)


@pytest.mark.parametrize("letters", ["xian" * 6, "a" * LONGEST, "yi" * 12, "xiangeng" * 3])
def test_no_letters_make_an_expression_without_bound(letters: str) -> None:
    began = time.process_time()
    found = heard_as(letters)
    assert len(found) < 60_000
    assert re.compile(found)
    assert time.process_time() - began < 10
    assert heard_as(letters + "xian") == ""
