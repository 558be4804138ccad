"""Children's files: registering, correcting, moving, merging; records by their forms with versions and facts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from website.filed import KIND, a_child, a_number, answers, born, doctor, home, said

pytestmark = pytest.mark.django_db


def reach(person):
    from qingmiao.site.apps.directory.permissions import Reach

    return Reach(person)


def api():
    from qingmiao.site.apps.records import api

    return api


def test_a_registered_child_is_found_by_name_and_exact_number_and_its_number_lies_sealed(make_person):
    from qingmiao.site.apps.records.models import Child

    who, birth = doctor(make_person), born(400)
    number = a_number(birth, "F")
    child = a_child(who, "演示·古丽", birth=birth, number=number)
    assert [r.id for r in api().search(reach(who), "演示·古")] == [child]
    assert [r.id for r in api().search(reach(who), number.lower())] == [child]
    assert api().search(reach(who), number[:-1]) == ()
    row = Child.objects.get(pk=child)
    with connection.cursor() as cursor:
        cursor.execute("SELECT records_child::text FROM records_child WHERE id = %s", [child])
        assert number not in cursor.fetchone()[0]
    page = api().page_of(reach(who), child)
    assert page.number == number[:6] + "*" * 10 + number[-2:]
    assert page.relatives[0].phone == "138****0000"
    assert api().reveal(reach(who), child, "number", purpose="核对出生证明") == number
    assert bytes(row.number_sealed) != bytes(row.number_index)


def test_a_number_that_is_taken_is_registered_once_and_the_other_unit_is_named(make_person):
    who, birth = doctor(make_person), born(200)
    number = a_number(birth, "M")
    a_child(who, "演示甲", sex="M", birth=birth, number=number)
    with pytest.raises(UserError, match="已经建档，由县妇幼保健机构管理"):
        a_child(who, "演示乙", sex="M", birth=birth, number=number)


def test_what_the_number_says_and_what_was_typed_must_agree(make_person):
    doctor(make_person)
    number = a_number(born(200), "M")
    with pytest.raises(UserError, match=r"出生日期.*不一致") as told:
        said(birth=born(201), sex="F", number=number)
    assert len(told.value.faults) == 2


def test_a_likely_second_file_needs_a_reason_and_is_put_before_who_settles(make_person):
    who, birth = doctor(make_person), born(100)
    first = a_child(who, "演示双", birth=birth)
    with pytest.raises(UserError, match="可能是同一名儿童"):
        a_child(who, "演示双", birth=birth)
    second = a_child(who, "演示双", birth=birth, reason="同名不同人，母亲不同")
    (pair,) = api().pairs(reach(who))
    assert {pair.left.id, pair.right.id} == {first, second}
    assert any("姓名相同" in r for r in pair.reasons)


def test_a_corrected_identity_keeps_what_it_was_and_the_second_of_two_is_told(make_person):
    who = doctor(make_person)
    child = a_child(who, "演示母之女")
    api().amend(reach(who), child, version=1, identity=said("演示雨桐"), reason="已起名登记")
    assert [h[3] for h in api().identity_history(reach(who), child)] == ["演示雨桐", "演示母之女"]
    with pytest.raises(api().ConflictError, match="第 2 版"):
        api().amend(reach(who), child, version=1, identity=said("别名"), reason="已起名登记")


def test_a_child_moves_out_and_back_and_death_can_be_taken_back(make_person):
    who, today = doctor(make_person), timezone.localdate()
    child = a_child(who)
    move = lambda step, version, **more: api().move(reach(who), child, step, version=version, said=more)  # noqa: E731
    with pytest.raises(UserError, match="写明日期"):
        move("move_out", 1, to="演示省演示市", on=today + timedelta(days=1))
    move("move_out", 1, to="演示省演示市", on=today)
    assert api().page_of(reach(who), child).left == (today, "演示省演示市")
    move("return", 2, stays=(home(day=today, village="新村"),))
    page = api().page_of(reach(who), child)
    assert (page.row.village, page.row.state.name, len(page.stays)) == ("新村", "here", 2)
    move("die", 3, on=today, reason="据死亡医学证明")
    move("reopen", 4, reason="登记成了别人")
    assert api().page_of(reach(who), child).row.state.name == "here"


def test_merging_and_taking_apart_lose_nothing(make_person):
    who = doctor(make_person)
    older, younger = a_child(who, "演示合"), a_child(who, "演示盒", birth=born(559), reason="暂时无法核实，先建档")
    made = a_check(who, younger)
    api().move(reach(who), younger, "merge", version=1, said={"into": older, "reason": "同一名儿童"})
    assert api().page_of(reach(who), younger).merged_into == older
    assert [r.id for r in api().page_of(reach(who), older).records] == [made]
    assert pseudonyms() == {of(older)}
    api().move(reach(who), younger, "unmerge", version=2, said={"reason": "不是同一名"})
    assert api().page_of(reach(who), older).records == ()
    assert [r.id for r in api().page_of(reach(who), younger).records] == [made]
    assert pseudonyms() == {of(younger)}


def a_check(who, child, operation="check-0001", **more):
    made, filled = api().write(reach(who), child, KIND, operation=operation, answers=answers(**more), explanations=ALL)
    assert made, (filled.faults, filled.queries)
    return made


class _All(dict):
    def get(self, key, default=None):
        return "核对无误"

    def __getitem__(self, key):
        return "核对无误"


ALL = _All()


def of(child):
    from qingmiao.site.apps.records import sealing

    return sealing.pseudonym(child)


def pseudonyms():
    from qingmiao.site import pack
    from qingmiao.site.apps.facts import api as facts

    return set(facts.current(pack.pack(), "growth_checks")["child_id"].to_pylist())


def test_a_record_gives_facts_without_a_name_and_the_same_arrival_twice_gives_one(make_person):
    from qingmiao.site.apps.records.event_models import HealthRecord

    who = doctor(make_person)
    child = a_child(who)
    first = a_check(who, child)
    assert a_check(who, child) == first
    assert HealthRecord.objects.count() == 1
    assert pseudonyms() == {of(child)}
    assert of(child) not in (str(child), f"{child:032x}")
