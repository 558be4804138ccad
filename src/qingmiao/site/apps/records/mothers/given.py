"""What a person typed about a woman: read once, every fault told in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from qingmiao.identity import numbers
from qingmiao.kernel.days import add_months
from qingmiao.kernel.misread import half_width
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records.given import PHONE, FieldReading

YOUNGEST, OLDEST = 10, 70
"""Full years of age between which a woman has a file; wide, so that only slips of the pen are refused."""


@dataclass(frozen=True)
class MotherGiven:
    """Who a woman is and where she lives, in normal form."""

    name: str
    birth_date: date
    area: str
    village: str = ""
    papers: str = "none"
    number: str = ""
    phone: str = ""


def mother(
    *, name: str, birth_date: str, number: str, phone: str, area: str, village: str, today: date
) -> MotherGiven:  # fmt: skip
    """A woman as typed. Raises UserError naming every field that is wrong; a number that says a man or another birth is
    asked back."""
    r = FieldReading("孕产妇信息")
    shown, born = r.text("姓名", name, least=1), r.day("出生日期", birth_date)
    if not add_months(born, 12 * YOUNGEST) <= today < add_months(born, 12 * OLDEST):
        r.wrong("出生日期", f"年龄不在 {YOUNGEST}～{OLDEST} 岁之间，请核对")
    said = r.number("证件号码", number)
    if said is not None and said.birth is not None and said.birth != born:
        r.wrong("证件号码", f"号码里的出生日期是 {said.birth.isoformat()}，和填写的不一致，请核对")
    if said is not None and said.sex == "M":
        r.wrong("证件号码", "号码里的性别是男，请核对")
    call = re.sub(r"[\s\-]", "", half_width(phone))
    if call and not PHONE.fullmatch(call):
        r.wrong("电话", "电话应是 11 位手机号码，或者带区号的固定电话")
    areas = site_pack.pack().areas
    if not (area in areas or (len(area) == 12 and area.isascii() and area.isdigit() and area[:9] in areas)):
        r.wrong("现住址", "请选择乡镇（街道）或村（社区）")
    place = r.text("村（社区）", village)
    r.done()
    whole = numbers.as_eighteen(said) if said is not None else None
    kind, text = (whole.kind.value, whole.text) if whole is not None else ("none", "")
    return MotherGiven(shown, born, area, place, kind, text, call)
