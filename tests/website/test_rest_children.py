"""Children's files under /api/v1: who sees what is what the pages say; a record is written once and corrected."""

from __future__ import annotations

from typing import Any

import pytest

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import due_counting
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.registering import may_register
from website import worlds
from website.addresses import MATRIX
from website.filed import HOME, KIND, a_child, answers, born, doctor, keeper
from website.rest_calling import caller
from website.role_ids import Role

pytestmark = pytest.mark.django_db
AS_PAGES = {"/children/{number}": "records.one", "/records/{number}": "records.record"}


def test_the_interface_shows_a_person_the_files_that_the_page_shows(make_person: Any) -> None:
    callers, wrong = {role: caller(make_person(worlds.UNIT_OF[role], role)) for role in Role}, []
    for address, page in AS_PAGES.items():
        for ownership in ("own", "other_unit", "other_county"):
            for role in Role:
                named = worlds.arguments(page, MATRIX[page]["args"], ownership, role, make_person)
                status = callers[role]("GET", address.format(**named)).status_code
                want = 200 if role.value in MATRIX[page].get(ownership, []) else 404
                if status != want and not (status == 422 and want == 404):
                    wrong.append(f"{address} {role.value} {ownership}: {status}, expected {want}")
    assert wrong == []


def test_lists_and_searches_hold_only_children_who_are_seen(make_person: Any) -> None:
    child = a_child(doctor(make_person), "演示甲甲", birth=born(560))
    for role in Role:
        call = caller(make_person(worlds.UNIT_OF[role], role))
        may = call("GET", f"/children/{child}").status_code == 200
        for answer in (call("GET", "/children"), call("POST", "/children/search", {"text": "演示甲"})):
            assert answer.status_code in (200, 404)
            found = [r["number"] for r in answer.json().get("rows", ())]
            assert found == ([child] if may else []), role
    reads = caller(doctor(make_person), "rest.read")
    assert len(reads("POST", "/children/search", {"text": "演示甲甲"}).json()["rows"]) == 1
    assert reads("GET", "/children?text=演示甲甲").status_code == 422


def test_a_record_is_written_once_corrected_and_withdrawn_and_the_second_is_told(make_person: Any) -> None:
    who = doctor(make_person)
    child, call = a_child(who, birth=born(560)), caller(who)
    said = answers()
    url = f"/children/{child}/records/{KIND}"
    bad = call("POST", url, {"answers": {}})
    assert bad.status_code == 422
    assert bad.json()["faults"]
    first = call("POST", url, {"answers": said}, operation="check-0001")
    again = call("POST", url, {"answers": said}, operation="check-0001")
    assert (first.status_code, again.json()["again"]) == (200, True), first.content.decode()
    made = HealthRecord.objects.get()
    assert first.json()["href"] == again.json()["href"] == f"/api/v1/records/{made.pk}"
    shown = call("GET", f"/records/{made.pk}").json()
    assert (shown["child"], shown["version"], shown["steps"]) == (child, 1, ["correct", "withdraw"])
    file = call("GET", f"/children/{child}").json()
    assert [r["number"] for r in file["records"]] == [made.pk]
    assert KIND in file["may_record"]
    correction = {"answers": said, "version": 1, "reason": "身长读错了一位，重新核对"}
    assert call("PUT", f"/records/{made.pk}", correction).status_code == 200
    late = call("PUT", f"/records/{made.pk}", correction)
    assert (late.status_code, late.json()["who"]) == (409, who.name)
    withdrawal = {"version": 2, "reason": "记在了另一名儿童名下"}
    stranger = caller(make_person("education", Role.SCHOOL))
    assert stranger("POST", f"/records/{made.pk}/withdrawal", withdrawal).status_code == 404
    assert call("POST", f"/records/{made.pk}/withdrawal", withdrawal).status_code == 200
    assert call("GET", f"/records/{made.pk}").json()["state"]["name"] == "withdrawn"
    assert Event.objects.filter(action="records.record").count() <= 1


