"""No space after Chinese punctuation; English keeps the one that it needs."""

from __future__ import annotations

import pytest
from django.template import Context, Engine

from qingmiao.site.web.ui.language import CURRENT

TAGS = "qingmiao.site.web.ui.templatetags.ui"
ENGINE = Engine(libraries={"ui": TAGS}, builtins=[TAGS])


@pytest.mark.parametrize(
    ("template", "zh", "en"),
    [
        ('{% t "一；" "one;" %}\n{% t "二" "two" %}', "一；二", "one; two"),
        ('{% t "重新计算，" "computed," %} {{ n }} {% t "个" "of them" %}', "重新计算，7 个", "computed, 7 of them"),
        ('{% t "一；" "one;" %}<b>', "一；<b>", "one;<b>"),
        ('{% t "一" "one" %} {% t "二" "two" %}', "一 二", "one two"),
        ('{% t "一。" "One." as told %} {{ told }}', " 一。", " One."),
    ],
)
def test_a_chinese_text_that_ends_tight_takes_no_space(template: str, zh: str, en: str) -> None:
    made = ENGINE.from_string(template)
    for language, told in (("zh", zh), ("en", en)):
        token = CURRENT.set(language)
        try:
            assert made.render(Context({"n": 7})) == told
        finally:
            CURRENT.reset(token)
