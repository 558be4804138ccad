"""Made-up registers of the same children (演示数据), with the noise that registers have and the truth beside them.

Four registers: 出生 (newborns, many without a name or a number), 户籍, 学籍, 接种. Each child is in some of them; each cell is
missing, typed wrong, written otherwise, or of another member of the family at the rates of a `Noise`. There are twins,
siblings, and namesakes born on the same day. Areas and numbers begin with 79, which exists nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

import numpy as np
import pyarrow as pa

from qingmiao.identity.lunar import lunar_day
from qingmiao.identity.numbers import DEMONSTRATION, check_character
from qingmiao.kernel.misread import MisreadError

Drawn = TypeVar("Drawn")
COLUMNS = (
    "record_id",
    "register",
    "name",
    "sex",
    "birth_date",
    "id_number",
    "guardian_name",
    "guardian_phone",
    "area_code",
)
REGISTERS = ("出生", "户籍", "学籍", "接种")
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单仇查区解尉"
)
_GIVEN = (
    "子梓浩宇轩雨欣怡涵诗佳思嘉俊杰文博一泽晨辰睿诺妍琪瑶萱桐彤语嫣紫若曦天佑静婷伟丽敏强磊军洋勇艳娟涛超秀霞平刚桂英"
    "明哲志远家豪鹏飞宏亮建国春华秋月冬梅丹凤海燕玉兰荣芳小龙兴旺世奇乐安宁可心馨悦芷蕾奕辉承恩景行沐阳星辰铭瑞钰琳"
)
_ADULTS = "伟丽敏强磊军洋勇艳娟涛超秀霞平刚桂英芳华明玲红梅建国志小海燕春云飞鹏辉玉兰波斌莉静宁"
_MINORITY = ("阿依古丽·买买提", "古丽娜尔·艾合买提", "卓玛·才让", "麦麦提·吐尔逊", "扎西·顿珠")
_RARE = "𬭚𬀩𬸦㛃䶮𠅤"
_TYPED = {"阎": "闫", "萧": "肖", "傅": "付", "戴": "代", "邱": "丘", "钟": "锺", "范": "範", "于": "於"}
_SAME_SOUND = (
    "梓子",
    "雨宇语",
    "晨辰",
    "桐彤",
    "欣馨心",
    "怡奕",
    "诗世",
    "佳嘉家",
    "俊军",
    "杰捷",
    "伟玮",
    "瑶遥",
    "萱轩",
    "静靖",
)
_SAME_FORM = ("浩洁", "晨宸", "琪淇", "瑶谣", "俊峻", "妍研", "静净", "玲铃", "杨扬", "颖颍", "辉晖", "诺若")


@dataclass(frozen=True)
class Noise:
    """How often each thing goes wrong, and what the registers have; shares of records or of children."""

    covered: tuple[float, ...] = (0.7, 0.95, 0.75, 0.9)
    """Share of the children that each register holds."""
    no_number: tuple[float, ...] = (0.95, 0.02, 0.1, 0.4)
    unnamed: tuple[float, ...] = (0.5, 0.0, 0.0, 0.03)
    number_typed: float = 0.02
    number_parent: float = 0.002
    name_typed: float = 0.03
    name_unread: float = 0.005
    name_variant: float = 0.5
    """Of names that have a variant."""
    renamed: float = 0.005
    birth_typed: float = 0.03
    birth_lunar: float = 0.01
    sex_wrong: float = 0.005
    no_guardian: float = 0.05
    other_guardian: float = 0.25
    no_phone: float = 0.1
    phone_changed: float = 0.15
    phone_typed: float = 0.01
    moved: float = 0.05
    only_town: float = 0.4
    twice: float = 0.003
    twins: float = 0.03
    siblings: float = 0.3
    namesakes: float = 0.005
    foreign: float = 0.02
    dressed: float = 0.1
    """Cells in another dress: full width, blanks, other ways to write a day."""
    years: tuple[int, int] = (2008, 2025)
    towns: int = 20
    villages: int = 15


CLEAN = Noise(number_typed=0.005, name_typed=0.005, birth_typed=0.005, phone_changed=0.05, other_guardian=0.1)
ORDINARY = Noise()
DIRTY = replace(
    ORDINARY,
    number_typed=0.08,
    name_typed=0.1,
    birth_typed=0.08,
    birth_lunar=0.03,
    sex_wrong=0.02,
    phone_changed=0.3,
    other_guardian=0.4,
    moved=0.1,
    no_number=(0.95, 0.05, 0.2, 0.6),
)
NUMBERLESS = replace(ORDINARY, no_number=(1.0, 0.6, 0.6, 0.6), number_typed=0.05, name_typed=0.05)
NO_GUARDIANS = replace(ORDINARY, no_guardian=1.0, no_phone=1.0, unnamed=(0.0, 0.0, 0.0, 0.0))
TWINNED = replace(ORDINARY, twins=0.1, siblings=0.5, namesakes=0.03)
NEWBORNS = replace(ORDINARY, years=(2022, 2025), unnamed=(0.6, 0.0, 0.0, 0.2), no_number=(0.98, 0.05, 0.1, 0.5))
PROFILES = {
    "clean": CLEAN,
    "ordinary": ORDINARY,
    "dirty": DIRTY,
    "numberless": NUMBERLESS,
    "no_guardians": NO_GUARDIANS,
    "twinned": TWINNED,
    "newborns": NEWBORNS,
}


@dataclass
class _Child:
    name: str
    sex: str
    birth: date
    number: str
    family: _Family


@dataclass
class _Family:
    father: str
    mother: str
    elders: tuple[str, str]
    phones: list[str]
    town: int
    village: int
    children: list[_Child] = field(default_factory=list)


class _Draw:
    """Seeded drawing."""

    def __init__(self, seed: int, noise: Noise) -> None:
        self.rng = np.random.default_rng(seed)
        self.noise = noise
        self._weights = 1 / (np.arange(len(_SURNAMES)) + 8.0)
        self._weights /= self._weights.sum()
        self._cumulated = np.cumsum(self._weights)

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def one(self, of: Sequence[Drawn]) -> Drawn:
        return of[int(self.rng.random() * len(of))]

    def surname(self) -> str:
        return _SURNAMES[int(np.searchsorted(self._cumulated, self.rng.random()))]

    def day(self, first: int, last: int) -> date:
        start = date(first, 1, 1)
        return start + timedelta(days=int(self.rng.random() * (date(last + 1, 1, 1) - start).days))

    def phone(self) -> str:
        return self.one(("138", "139", "150", "186", "177")) + f"{int(self.rng.random() * 1e8):08}"

    def given(self, pool: str, twin: str = "") -> str:
        if twin and self.chance(0.4):
            return twin[0] + self.one(pool)
        return "".join(self.one(pool) for _ in range(1 if self.chance(0.12) else 2))


def registers(children: int, *, seed: int, noise: Noise = ORDINARY) -> tuple[pa.Table, pa.Array]:
    """Registers of so many children, the rows in a drawn order, and for each row the number of its child (the
    truth)."""
    draw = _Draw(seed, noise)
    rows: list[tuple[str | None, ...]] = []
    truth: list[int] = []
    for number, child in enumerate(_children(draw, children)):
        alien = draw.chance(noise.foreign)
        for place, register in enumerate(REGISTERS):
            if draw.chance((0.2 if alien else 1.0) * noise.covered[place]):
                for _ in range(1 + draw.chance(noise.twice)):
                    rows.append((register, *_record(draw, child, place)))
                    truth.append(number)
    order = draw.rng.permutation(len(rows))
    table = pa.table(
        {
            "record_id": [f"演示{seed}-{place:07}" for place in range(len(rows))],
            **{name: [rows[i][column] for i in order] for column, name in enumerate(COLUMNS[1:])},
        },
        schema=pa.schema([(name, pa.string()) for name in COLUMNS]),
    )
    return table, pa.array(np.array(truth)[order])


def _children(draw: _Draw, count: int) -> list[_Child]:
    noise, made = draw.noise, list[_Child]()
    while len(made) < count:
        family = _family(draw)
        births = [draw.day(*noise.years)]
        if draw.chance(noise.twins / 2):
            births.append(births[0] + timedelta(days=int(draw.chance(0.03))))
        if draw.chance(noise.siblings / 2):
            births.append(draw.day(*noise.years))
        for birth in births:
            made.append(_child(draw, family, birth))
        if draw.chance(noise.namesakes):
            like, other = family.children[0], _family(draw)
            other.father = like.name[0] + other.father[1:]
            made.append(_child(draw, other, like.birth, like.name, like.sex))
    return made[:count]


def _family(draw: _Draw) -> _Family:
    surname = draw.surname()
    return _Family(
        surname + draw.given(_ADULTS),
        draw.surname() + draw.given(_ADULTS),
        (surname + draw.given(_ADULTS), draw.surname() + draw.given(_ADULTS)),
        [draw.phone(), draw.phone(), draw.phone()],
        int(draw.rng.random() * draw.noise.towns),
        int(draw.rng.random() * draw.noise.villages),
    )


def _child(draw: _Draw, family: _Family, birth: date, name: str = "", sex: str = "") -> _Child:
    sex = sex or ("M" if draw.chance(0.52) else "F")
    twin = next((child for child in family.children if child.birth == birth), None)
    if not name:
        surname = family.father[0] if draw.chance(0.95) else family.mother[0]
        name = surname + draw.given(_GIVEN, twin.name[1:] if twin else "")
        while any(child.name == name for child in family.children):
            name = surname + draw.given(_GIVEN)
        if draw.chance(0.01):
            name = draw.one(_MINORITY)
        elif draw.chance(0.005):
            name = name[:-1] + draw.one(_RARE)
    if twin and draw.chance(0.8):
        order = int(twin.number[14:17]) + (1 if twin.sex != sex else 2)
    else:
        order = int(draw.rng.random() * 499) * 2 + (1 if sex == "M" else 0)
    body = f"{DEMONSTRATION}0101{birth:%Y%m%d}{order % 1000:03}"
    child = _Child(name, sex, birth, body + check_character(body), family)
    family.children.append(child)
    return child


def _record(draw: _Draw, child: _Child, place: int) -> tuple[str | None, ...]:
    noise, family = draw.noise, child.family
    usual = (family.mother, family.father, family.father, family.mother)[place]
    phone = family.phones[(1, 0, 0, 1)[place]] if draw.chance(0.5) else family.phones[0]
    if draw.chance(noise.other_guardian):
        usual = draw.one((family.mother, family.father, *family.elders))
        phone = draw.one(family.phones)
    guardian = None if draw.chance(noise.no_guardian) else _typed_name(draw, usual, noise.name_typed / 2)
    if draw.chance(noise.phone_changed):
        phone = draw.phone()
    if draw.chance(noise.phone_typed):
        phone = _typed_digits(draw, phone)
    sex = child.sex if not draw.chance(noise.sex_wrong) else {"M": "F", "F": "M"}[child.sex]
    return (
        _name(draw, child, place),
        sex,
        _birth(draw, child.birth),
        _number(draw, child, place),
        guardian,
        None if draw.chance(noise.no_phone) else phone,
        _area(draw, family),
    )


def _name(draw: _Draw, child: _Child, place: int) -> str:
    noise = draw.noise
    if draw.chance(noise.unnamed[place]):
        many = sum(other.birth == child.birth for other in child.family.children) > 1
        suffix = "之子" if child.sex == "M" else "之女"
        if many and draw.chance(0.6):
            first = min(other.number for other in child.family.children if other.birth == child.birth) == child.number
            suffix = "之大双" if first else "之小双"
        return child.family.mother + suffix if draw.chance(0.9) else child.name[0] + draw.one(("某", "", "×"))
    name = child.name
    if draw.chance(noise.renamed):
        name = name[0] + draw.given(_GIVEN)
    name = _typed_name(draw, name, noise.name_typed)
    if name[0] in _TYPED and draw.chance(noise.name_variant):
        name = _TYPED[name[0]] + name[1:]
    if draw.chance(noise.name_unread) or (name[-1] in _RARE and draw.chance(0.5)):
        name = name[:-1] + draw.one("□〇?") if len(name) > 2 else name
    if "·" in name:
        name = name.replace("·", draw.one("·•・."))
    if draw.chance(noise.dressed / 2):
        name = name[0] + " " + name[1:]
    return name


def _typed_name(draw: _Draw, name: str, share: float) -> str:
    if not draw.chance(share) or len(name) < 2:
        return name
    place = 1 + int(draw.rng.random() * (len(name) - 1))
    groups = [g for g in (*_SAME_SOUND, *_SAME_FORM) if name[place] in g]
    if groups:
        other = draw.one([mark for mark in draw.one(groups) if mark != name[place]])
        return name[:place] + other + name[place + 1 :]
    if len(name) > 2 and draw.chance(0.5):
        return name[0] + name[2] + name[1] + name[3:] if draw.chance(0.5) else name[:place] + name[place + 1 :]
    return name


def _birth(draw: _Draw, birth: date) -> str:
    noise = draw.noise
    if draw.chance(noise.birth_lunar):
        try:
            lunar = lunar_day(birth)
        except MisreadError:
            return birth.isoformat()
        return f"{lunar.year}-{lunar.month:02}-{lunar.day:02}"
    if draw.chance(noise.birth_typed):
        kind = draw.one(("swap", "year", "digit", "digit", "near"))
        if kind == "swap" and birth.day <= 12:
            birth = date(birth.year, birth.day, birth.month)
        elif kind == "year" and (birth.month, birth.day) != (2, 29):
            birth = birth.replace(year=birth.year + draw.one((-1, 1)))
        elif kind == "near":
            birth += timedelta(days=int(draw.rng.random() * 30) - 15)
        else:
            birth = birth.replace(day=1 + int(draw.rng.random() * 28))
    if draw.chance(noise.dressed):
        return draw.one((f"{birth:%Y%m%d}", f"{birth.year}年{birth.month}月{birth.day}日", f"{birth:%Y/%m/%d}"))
    return birth.isoformat()


def _number(draw: _Draw, child: _Child, place: int) -> str | None:
    noise = draw.noise
    if draw.chance(noise.no_number[place]):
        return None
    number = child.number
    if draw.chance(noise.number_parent):
        return f"{DEMONSTRATION}010119850615002" + check_character(f"{DEMONSTRATION}010119850615002")
    if draw.chance(noise.number_typed):
        number = _typed_digits(draw, number)
    if draw.chance(noise.dressed):
        number = draw.one((number.lower(), number[:6] + " " + number[6:], number.translate(_WIDE)))
    return number


_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def _typed_digits(draw: _Draw, text: str) -> str:
    place = int(draw.rng.random() * (len(text) - 1))
    if draw.chance(0.5):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + draw.one("0123456789") + text[place + 1 :]


def _area(draw: _Draw, family: _Family) -> str:
    noise = draw.noise
    town, village = family.town, family.village
    if draw.chance(noise.moved):
        town, village = int(draw.rng.random() * noise.towns), int(draw.rng.random() * noise.villages)
    code = f"{DEMONSTRATION}0101{101 + town}{201 + village}"
    return code[:9] + "000" if draw.chance(noise.only_town) else code
