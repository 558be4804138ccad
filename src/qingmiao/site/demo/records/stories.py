"""What happened lately, told through the doors: newborns, children who moved in without papers, children registered
twice, so that the lists of a working county have something to show."""

from __future__ import annotations

from datetime import date, timedelta

from qingmiao.demo.register.numbers import PHONES
from qingmiao.kernel.areas import stem
from qingmiao.site.apps.directory.api import Person, Reach
from qingmiao.site.apps.records import api
from qingmiao.site.apps.records.models import Child
from qingmiao.site.demo.accounts import MARK

NEWBORNS = (("演示王秀英", "M"), ("演示李桂兰", "F"), ("演示张红梅", "F"))
MOVED_IN = (("演示古丽", "F"), ("演示小刚", "M"))
TWICE, JOINED = 6, 2
"""So many children are registered a second time; so many of these pairs are settled already."""


def tell(keeper: Person, on: date) -> None:
    """All stories, at the unit of somebody who keeps and settles files."""
    reach = Reach(keeper)
    last = Child.objects.filter(state="here").exclude(village="").order_by("-birth_date", "pk")
    home = last.first()
    if home is None or not api.may_register(reach):
        return
    for n, (mother, sex) in enumerate(NEWBORNS):
        _newborn(reach, mother, sex, on - timedelta(days=4 + 3 * n), home)
    for n, (name, sex) in enumerate(MOVED_IN):
        _moved_in(reach, name, sex, on - timedelta(days=1000 + 400 * n), on - timedelta(days=20), home)
    for child in last.filter(number_index__isnull=False, area__startswith=stem(home.area[:9]))[:TWICE]:
        _again(reach, child, on)
    if api.may_settle(reach):
        for pair in api.pairs(reach)[:JOINED]:
            api.decide_pair(reach, pair.id, same=True, version=pair.version, reason=f"核对母亲身份，是同一名儿童{MARK}")


def _newborn(reach: Reach, mother: str, sex: str, birth: date, home: Child) -> None:
    """Born days ago: no name, no number, nobody has visited yet."""
    name = f"{mother}之{'子' if sex == 'M' else '女'}"
    relative = api.RelativeGiven(mother, "mother", birth, phone=f"{PHONES}{birth:%m%d}0000", guardian=True)
    _register(reach, api.IdentityGiven(name, sex, birth), home, birth, (relative,))


def _moved_in(reach: Reach, name: str, sex: str, birth: date, since: date, home: Child) -> None:
    """From another county, without papers, cared for by a grandmother."""
    relative = api.RelativeGiven("演示奶奶", "grandmother", since, guardian=True, carer=True)
    _register(reach, api.IdentityGiven(name, sex, birth, certainty="month"), home, since, (relative,))


def _again(reach: Reach, child: Child, on: date) -> None:
    """Somebody who is there already, entered anew without a number."""
    identity = api.IdentityGiven(child.name, child.sex, child.birth_date)
    _register(reach, identity, child, on, (), reason=f"户口本不在身边，先建档{MARK}")


def _register(
    reach: Reach, identity: api.IdentityGiven, home: Child, since: date, relatives: tuple[api.RelativeGiven, ...],
    reason: str = "",
) -> None:  # fmt: skip
    stay = api.StayGiven("residence", home.area, home.village, f"1号{MARK}", since)
    api.register(reach, identity, stays=(stay,), relatives=relatives, reason=reason)
