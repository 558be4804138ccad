"""What a person typed about a child, a relative, an address, a class: read once, every fault told in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from qingmiao.identity import numbers
from qingmiao.identity.numbers import PersonNumber
from qingmiao.kernel.days import add_months
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records.words import CERTAINTY

ADULT = 18
"""Full years from which nobody is a child (未成年人保护法第二条)."""
LONGEST = 60
PHONE = re.compile(r"1\d{10}|0\d{9,11}", re.ASCII)
Numbers = Callable[[str], PersonNumber | None]


@dataclass(frozen=True)
class IdentityGiven:
    """Who a child is, in normal form. `number` and `certificate` are empty where there is none."""

    name: str
    sex: str
    birth_date: date
    certainty: str = "day"
    papers: str = "none"
    number: str = ""
    certificate: str = ""
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class StayGiven:
    """Where a child lives or is registered from a day on."""

    kind: str
    area: str
    village: str
    address: str
    from_date: date


@dataclass(frozen=True)
class RelativeGiven:
    """A grown-up of the family and how they stand to the child. `known`: the number of one who is there already."""

    name: str
    kind: str
    from_date: date
    papers: str = "none"
    number: str = ""
    phone: str = ""
    guardian: bool = False
    carer: bool = False
    sealed: bool = False
    known: int = 0


@dataclass(frozen=True)
class ClassGiven:
    """The school and class that a child goes to from a day on; without a school, to none."""

    school_unit: str
    school_class: str
    grade: str
    from_date: date


class FieldReading:
    """Collects what is wrong while fields are read, so that all of it is told at once."""

    def __init__(self, what: str) -> None:
        self.what, self.faults = what, list[Fault]()

    def wrong(self, place: str, message: str) -> None:
        """One thing that is wrong with a field."""
        self.faults.append(Fault(self.what, 0, "wrong_value", message, place=place))

    def number(self, place: str, said: str, read: Numbers = numbers.read_person_number) -> PersonNumber | None:
        """A number as a reader gives it; its refusal is a fault of the field, and gives none."""
        try:
            return read(said)
        except MisreadError as e:
            self.wrong(place, str(e))
            return None

    def done(self) -> None:
        """Raises UserError naming everything that was wrong."""
        if self.faults:
            raise UserError(f"{self.what}有 {len(self.faults)} 处没有填好，什么都没有保存", self.faults)

    def text(self, place: str, said: str, *, least: int = 0) -> str:
        """A line of text without what cannot be printed, 60 characters at most."""
        found = " ".join(said.split())
        if len(found) < least:
            self.wrong(place, f"请填写{place}")
        if len(found) > LONGEST or not found.isprintable():
            self.wrong(place, f"{place}最多 {LONGEST} 个字，不能有控制字符")
        return found[:LONGEST]

    def day(self, place: str, said: str, *, ahead: bool = False) -> date:
        """A day, not after today; today where it cannot be read."""
        today = timezone.localdate()
        try:
            found = date.fromisoformat(said.strip())
        except ValueError:
            self.wrong(place, f"{place}：请写成 2024-05-31 这样的日期")
            return today
        if found > today and not ahead:
            self.wrong(place, f"{place}在今天以后")
        return found


def identity(
    *, name: str, sex: str, birth_date: str, certainty: str, number: str, certificate: str, former: str = ""
) -> IdentityGiven:
    """Who a child is, as typed. Raises UserError naming every field that is wrong.

    A resident's number says birth date and sex too: what differs is asked back, not stored.
    """
    r = FieldReading("身份信息")
    shown = r.text("姓名", name, least=1)
    born = r.day("出生日期", birth_date)
    if add_months(born, 12 * ADULT) <= timezone.localdate():
        r.wrong("出生日期", f"已满 {ADULT} 周岁，不建儿童档案")
    codes = site_pack.pack().codes["sex"].codes
    if sex not in codes:
        r.wrong("性别", "请选择性别")
    if certainty not in CERTAINTY:
        r.wrong("出生日期的把握", "请选择出生日期的依据")
    said = r.number("证件号码", number)
    if said is not None and said.birth is not None and said.birth != born:
        r.wrong("证件号码", f"号码里的出生日期是 {said.birth.isoformat()}，和填写的不一致，请核对")
    if said is not None and said.sex and said.sex != sex:
        r.wrong("证件号码", "号码里的性别和填写的不一致，请核对")
    birth = r.number("出生医学证明编号", certificate, numbers.read_birth_certificate)
    earlier = tuple(dict.fromkeys(n for n in (r.text("曾用名", x) for x in former.replace(",", "、").split("、")) if n))
    r.done()
    return IdentityGiven(shown, sex, born, certainty, *_kind_and_text(said), birth.text if birth else "", earlier)


def _kind_and_text(number: PersonNumber | None) -> tuple[str, str]:
    """A number's kind and its one form: 15 digits of a citizen as the 18 that they became."""
    if number is None:
        return "none", ""
    whole = numbers.as_eighteen(number)
    return whole.kind.value, whole.text


def stay(*, kind: str, area: str, village: str, address: str, from_date: str) -> StayGiven:
    """An address as typed: an area of the pack below the county, or a village of it by its 12 digits."""
    r = FieldReading("现住址" if kind == "residence" else "户籍地")
    areas = site_pack.pack().areas
    known = area in areas or (len(area) == 12 and area.isascii() and area.isdigit() and area[:9] in areas)
    if not known:
        r.wrong(r.what, "请选择乡镇（街道）或村（社区）")
    found = StayGiven(
        kind, area, r.text("村（社区）", village), " ".join(address.split())[:200], r.day("从哪天起", from_date)
    )
    r.done()
    return found


def relative(
    *, name: str, kind: str, number: str, phone: str, guardian: bool, carer: bool, sealed: bool, from_date: str,
    known: int = 0,
) -> RelativeGiven:  # fmt: skip
    """A relative as typed. Raises UserError naming every field that is wrong."""
    r = FieldReading("亲属")
    shown = "" if known else r.text("姓名", name, least=1)
    if kind not in site_pack.pack().codes["kinship"].codes:
        r.wrong("关系", "请选择与儿童的关系")
    said = _kind_and_text(r.number("证件号码", number))
    call = re.sub(r"[\s\-]", "", half_width(phone))
    if call and not PHONE.fullmatch(call):
        r.wrong("电话", "电话应是 11 位手机号码，或者带区号的固定电话")
    found = RelativeGiven(shown, kind, r.day("从哪天起", from_date), *said, call, guardian, carer, sealed, known)
    r.done()
    return found


def attendance(*, school_unit: str, school_class: str, grade: str, from_date: str) -> ClassGiven:
    """A class as typed; no school: the child goes to none any more."""
    r = FieldReading("就读")
    if grade and grade not in site_pack.pack().codes["grade"].codes:
        r.wrong("年级", "请选择年级")
    found = ClassGiven(school_unit, r.text("班级", school_class)[:40], grade, r.day("从哪天起", from_date))
    r.done()
    return found
