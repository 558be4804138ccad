"""What counts as a real explanation of a broken query rule: it says something that the rule and the stock phrases do
not."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from qingmiao.kernel.decisions import YES, Decision, no

MIN_SUBSTANCE = 8
"""Characters that must be left without stock phrases and without words of the rule (a local setting)."""
MIN_COPIED = 4
"""A run of so many characters that also stands in the rule's text is a copy of it."""
STOCK = (
    "经核实", "已核实", "核实", "核对", "复核", "确认", "属实", "无误", "情况", "正常", "没有问题", "无问题", "没问题", "准确", "真实",
    "与实际相符", "符合实际", "实际", "如实", "填报", "填写", "上报", "数据", "数字", "数值", "本单位", "我单位", "以上", "同上", "同前",
    "说明", "原因", "无", "没有", "是的", "对的", "可以", "的", "了", "已", "经", "为", "均", "都", "系", "属", "正确", "请审核", "请通过",
    "好的", "知道", "ok", "yes", "true", "correct", "verified", "confirmed", "checked", "normal", "na", "none",
)  # fmt: skip
HINT = "请写出具体原因：发生了什么、涉及哪里或多少、依据是什么，例如“2024年9月某镇新设一所小学，在校生增加420人”"


def is_real(text: str, rule: str) -> Decision:
    """Allowed when enough is left of the text after the stock phrases and what only repeats the rule's own words."""
    plain = _plain(text)
    if not plain:
        return no(f"没有写说明。{HINT}")
    left = _without_stock(plain)
    if len(left) < 2 or len(set(left)) < 2:
        return no(f"“{text.strip()[:20]}”只是套话，没有说明原因。{HINT}")
    left = _without_rule(left, _plain(rule))
    if len(left) < MIN_SUBSTANCE // 2 <= len(_without_stock(plain)):
        return no(f"说明只是重复了审核规则。{HINT}")
    if len(left) < MIN_SUBSTANCE or len(set(left)) < MIN_SUBSTANCE // 2:
        return no(f"说明太短（至少 {MIN_SUBSTANCE} 个字的实际内容）。{HINT}")
    return YES


def _plain(text: str) -> str:
    """Letters, digits and Chinese characters only, in one form."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def _without_stock(plain: str) -> str:
    for phrase in sorted(STOCK, key=len, reverse=True):
        plain = plain.replace(phrase, "")
    return plain


def _without_rule(left: str, rule: str) -> str:
    """The text without every run that also stands in the rule."""
    blocks = SequenceMatcher(None, left, rule, autojunk=False).get_matching_blocks()
    for block in sorted(blocks, key=lambda b: b.a, reverse=True):
        if block.size >= MIN_COPIED:
            left = left[: block.a] + left[block.a + block.size :]
    return left
