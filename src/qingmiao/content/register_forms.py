"""The form of a register: the common fields of what an entry is of, then its own; an ordinary form, so that it is
shown, judged and kept as every other."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.base import EvidenceMark, Label, Source
from qingmiao.content.forms import Form as _Form
from qingmiao.content.forms import FormField
from qingmiao.content.registers import RegisterKind

CREDIT_CODE = Source(
    document="法人和其他组织统一社会信用代码编码规则", number="GB 32100—2015", evidence=EvidenceMark.SEEN
)
"""Where the 18 characters of the code come from; `registers.keys` checks them."""
ALWAYS = ("name", "area")
"""Common fields that no register does without."""


def register_form(kind: RegisterKind) -> _Form:
    """The form of a register, under its id and version."""
    common = tuple(f for f in _common(kind) if f.id in ALWAYS or f.id not in kind.without)
    return _Form(
        id=f"register.{kind.id}", version=kind.version, label=kind.label, purpose="record",
        fields=(*common, *kind.fields), checks=kind.checks, source=kind.source,
    )  # fmt: skip


def common_fields(kind: RegisterKind) -> tuple[str, ...]:
    """The ids of the common fields of what an entry is of."""
    return tuple(f.id for f in _common(kind))


def _common(kind: RegisterKind) -> Iterator[FormField]:
    person = kind.of == "person"
    yield _field("name", "text", "姓名" if person else "名称", "name")
    if kind.kinds:
        yield FormField(id="kind", label=kind.kind_label, type="code", options=kind.kinds)
    yield _field("area", "area", "所在乡镇（村）", "area")
    if person:
        yield _field("full_time", "boolean", "专职", "full time", required=False)
        yield _field("from_on", "date", "任职日期", "in post since", required=False)
        yield _field("qualification", "text", "资格证书种类", "qualification", required=False)
        yield _field("qualification_no", "text", "证书编号", "number of the certificate", required=False)
        yield _field("qualification_until", "date", "证书有效期至", "certificate valid to", required=False)
        yield _field("trained_on", "date", "最近一次培训日期", "last trained on", required=False)
        yield _field(
            "training_hours", "number", "当年培训学时", "hours of training this year", required=False, high=2000
        )
        return
    yield _field("address", "text", "地址", "address", required=False)
    yield _field("credit_code", "text", "统一社会信用代码", "unified social credit code", required=False)
    yield _field("contact_post", "text", "联系岗位", "contact post", required=False)
    yield _field("position", "place", "位置", "position", required=False)
    yield _field("opened_on", "date", "设立（开办）日期", "opened on", required=False)


def _field(
    id_: str, type_: str, zh: str, en: str, *, required: bool | None = None, high: float | None = None
) -> FormField:
    low = 0 if high is not None else None
    return FormField(id=id_, label=Label(zh=zh, en=en), type=type_, required=required, min=low, max=high)
