"""Women who may have a file already: found at registration and by night, put side by side, settled by a person; very
many looks at women's files are told of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.apps.records import api
from qingmiao.site.apps.records.mothers import pairs
from qingmiao.site.apps.records.mothers.models import MotherFile, SameMother
from website.filed import HOME, a_number
from website.role_ids import Role
from website.test_mothers import worker

pytestmark = pytest.mark.django_db
REASON = "户口本不在身边，先建档"


def a_woman(
    by: Any, name: str, born: date = date(1996, 5, 1), *, number: str = "", phone: str = "", reason: str = ""
) -> int:
    given = api.mother_given.mother(
        name=name, birth_date=born.isoformat(), number=number, phone=phone, area=HOME, village="演示村",
        today=timezone.localdate(),
    )  # fmt: skip
    return api.mothers.register(Reach(by), given, reason=reason)


@pytest.fixture
def midwife(make_person: Any) -> Any:
    return worker(make_person, "midwife")


def test_who_may_be_there_already_is_asked_for_and_the_pair_is_put_before_people(midwife: Any) -> None:
    first = a_woman(midwife, "演示丽华", phone="13800000001")
    with pytest.raises(UserError, match="可能是同一名孕产妇"):
        a_woman(midwife, "演示莉华", phone="13800000001")
    second = a_woman(midwife, "演示莉华", phone="13800000001", reason=REASON)
    (pair,) = api.mothers.pairs(Reach(midwife))
    assert (pair.left.id, pair.right.id) == (first, second)
    assert pair.reasons
    assert pair.probability >= 0.5
    lines = {line.label.zh: line for line in pair.lines}
    assert [name for name, line in lines.items() if line.differs] == ["姓名"]


def test_another_woman_of_the_day_and_one_whose_number_differs_are_nobodys_pair(midwife: Any) -> None:
    born = date(1996, 5, 1)
    a_woman(midwife, "演示丽华", number=a_number(born, "F"))
    a_woman(midwife, "演示国英")
    a_woman(midwife, "演示丽华", number=a_number(born, "F"))
    assert api.mothers.pairs(Reach(midwife)) == ()


def test_numbers_whose_middle_differs_are_told_apart_though_the_masks_are_alike(midwife: Any) -> None:
    born = date(1996, 5, 1)
    a_woman(midwife, "演示丽华", number=a_number(born, "F"))
    other = a_woman(midwife, "演示丽华", number=a_number(born, "F"))
    left = MotherFile.objects.exclude(pk=other).get()
    SameMother.objects.create(left=left, right_id=other, probability=0.6, unit=left.unit, found_at=timezone.now())
    (pair,) = api.mothers.pairs(Reach(midwife))
    (number,) = (line for line in pair.lines if line.label.zh == "证件号码")
    assert number.differs
    assert "*" in number.left
    assert "*" in number.right


def test_a_night_finds_what_came_otherwise_once(midwife: Any) -> None:
    a_woman(midwife, "演示丽华", phone="13800000001")
    a_woman(midwife, "演示丽华", date(1996, 1, 5), phone="13800000001", reason=REASON)
    SameMother.objects.all().delete()
    assert pairs.look_through() == 1
    assert pairs.look_through() == 0


def test_a_person_says_the_same_or_two(midwife: Any, browser_of: Any) -> None:
    first = a_woman(midwife, "演示丽华")
    second = a_woman(midwife, "演示丽华", reason=REASON)
    third = a_woman(midwife, "演示丽华", reason=REASON)
    page = browser_of(midwife)
    shown = page.get("/mothers/pairs").content.decode()
    assert shown.count("pair-why") == 3
    found = {(p.left.id, p.right.id): p for p in api.mothers.pairs(Reach(midwife))}
    two, same = found[first, third], found[first, second]
    sent = {"pair": two.id, "version": two.version, "do": "two", "reason": "身份证照片不是同一人"}
    assert page.post("/mothers/pairs", sent).status_code == 302
    sent = {"pair": same.id, "version": same.version, "do": "same", "reason": "身份证照片是同一人"}
    assert page.post("/mothers/pairs", sent).status_code == 302
    assert MotherFile.objects.get(pk=second).merged_into_id == first
    assert MotherFile.objects.get(pk=third).state == "here"
    assert api.mothers.pairs(Reach(midwife)) == (), "what was merged is nobody's pair"
    assert page.post("/mothers/pairs", sent).status_code == 409


def test_who_keeps_no_mothers_files_has_no_such_page(make_person: Any, midwife: Any, browser_of: Any) -> None:
    a_woman(midwife, "演示丽华")
    a_woman(midwife, "演示丽华", reason=REASON)
    (pair,) = api.mothers.pairs(Reach(midwife))
    teacher = worker(make_person, "class_teacher", "education")
    assert browser_of(teacher).get("/mothers/pairs").status_code == 404
    with pytest.raises(AbsentError):
        api.mothers.decide_pair(Reach(teacher), pair.id, same=False, version=pair.version, reason=REASON)
    away = worker(make_person, "village_doctor", "township.141029100")
    assert api.mothers.pairs(Reach(away)) == (), "nobody is in her charge"


def test_very_many_looks_at_womens_files_are_told_of(make_person: Any, midwife: Any, monkeypatch: Any) -> None:
    auditor = make_person("committee_office", Role.AUDITOR)
    known = site_pack.pack()
    allowed = {"children_seen_a_day": 1, "rows_of_children_an_hour": 1}
    few = replace(known, policy=known.policy.model_copy(update=allowed))
    monkeypatch.setattr(site_pack, "pack", lambda: few)
    for name in ("演示丽华", "演示国英"):
        api.mothers.page_of(Reach(midwife), a_woman(midwife, name))
    api.mothers.listed(Reach(midwife))
    rows = Notification.objects.filter(kind="records.alarm", to=auditor).order_by("pk")
    files, lines = rows.values_list("subject", flat=True)
    assert "查阅了 2 名孕产妇的档案" in files
    assert "2 行孕产妇信息" in lines
