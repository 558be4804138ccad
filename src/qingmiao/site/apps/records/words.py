"""Words for what the columns of a file say. Kinship and grades are code lists of the content."""

from __future__ import annotations

from qingmiao.content.base import Label
from qingmiao.identity.numbers import KIND_LABELS
from qingmiao.site import pack as site_pack

CERTAINTY = {
    "day": Label(zh="确切日期", en="exact day"), "month": Label(zh="只知年月", en="month known"),
    "year": Label(zh="只知年份", en="year known"), "estimated": Label(zh="估计", en="estimated"),
    "lunar": Label(zh="由农历换算", en="from the lunar calendar"),
}  # fmt: skip
PAPERS = {k.value: Label(zh=zh) for k, zh in KIND_LABELS.items()} | {"none": Label(zh="没有证件号码", en="none")}
"""The kinds of identity numbers (`identity.numbers`), and none."""
STAYS = {"residence": Label(zh="现住址", en="residence"), "registration": Label(zh="户籍地", en="registration")}


def code_label(codes: str, code: str) -> Label:
    """A code of a list in words; the code itself where the list has none such."""
    found = site_pack.pack().codes.get(codes)
    return next((i.label for i in found.items if i.code == code), Label(zh=code or "—")) if found else Label(zh=code)


def options(codes: str) -> tuple[tuple[str, Label], ...]:
    """(code, words) of a list, in its order."""
    found = site_pack.pack().codes.get(codes)
    return tuple((i.code, i.label) for i in found.items) if found else ()


def area_name(code: str) -> str:
    """The name of an area of the pack; of a village that the pack does not list, that of its township."""
    areas = site_pack.pack().areas
    known = next((c for c in (code, code[:9], code[:6]) if c in areas), "")
    return areas[known].name if known else code
