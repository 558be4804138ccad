"""Each field type reads what people type, and says in Chinese what it cannot read."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from form_build import filled, wrong

from qingmiao.content.form_fields import EXPRESSION_TYPES
from qingmiao.content.forms import FieldType
from qingmiao.forms.kinds import KINDS

READ = [
    ("text", " 甲乙 ", "甲乙"), ("text", "甲\n乙", "只能写一行"), ("text", "甲" * 501, "有 501 个字，最多 500 个字"),
    ("text", "甲\x00", "文字里有看不见的控制字符，请重新输入"), ("long_text", "甲\r\n乙", "甲\n乙"), ("text", "NA", "NA"),
    ("integer", "１２", 12), ("integer", "1,234", 1234), ("integer", "12.0", 12), ("integer", "12.5", "「12.5」不是整数"),
    ("integer", "12人", "「12人」不是数；是不是 12？"), ("integer", True, "「True」不是数"),
    ("number", "0.10", Decimal("0.1")), ("number", "1e400", "「1e400」大得不是数"), ("number", 0.1, Decimal("0.1")),
    ("number", "1234567890123456", "「1234567890123456」的位数太多，不是可以填报的数"), ("number", "-0.0", Decimal(0)),
    ("number", "", None), ("number", "inf", "「inf」不是数"), ("number", ["1"], "这里只填一个值"),
    ("boolean", "是", True), ("boolean", "否", False), ("boolean", False, False),
    ("boolean", "可能", "「可能」不是“是”或“否”；是不是 是 或 否？"),
    ("time", "8点半", "08:30"), ("time", "下午3点20", "15:20"), ("time", "８：３０", "08:30"),
    ("time", "08:30:00.000+08:00", "08:30"),
    ("time", "24:00", "没有「24:00」这个钟点；是不是 00:00？"), ("time", "8:", "「8:」不是钟点；是不是 08:30 这样的写法？"),
    ("time", "晚上12点", "12:00?"),
    ("person", "142625199001011", "142625199001011"),
    ("child", "1.42625E+17", "编号「1.42625E+17」是科学计数法，后面的数字已经丢了；请把这一列设为文本，从原系统重新导出"),
    ("file", "a.pdf", "a.pdf"), ("file", "../a.pdf", "附件的名字不对，请重新上传"), ("photo", "照片1.jpg", "照片1.jpg"),
    ("place", "110.8, 36.1", "纬度应在 -90 到 90 之间；是不是把经度写在了前面"), ("place", "36.1", "位置要写纬度和经度；是不是 36.1234, 110.8345？"),
    ("place", {"latitude": "36.1", "height": "3"}, "位置里不认识「height」"), ("place", "36.1, 110.8, -1", "精度应是不小于 0 的米数"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "wanted"), READ)
def test_reading(kind: str, given: object, wanted: object) -> None:
    done = filled(f"- {{id: x, label: {{zh: 某}}, type: {kind}, required: false}}", {"x": given})
    if wanted == "12:00?":  # 晚上12点 is midnight to some and noon to nobody
        assert wrong(done) == ["x: 「晚上12点」分不清是中午还是半夜；是不是 00:00 或 12:00？"]
    elif done.faults:
        assert wrong(done) == [f"x: {wanted}"]
    else:
        assert done.values.get("x") == wanted
        assert wanted is None or type(done.values["x"]) is type(wanted)


def test_every_type_has_its_class_and_its_place_in_expressions() -> None:
    assert set(KINDS) == set(get_args(FieldType))
    assert set(EXPRESSION_TYPES) | {"computed", "note"} == set(KINDS)
    assert {k.fhir for k in KINDS.values()} >= {
        "string",
        "decimal",
        "choice",
        "attachment",
        "group",
        "display",
    }


def test_a_label_that_two_codes_share_is_not_guessed() -> None:
    text = "- {id: x, label: {zh: 某}, type: code, options: [{code: a, label: {zh: 同}}, {code: b, label: {zh: 同}}]}"
    assert wrong(filled(text, {"x": "同"})) == ["x: 有 2 个选项叫「同」，请写代码；是不是 a、b？"]
    assert filled(text, {"x": "b"}).values == {"x": "b"}


def test_a_label_with_a_mark_of_parting_is_one_answer() -> None:
    options = "[{code: a, label: {zh: 甲、乙}}, {code: b, label: {zh: 丙}}]"
    text = f"- {{id: x, label: {{zh: 某}}, type: code, multiple: true, options: {options}}}"
    assert filled(text, {"x": "甲、乙"}).values == {"x": ("a",)}
    assert filled(text, {"x": "甲、乙；丙"}).values == {"x": ("a", "b")}
    assert filled(text, {"x": ["b", "a", "b"]}).values == {"x": ("a", "b")}
