"""Children who may have a file already: found as a clerk would, at registration and by night, twins and namesakes
apart."""

from __future__ import annotations

from typing import Any

import pytest

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import api, pairs, twice
from qingmiao.site.apps.records.event_models import SameChild
from website.filed import a_child, a_number, born, doctor, mother, said

pytestmark = pytest.mark.django_db
HOME = "141029100"


def likely(name: str, *, guardian: str = "演示母", phone: str = "13800000000", **more: Any) -> list[int]:
    found = twice.likely_files(said(name, **more), area=HOME, guardian=guardian, phone=phone)
    assert all(f.reasons for f in found)
    return [f.file for f in found if f.probability >= twice.ASKED]


@pytest.fixture
def who(make_person: Any) -> Any:
    return doctor(make_person)


def test_the_same_child_is_found_however_it_is_written(who: Any) -> None:
    birth = born(700)
    child = a_child(who, "张雨桐", birth=birth)
    assert likely("张雨桐", birth=birth) == [child]
    assert likely("张语桐", birth=birth) == [child], "a character of the same sound"
    assert likely("张雨桐", birth=birth.replace(day=birth.day % 28 + 1)) == [child], "a day mistyped"
    assert likely("张雨桐", birth=birth, guardian="", phone="") == [child]
    assert likely("演示母之女", birth=birth) == [child], "before it had a name"


def test_numbers_that_differ_are_of_two_and_one_mistyped_is_of_one(who: Any) -> None:
    birth = born(700)
    number = a_number(birth, "F")
    child = a_child(who, "张雨桐", birth=birth, number=number)
    assert likely("张雨桐", birth=birth, number=a_number(birth, "F")) == []
    assert likely("张雨桐", birth=birth) == [child]


def test_twins_siblings_and_namesakes_stay_apart(who: Any) -> None:
    birth = born(700)
    a_child(who, "张雨桐", birth=birth)
    assert likely("张雨菲", birth=birth) == [], "a twin"
    assert likely("张雨轩", birth=born(1500), sex="M") == [], "a brother"
    assert likely("李国强", birth=birth, guardian="李母", phone="13900000001") == []


def test_who_registers_is_asked_only_for_the_likely_and_a_night_finds_what_came_otherwise(who: Any) -> None:
    birth = born(700)
    first = a_child(who, "张雨桐", birth=birth, relatives=())
    with pytest.raises(UserError, match="可能是同一名儿童"):
        a_child(who, "张雨桐", birth=birth, relatives=())
    second = a_child(who, "张雨桐", birth=birth, relatives=(), reason="暂时无法核实，先建档")
    SameChild.objects.all().delete()
    assert pairs.look_through() == 1
    assert pairs.look_through() == 0
    (pair,) = api.pairs(Reach(who))
    assert {pair.left.id, pair.right.id} == {first, second}
    assert pair.reasons


def test_what_a_night_finds_is_found_at_registration_too(who: Any) -> None:
    births = [born(700), born(700), born(705)]
    names = ["张雨桐", "张语桐", "张雨桐"]
    for name, birth in zip(names, births, strict=True):
        a_child(who, name, birth=birth, relatives=(mother("张母"),), reason="暂时无法核实，先建档")
    by_night = {p[:2]: p[2] for p in twice.all_pairs()}
    assert by_night
    for (left, right), probability in by_night.items():
        one = api.exchange.child(Reach(who), right)
        at_once = twice.likely_files(
            said(one.name, birth=one.birth_date), area=HOME, guardian="张母", phone="13800000000"
        )
        assert {f.file: f.probability for f in at_once}[left] >= twice.SHOWN
        assert probability >= twice.SHOWN
