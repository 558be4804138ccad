"""What no form may ask: nothing of heredity (for the police alone, by the plan's words); of a visit neither a child nor
whoever complained.

A field is told by its id and its label; an option of a field (a method of a laboratory) asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qingmiao.content.base import Label, Name
from qingmiao.content.forms import LEVELS, FormField

_HEREDITY = re.compile(r"dna|基因(?:数据|信息|分型)|遗传标记|生物(?:检材|样本)|血样", re.IGNORECASE)
_ABOUT_SOMEBODY = re.compile(
    r"(?:学生|儿童|幼儿|婴儿|新生儿|孩子|患儿|未成年人|举报人|投诉人|反映人|报告人).{0,4}(?:姓名|名单|电话|住址|号码)"
    r"|身份证|学籍号|病历|诊断|病史|体检结果"
)
_PERSONAL = ("child", "person")
"""Types of fields that name somebody."""


def asks_heredity(id_: Name, label: Label | None) -> bool:
    """Whether a field asks for DNA data, a sample or its number."""
    return bool(_HEREDITY.search(id_) or (label is not None and _HEREDITY.search(label.zh)))


def kept_out_of_visits(one: FormField) -> Iterator[str]:
    """Why a field may not stand in a checklist; nothing where it may."""
    if one.type in _PERSONAL:
        yield "检查单不记个人：不用 child、person 类型的字段，写岗位、班级或人数"
    if (one.sensitivity or LEVELS[0]) in LEVELS[2:]:
        yield "检查单不记敏感信息"
    if one.label is not None and _ABOUT_SOMEBODY.search(one.label.zh):
        yield f"检查单不问「{one.label.zh}」：不记儿童的姓名和健康状况，不记举报人、投诉人"
