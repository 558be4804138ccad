"""Registers on the site: entering, changing, history as of a day, confirming, closing; one of many wins."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from website.registered import GOOD
from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=False)


def given(**changed: Any) -> Any:
    from qingmiao.site.apps.registers import api

    return api.EntryGiven({**GOOD, **changed})


@pytest.fixture
def keeper(directory: Any, make_person: Any) -> Any:
    from qingmiao.site.apps.directory.permissions import Reach

    return Reach(make_person("health", Role.LIAISON, "keeper"))


def test_an_entry_is_entered_changed_and_seen_as_it_stood(keeper: Any) -> None:
    from qingmiao.site.apps.registers import api

    today = timezone.localdate()
    begun = today - timedelta(days=40)
    number = api.enter(keeper, "nurseries", api.EntryGiven(GOOD, valid_from=begun))
    assert isinstance(number, int)
    changed = api.EntryGiven({**GOOD, "places": 60}, valid_from=today - timedelta(days=10))
    assert api.change(keeper, number, changed, version=1) is None
    places = lambda day: dict(api.entry(keeper, number, day).lines)["3岁以下托位"]  # noqa: E731
    assert (places(None), places(today - timedelta(days=11))) == ("60 个", "40 个")
    page = api.entry(keeper, number)
    assert [(v.version, v.valid_from) for v in page.history] == [(2, today - timedelta(days=10)), (1, begun)]
    assert page.occupancy is not None
    assert str(page.occupancy.share) == "50.0"


def test_history_is_never_overwritten(keeper: Any) -> None:
    from django.db import DatabaseError

    from qingmiao.site.apps.registers import api

    number = api.enter(keeper, "nurseries", given())
    with pytest.raises(DatabaseError, match="append only"), connection.cursor() as cursor:
        cursor.execute("UPDATE registers_version SET state = 'closed' WHERE entry_id = %s", [number])


def test_a_stale_change_is_refused_and_nothing_is_lost(keeper: Any) -> None:
    from qingmiao.site.apps.registers import api

    number = api.enter(keeper, "nurseries", given())
    assert isinstance(number, int)
    assert api.change(keeper, number, given(places=50), version=1) is None
    with pytest.raises(api.ConflictError):
        api.change(keeper, number, given(places=70), version=1)
    assert dict(api.entry(keeper, number).lines)["3岁以下托位"] == "50 个"


def test_what_may_be_the_same_is_asked_about_first(keeper: Any) -> None:
    from qingmiao.site.apps.registers import api

    first = api.enter(keeper, "nurseries", given(position={"latitude": "35.9800", "longitude": "110.8400"}))
    near = given(
        name="演示第二托育园",
        credit_code="91350100M000100Y43",
        position={"latitude": "35.9810", "longitude": "110.8400"},
    )
    asked = api.enter(keeper, "nurseries", near)
    assert isinstance(asked, api.EntryRefused)
    assert [(s.number, s.metres) for s in asked.likely] == [(first, 111)]
    made = api.enter(keeper, "nurseries", api.EntryGiven(near.answers, alike=True))
    assert isinstance(made, int)


def test_a_register_publishes_a_row_a_year_and_takes_it_back_when_cancelled(keeper: Any) -> None:
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.facts import api as facts
    from qingmiao.site.apps.registers import api

    year = timezone.localdate().year
    number = api.enter(keeper, "nurseries", given())
    assert isinstance(number, int)
    rows = facts.current(site_pack.pack(), "register_entries", year).to_pylist()
    assert [(r["register"], r["places"], r["used"], r["working"]) for r in rows] == [("nurseries", 40, 30, True)]
    api.move(keeper, number, "cancel", version=1, reason="重复登记，作废处理")
    assert facts.current(site_pack.pack(), "register_entries", year).num_rows == 0


def test_people_exist_once_and_carers_are_counted_against_the_ratio(keeper: Any) -> None:
    from qingmiao.identity.numbers import check_character
    from qingmiao.site.apps.registers import api

    site = api.enter(keeper, "nurseries", given())
    assert isinstance(site, int)
    body = "79000019900101001"
    carer = {"name": "演示保育员", "kind": "nursery", "area": "141029100"}
    post = api.EntryGiven(carer, within=site, number=body + check_character(body))
    assert isinstance(api.enter(keeper, "nursery_staff", post), int)
    with pytest.raises(api.NotAllowedError, match="已经有一条同样的登记"):
        api.enter(keeper, "nursery_staff", post)
    short = {v.verdict.minimum.id: v.verdict.short for v in api.entry(keeper, site).verdicts}
    assert short["carers"] == 2 + 2 + 2 - 1


def test_who_has_nothing_to_do_with_a_register_does_not_see_it(keeper: Any, make_person: Any) -> None:
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.registers import api

    number = api.enter(keeper, "nurseries", given())
    other = Reach(make_person("justice", Role.LIAISON, "stranger"))
    with pytest.raises(api.AbsentError):
        api.entry(other, int(number))
    assert "nurseries" not in {r.kind.id for r in api.registers(other)}


def test_many_are_confirmed_at_once_and_once_a_year(keeper: Any) -> None:
    from qingmiao.site.apps.registers import api
    from qingmiao.site.apps.registers.models import RegisterEntry

    number = api.enter(keeper, "nurseries", given())
    RegisterEntry.objects.filter(pk=number).update(confirmed_year=2020)
    assert api.renew_each(keeper, "nurseries", [int(number)]) == (1, ())
    done, left = api.renew_each(keeper, "nurseries", [int(number)])
    assert (done, len(left)) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_enter_the_same_at_once_one_wins(directory: Any, make_person: Any) -> None:
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.registers import api

    person = make_person("health", Role.LIAISON, "keeper")
    start, came = threading.Barrier(50), list[Any]()

    def enter() -> None:
        try:
            start.wait()
            came.append(api.enter(Reach(person), "nurseries", api.EntryGiven(GOOD, alike=True)))
        except Exception as e:
            came.append(e)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter) for _ in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    won = [c for c in came if isinstance(c, int)]
    assert len(won) == 1
    others = [c for c in came if not isinstance(c, int)]
    assert len(others) == 49
    assert all(isinstance(c, api.ConflictError | api.NotAllowedError) for c in others), {type(c) for c in others}
    assert all(f"第 {won[0]} 号" in str(c) for c in others)
