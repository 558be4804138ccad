"""Small made-up forms for the tests of the form engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from qingmiao.content.codes import CodeList
from qingmiao.content.facts import Fact
from qingmiao.content.forms import Form
from qingmiao.content.pack import Pack
from qingmiao.forms import Filled, ReadyForm, fill, prepare

DAY = date(2026, 3, 10)
HEAD = {
    "id": "made.up", "version": 3, "label": {"zh": "虚构表单"}, "purpose": "record",
    "source": {"document": "虚构"},
}  # fmt: skip
FACT = """
id: visits
label: {zh: 走访}
grain: event
key: [visit_id]
area: area_code
date: visited_on
columns:
  visit_id: {type: text, label: {zh: 编号}, required: true}
  area_code: {type: area, label: {zh: 乡镇}, required: true}
  visited_on: {type: date, label: {zh: 日期}, required: true}
  minutes: {type: integer, label: {zh: 时长}, unit: 分钟, min: 0, max: 600, sensitivity: 敏感}
  result: {type: code, label: {zh: 结果}, codes: result}
"""
CODES = {"id": "result", "label": {"zh": "结果"},
    "items": [{"code": c, "label": {"zh": z}} for c,
        z in (("home", "在家"), ("away", "外出"), ("moved", "搬走"))]}  # fmt: skip


def made(text: str, **keys: Any) -> Form:
    """A form whose `fields` are this YAML list."""
    return Form.model_validate(HEAD | {"fields": yaml.safe_load(text)} | keys)


def pack_of(form: Form) -> Pack:
    """A pack that holds one form, one fact table and one code list."""
    fact = Fact.model_validate(yaml.safe_load(FACT))
    codes = CodeList.model_validate(CODES)
    return Pack(
        "made", "虚构", "1", Path("made"), (), None,
        codes={codes.id: codes}, facts={fact.id: fact}, forms={form.id: form},
    )  # fmt: skip


def ready_of(text: str, **keys: Any) -> ReadyForm:
    form = made(text, **keys)
    return prepare(pack_of(form), form.id)


def filled(text: str, answers: dict[str, Any], **keys: Any) -> Filled:
    return fill(ready_of(text, **keys), answers, on=DAY)


def wrong(done: Filled) -> list[str]:
    """Every fault as "field: message"."""
    return [f"{f.field}{f'#{f.row}' if f.row else ''}: {f.message}" for f in done.faults]
