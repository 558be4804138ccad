"""From the registers, projects and documents to the shelf: what two people released, and nothing of a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.registers.keys import credit_code_of
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.acting.models import Project
from qingmiao.site.apps.directory.access import NotAllowedError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import api as registers
from qingmiao.site.apps.shelf.models import PublicItem
from website.registered import GOOD
from website.role_ids import Role
from website.test_public_shelf import released

pytestmark = pytest.mark.django_db

SITE = {
    **GOOD, "address": "演示街1号", "office_phone": "0357-6820000", "position": {"latitude": "35.9", "longitude": "110.8"}
}  # fmt: skip
FAR = {"latitude": "36.2", "longitude": "110.8"}


@pytest.fixture
def office(make_person: Any) -> Any:
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


@pytest.fixture
def second(make_person: Any) -> Any:
    return make_person("statistics", Role.STATISTICS)


@pytest.fixture
def keeper(directory: Any, make_person: Any) -> Reach:
    return Reach(make_person("health", Role.LIAISON, "keeper"))


def entered(keeper: Reach, **changed: Any) -> int:
    made = registers.enter(keeper, "nurseries", registers.EntryGiven({**SITE, **changed}))
    assert isinstance(made, int), made
    return made


def shelved(kind: str, key: str = "") -> dict[str, Any]:
    return dict(PublicItem.objects.get(kind=kind, key=key).content)


def test_an_entry_in_force_is_on_the_shelf_of_a_released_report(keeper: Reach, office: Any, second: Any) -> None:
    number = entered(keeper)
    gone = entered(keeper, name="演示停办园", credit_code=credit_code_of("91141029MA0000003"), position=FAR)
    assert registers.move(keeper, gone, "suspend", version=1, reason="演示：停办整改") is None
    released(office, second)
    told = shelved("services", "nurseries")
    [row] = told["rows"]
    assert row == {
        "name": "演示托育园", "town": {"code": "141029100", "name": row["town"]["name"]},
        "cells": [
            {"zh": "托育机构", "en": "nursery"}, {"zh": "演示街1号", "en": ""}, {"zh": "是", "en": "yes"}, None
        ],
        "phone": "0357-6820000", "point": [35.9, 110.8], "places": 40, "free": 10,
        "on": timezone.localdate().isoformat(),
    }  # fmt: skip
    assert told["as_of"] == timezone.localdate().isoformat()
    assert str(number) not in row


def test_the_day_of_the_count_is_that_of_the_last_change(keeper: Reach) -> None:
    today = timezone.localdate()
    given = registers.EntryGiven(SITE, valid_from=today - timedelta(days=40))
    number = registers.enter(keeper, "nurseries", given)
    assert registers.change(
        keeper, number, registers.EntryGiven({**SITE, "places": 60}, valid_from=today - timedelta(days=10)), version=1
    ) is None  # fmt: skip
    [row] = dict(registers.services(today, (), []))["nurseries"]["rows"]
    assert row["on"] == (today - timedelta(days=10)).isoformat()


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ({"office_phone": "15400001111"}, "phone"),
        ({"address": "演示街1号，找NAME"}, "address"),
        ({"address": "演示街1号 154-0000-1111"}, "address"),
    ],
)
def test_what_tells_of_a_person_is_held_back_and_told_to_whoever_approves(
    keeper: Reach, office: Any, second: Any, changed: dict[str, str], lost: str
) -> None:
    from qingmiao.site.apps.publishing import api

    name = keeper.person.name
    entered(keeper, **{field: text.replace("NAME", name) for field, text in changed.items()})
    edition = released(office, second)
    [row] = shelved("services", "nurseries")["rows"]
    assert (row["phone"] == "", row["cells"][1] is None) == (lost == "phone", lost == "address")
    everything = str([i.content for i in PublicItem.objects.all()])
    assert "1111" not in everything
    assert name not in everything
    public = api.shown(Reach(second), edition.pk).public
    assert public is not None
    assert public.held == (("托育机构和社区站点登记册", "演示托育园"),)
    assert api.shown(keeper, edition.pk).public is None


def test_no_register_of_people_has_services(keeper: Reach) -> None:
    from qingmiao.site.apps.registers import books

    found = dict(registers.services(timezone.localdate(), (), []))
    assert len(found) >= 10
    assert {books.kind(id_).of for id_ in found} == {"site"}


def a_piece(who: Any, title: str, text: str = "演示儿童得到新操场。") -> int:
    made = acting.record(
        who, kind="news", year=2023, on_date=date(2023, 9, 1), unit=who.organisation, title=title, text=text
    )
    return int(made.pk)


def take(who: Any, number: int, step: str, **said: str) -> None:
    acting.move_document(Reach(who), number, step, version=1, score=None, said=said)


def test_news_is_what_two_people_agreed_and_a_report_released(
    make_person: Any, directory: Any, office: Any, second: Any
) -> None:
    who = make_person("health", Role.LIAISON)
    for title, step in (("演示健康夏令营", "agree"), ("演示不公开的", "keep"), ("演示没有人同意的", "")):
        number = a_piece(who, title)
        if step:
            take(office, number, step, **({"opinion": "演示：不适合公开"} if step == "keep" else {}))
    person = a_piece(who, "演示写了人名的", f"感谢{who.name}。")
    take(office, person, "agree")
    Project.objects.create(year=2023, unit=who.organisation, title="演示操场", due_date=date(2023, 12, 1), percent=100,
                           finished_date=date(2023, 10, 1))  # fmt: skip
    Project.objects.create(year=2023, unit=who.organisation, title="演示食堂", due_date=date(2024, 1, 1), percent=40)
    Project.objects.create(year=2022, unit=who.organisation, title="演示旧项目", due_date=date(2022, 1, 1))
    released(office, second)
    told = shelved("news")["news"]
    today = timezone.localdate().isoformat()
    assert [(n["date"], n["title"], n["percent"], n["finished"]) for n in told] == [
        (today, "演示食堂", 40, False), ("2023-10-01", "演示操场", 100, True), ("2023-09-01", "演示健康夏令营", None, False)
    ]  # fmt: skip
    assert who.name not in str(told)


def test_nobody_agrees_to_what_he_wrote(directory: Any, office: Any) -> None:
    number = a_piece(office, "演示自己写的")
    with pytest.raises(NotAllowedError):
        take(office, number, "agree")
