"""The layouts that a pack offers: its own `reports/*.yaml` and the standard ones that every pack has."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from qingmiao.content import Pack
from qingmiao.content.reports import STANDARD, Layout
from qingmiao.content.yaml_source import read_yaml
from qingmiao.kernel.errors import UserError

ANNUAL = "annual"


class LayoutError(UserError):
    """A report is asked for that the pack does not have, or without the field that it is about."""


def layouts(pack: Pack) -> dict[str, Layout]:
    """Every layout by id: the standard ones first, said otherwise or replaced by the pack's own of the same id."""
    found = {id_: _standard(id_) for id_ in STANDARD}
    for id_, own in pack.entries("reports", Layout).items():
        found[id_] = own if own.blocks else own.model_copy(update={"blocks": found[id_].blocks})
    return found


def asked_layout(pack: Pack, id_: str, field: str = "") -> Layout:
    """The layout of an id. Raises LayoutError where there is none, or where `field` is missing, unknown or not
    wanted."""
    known = layouts(pack)
    if id_ not in known:
        raise LayoutError(f"内容包没有报告「{id_}」；可用：{'、'.join(f'{k}（{v.label}）' for k, v in known.items())}")
    layout, fields = known[id_], {f.id: f.label.zh for f in pack.fields}
    told = "、".join(f"{k}（{v}）" for k, v in fields.items())
    if layout.about == "field" and field not in fields:
        wrong = f"没有领域「{field}」" if field else "要指定一个领域"
        raise LayoutError(f"{layout.label}写一个领域，{wrong}；可用：{told}")
    if layout.about == "plan" and field:
        raise LayoutError(f"{layout.label}写整个规划，不能指定领域「{field}」")
    return layout


def file_name(pack: Pack, id_: str, field: str = "", language: str = "zh") -> str:
    """What the files of a report are called, without their ending: the standard annual report as ever, others by their
    label; in English by the English label where there is one.

    What no file may be called stands as “_”; more than 60 characters are cut off (a file system takes 255 bytes).
    """
    label, about = layouts(pack)[id_].label, next((f.label for f in pack.fields if f.id == field), None)
    if language == "en" and label.en:
        called = label.en + (f" ({about.en or about.zh})" if about else "")
    elif id_ == ANNUAL:
        return NAME
    else:
        called = label.zh + (f"（{about.zh}）" if about else "")
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", called)[:60]


NAME = "监测报告"


@cache
def _standard(id_: str) -> Layout:
    path = Path(__file__).parent / f"{id_}.yaml"
    return Layout.model_validate(read_yaml(path, path.name).data)