def test_pairs_and_charges_are_shown_to_who_settles_and_gives_them(make_person: Any) -> None:
    who = doctor(make_person)
    a_child(who, "演示双", birth=born(100))
    a_child(who, "演示双", birth=born(100), reason="同名不同人，母亲不同")
    call = caller(who)
    (pair,) = call("GET", "/duplicates").json()["rows"]
    decision = {"same": False, "version": pair["version"], "reason": "母亲不同，是两名儿童"}
    url = f"/duplicates/{pair['number']}/decision"
    assert caller(make_person("health", Role.LIAISON))("POST", url, decision).status_code == 404
    assert call("POST", url, decision).status_code == 200
    assert call("GET", "/duplicates").json()["rows"] == []
    for role in Role:
        found = caller(make_person(worlds.UNIT_OF[role], role))("GET", "/charges")
        assert (found.status_code == 200) == (role.value in MATRIX["records.charges"]["own"]), role


def test_a_child_is_registered_once_and_its_file_is_changed_step_by_step(make_person: Any) -> None:
    who = doctor(make_person)
    call, area = caller(who), HOME
    said = {"name": "演示接口甲", "sex": "F", "birth_date": born(30).isoformat(), "area": area, "village": "演示村"}
    bad = call("POST", "/children", {"said": said | {"sex": ""}})
    assert (bad.status_code, Child.objects.count()) == (422, 0)
    first = call("POST", "/children", {"said": said}, operation="register-1")
    again = call("POST", "/children", {"said": said}, operation="register-1")
    assert (first.status_code, again.json()["again"], Child.objects.count()) == (200, True, 1), first.content.decode()
    number = Child.objects.get().pk
    assert first.json()["href"] == f"/api/v1/children/{number}"
    alike = call("POST", "/children", {"said": said})
    assert (alike.status_code, Child.objects.count()) == (422, 1)
    file = call("GET", f"/children/{number}").json()
    assert (file["name"], file["village"]) == ("演示接口甲", "演示村")
    names = [s["name"] for s in call("GET", f"/children/{number}/steps").json()["steps"]]
    assert "move_out" in names
    url = f"/children/{number}/steps/move_out"
    step = {"version": file["version"], "said": {"on": "2026-13-01", "to": "迁往演示县，随母亲居住"}}
    assert call("POST", url, step).status_code == 422
    step["said"]["on"] = born(0).isoformat()
    stranger = caller(make_person("education", Role.SCHOOL))
    assert stranger("POST", url, step).status_code == 404
    assert call("POST", url, step).status_code == 200
    assert call("POST", url, step).status_code in (409, 422)
    assert Child.objects.get().state == "moved_out"
    assert call("POST", f"/children/{number}/steps/no_such", step).status_code == 404
    for role in Role:
        person = make_person(worlds.UNIT_OF[role], role)
        made = caller(person)(
            "POST", "/children", {"said": said | {"name": f"演示{role.value}"}, "reason": "是另一名儿童"}
        )
        assert (made.status_code == 404) is not may_register(Reach(person)), (role, made.status_code)


def test_a_work_list_names_its_children_page_by_page(make_person: Any) -> None:
    who = doctor(make_person)
    for n in range(3):
        a_child(who, f"演示清单{n}", birth=born(200 + n))
    due_counting.count_all()
    call = caller(who)
    whole = call("GET", "/worklists/overdue").json()
    assert whole["counts"]["overdue"] == len(whole["rows"]) > 2
    seen, after = [], ""
    for _ in range(100):
        page = call("GET", f"/worklists/overdue?size=2&after={after}").json()
        seen += [r["number"] for r in page["rows"]]
        if not (after := page["following"]):
            break
    assert seen == [r["number"] for r in whole["rows"]]
    assert call("GET", "/worklists/nothing").status_code == 404


def test_a_charge_is_given_and_ended_by_who_gives_them(make_person: Any) -> None:
    director = keeper(make_person)
    call = caller(make_person(director.organisation_id, Role.SUPERVISOR))
    assert director.username in [p["username"] for p in call("GET", "/charges/people").json()["rows"]]
    given = {"username": director.username, "area": HOME, "village": "演示村"}
    stranger = caller(make_person("health", Role.LIAISON))
    assert stranger("POST", "/charges", given).status_code == 404
    assert call("POST", "/charges", {"username": director.username}).status_code == 422
    assert call("POST", "/charges", given).status_code == 200
    (held,) = call("GET", "/charges").json()["rows"]
    assert held["until"] is None
    end = f"/charges/{held['number']}/end"
    assert stranger("POST", end, {"version": held["version"]}).status_code == 404
    assert call("POST", end, {"version": held["version"]}).status_code == 200
    assert call("POST", end, {"version": held["version"]}).status_code in (409, 422)
    (held,) = call("GET", "/charges").json()["rows"]
    assert held["until"] is not None
