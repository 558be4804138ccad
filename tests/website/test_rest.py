"""The interface under /api/v1: what a page shows a person it shows her program, one shape for every refusal, writes
once."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns.models import Cell, Filing
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.web.api.rest import served
from website import worlds
from website.addresses import MATRIX
from website.rest_calling import caller
from website.returns_world import opened
from website.role_ids import Role

pytestmark = pytest.mark.django_db
CHINESE = re.compile("[\u4e00-\u9fff]")
ROOT = Path(__file__).parents[2]
AS_PAGES = {
    "/tasks/{number}": "acting.task",
    "/returns/{number}": "returns.filing",
    "/returns/{number}/cells": "returns.filing",
    "/warnings/{number}": "monitoring.warning",
    "/documents/{kind}/{number}": "acting.activity",
    "/indicators/{indicator_id}": "monitoring.indicator",
    "/indicators/{indicator_id}/values": "monitoring.indicator",
    "/tasks": "acting.tasks",
    "/warnings": "monitoring.warnings",
    "/verdicts": "monitoring.wall",
}
"""An address of the interface → the page that shows the same: the row of the permission matrix that holds for both."""
OUTSIDE = Role.THIRD_PARTY_EVALUATOR
"""Who comes from outside has a few pages and no interface."""
ASKING = {"find_children"}
"""Operations whose POST only asks."""
REASONS = {"cause": "冷链设备当月停用检修", "countermeasure": "补种三百二十人并换设备"}


def test_the_interface_shows_a_person_what_the_page_shows(make_person: Any) -> None:
    worlds.measured()
    callers, wrong = {role: caller(make_person(worlds.UNIT_OF[role], role)) for role in Role}, []
    for address, page in AS_PAGES.items():
        row = MATRIX[page]
        for ownership in ("own", "other_unit", "other_county") if row.get("args") else ("own",):
            allowed = row.get(ownership, [])
            for role in Role:
                named = worlds.arguments(page, row.get("args") or {}, ownership, role, make_person)
                status = callers[role]("GET", address.format(**named)).status_code
                want = 200 if role is not OUTSIDE and (allowed == "all" or role.value in allowed) else 404
                # A number that is none is refused before anybody looks.
                if status != want and not (status == 422 and want == 404):
                    wrong.append(f"{address} {role.value} {ownership}: {status}, expected {want}")
    assert wrong == []


def test_lists_hold_nothing_beyond_reach(make_person: Any) -> None:
    for unit in ("health", "education", "other.health"):
        worlds.task("other_county" if unit.startswith("other") else "own", Role.LIAISON, make_person)
    for role in (Role.LIAISON, Role.SCHOOL):
        for ownership in ("own", "other_county"):
            worlds.task(ownership, role, make_person)
            worlds.filing(ownership, role, make_person)
            worlds.activity(ownership, role, make_person)
    for role in Role:
        person = make_person(worlds.UNIT_OF[role], role)
        reach, call = Reach(person), caller(person)
        for address in ("/tasks?state=all", "/returns"):
            answer = call("GET", address)
            units = {r["unit"] for r in answer.json()["rows"]} if answer.status_code == 200 else set()
            assert units <= reach.unit_ids, (role, address)
            assert not any(u.startswith("other.") for u in units)
        plans = call("GET", "/documents/work_plan?year=2024")
        assert plans.status_code == (200 if reach.unit_ids and role is not OUTSIDE else 404), role
        assert not any("邻县" in r["unit_label"] for r in plans.json().get("rows", ()))


def test_the_token_opens_what_its_scopes_say(make_person: Any) -> None:
    person = make_person("health", Role.LIAISON)
    task = worlds.task("own", Role.LIAISON, make_person)
    reads, writes = caller(person, "rest.read"), caller(person, "rest.write")
    step = {"step": "answer", "version": 1, "said": REASONS}
    answers = [
        (Client().get("/api/v1/tasks"), 401),
        (Client().get("/api/v1/no/such"), 401),
        (caller(person, "fhir.read")("GET", "/tasks"), 403),
        (reads("POST", f"/tasks/{task}/steps", step), 403),
        (writes("GET", "/tasks"), 403),
        (reads("DELETE", "/tasks"), 405),
    ]
    for answer, status in answers:
        assert answer.status_code == status
        assert_problem(answer, status)
    assert answers[0][0]["WWW-Authenticate"] == "Bearer"
    assert Task.objects.get(pk=task).state == "open"


def assert_problem(answer: Any, status: int) -> Any:
    """Every refusal has one shape, and words that a person can read."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content[:300]
    found = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "faults", "who", "when"}
    assert found["status"] == status
    assert CHINESE.search(found["detail"])
    for fault in found["faults"]:
        assert CHINESE.search(fault["message"]), fault
    return found


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"step": "answer", "version": "1"}, "内容 version"),
        ({"step": "answer", "version": True}, "内容 version"),
        ({"step": "answer", "version": 1.5}, "内容 version"),
        ({"step": "answer", "version": -1}, "内容 version"),
        ({"step": "answer", "version": 10**20}, "内容 version"),
        ({"step": "answer"}, "内容 version"),
        ({"step": 7, "version": 1}, "内容 step"),
        ({"step": "x" * 41, "version": 1}, "内容 step"),
        ({"step": "answer", "version": 1, "more": 1}, "内容 more"),
        ({"step": "answer", "version": 1, "said": {"cause": 5}}, "内容 said.cause"),
        ({"step": "answer", "version": 1, "said": {"cause": "长" * 4001}}, "内容 said.cause"),
        ({"step": "redate", "version": 1, "due": 20_000}, "内容 due"),
        ({"step": "redate", "version": 1, "due": "2024-02-30"}, "内容 due"),
        ({"step": "redate", "version": 1, "due": "2024-5-3"}, "内容 due"),
        ({"step": "redate", "version": 1, "due": "2024-05-03T00:00:00"}, "内容 due"),
        ({"step": "redate", "version": 1, "due": "1714694400"}, "内容 due"),
    ],
)
def test_what_is_no_number_no_day_and_no_part_of_a_step_is_told(body: Any, where: str, make_person: Any) -> None:
    call = caller(make_person("health", Role.LIAISON))
    task = worlds.task("own", Role.LIAISON, make_person)
    found = assert_problem(call("POST", f"/tasks/{task}/steps", body), 422)
    assert [f["where"] for f in found["faults"]] == [where]
    assert Task.objects.get(pk=task).version == 1


def test_bodies_that_are_none_are_refused_in_the_same_shape(make_person: Any) -> None:
    call = caller(make_person("health", Role.LIAISON))
    task = worlds.task("own", Role.LIAISON, make_person)
    said = {"Authorization": f"Bearer {call.key}", "X-Operation-Id": "operation-x"}
    for content, kind, status in (
        (b"{", "application/json", 400), (b"[]", "application/json", 400), (b"\xff", "application/json", 400),
        (b'{"step": "a\\u0000", "version": 1}', "application/json", 400), (b"[" * 90_000, "application/json", 400),
        (b"step=answer", "application/x-www-form-urlencoded", 415), (b"<x/>", "text/xml", 415),
    ):  # fmt: skip
        answer = call.client.generic("POST", f"/api/v1/tasks/{task}/steps", content, kind, headers=said)
        assert_problem(answer, status)
    assert_problem(call("GET", "/tasks?text=%00"), 400)
    assert [f["where"] for f in assert_problem(call("GET", "/tasks?yaer=2024"), 422)["faults"]] == ["查询 yaer"]
    assert_problem(call("GET", "/indicators/%00"), 400)
    del said["X-Operation-Id"]
    answer = call.client.post(f"/api/v1/tasks/{task}/steps", "{}", "application/json", headers=said)
    assert "请求头 X-Operation-Id" in [f["where"] for f in assert_problem(answer, 422)["faults"]]


def test_a_second_arrival_changes_nothing_and_another_content_is_another_write(make_person: Any) -> None:
    call = caller(make_person("health", Role.LIAISON))
    task = worlds.task("own", Role.LIAISON, make_person)
    step = {"step": "answer", "version": 1, "said": REASONS}
    first = call("POST", f"/tasks/{task}/steps", step, operation="answer-0001")
    again = call("POST", f"/tasks/{task}/steps", step, operation="answer-0001")
    assert (first.json(), again.json()) == (
        {"href": f"/api/v1/tasks/{task}", "again": False}, {"href": f"/api/v1/tasks/{task}", "again": True},
    )  # fmt: skip
    assert Event.objects.filter(action="task.answer").count() == 1
    other = step | {"said": REASONS | {"cause": "另一个原因，写得清楚"}}
    assert_problem(call("POST", f"/tasks/{task}/steps", other, operation="answer-0001"), 422)
    # A refused write leaves nothing behind: the same id may come again.
    recall = {"step": "no_such_step", "version": 2}
    assert_problem(call("POST", f"/tasks/{task}/steps", recall, operation="answer-0002"), 404)
    assert_problem(call("POST", f"/tasks/{task}/steps", recall, operation="answer-0002"), 404)


def test_who_was_first_is_told_and_another_verifies(make_person: Any) -> None:
    liaison, office = make_person("health", Role.LIAISON), make_person("committee_office", Role.COMMITTEE_OFFICE)
    task = worlds.task("own", Role.LIAISON, make_person)
    call, verifier = caller(liaison), caller(office)
    step = {"step": "answer", "version": 1, "said": REASONS}
    assert call("POST", f"/tasks/{task}/steps", step).status_code == 200
    found = assert_problem(call("POST", f"/tasks/{task}/steps", step), 409)
    assert found["who"] == liaison.name
    assert found["when"]
    shown = verifier("GET", f"/tasks/{task}").json()
    assert (shown["state"]["name"], shown["cause"]) == ("answered", REASONS["cause"])
    assert "close" in [s["name"] for s in shown["steps"]]
    assert_problem(call("POST", f"/tasks/{task}/steps", {"step": "close", "version": 2}), 404)
    assert verifier("POST", f"/tasks/{task}/steps", {"step": "close", "version": 2}).status_code == 200
    assert Task.objects.get(pk=task).state == "closed"


def test_figures_are_saved_all_or_none_and_nobody_is_overwritten(make_person: Any) -> None:
    one, two = make_person("health", Role.LIAISON), make_person("health", Role.LIAISON, "second")
    filing = opened()
    call, other = caller(one), caller(two)
    url = f"/returns/{filing.pk}/cells"
    bad = call("PUT", url, {"revision": 0, "cells": {"01.1": "12", "01.2": "十二"}})
    assert [f["where"] for f in assert_problem(bad, 422)["faults"]] == ["01.2"]
    assert not Cell.objects.exists()
    assert call("PUT", url, {"revision": 0, "cells": {"01.1": "12"}}).status_code == 200
    late = other("PUT", url, {"revision": 0, "cells": {"01.1": "13", "01.2": "5"}})
    found = assert_problem(late, 409)
    assert (found["who"], [f["where"] for f in found["faults"]]) == (one.name, ["01.1"])
    sheet = call("GET", url).json()
    values = {c["code"]: c["value"] for c in sheet["cells"]}
    assert (values["01.1"], values["01.2"], sheet["revision"]) == ("12", "", Filing.objects.get().revision)
    assert other("PUT", url, {"revision": sheet["revision"], "cells": {"01.2": "5"}}).status_code == 200
    # It cannot be submitted half filled in, and a stranger's program finds no such return.
    now = call("GET", f"/returns/{filing.pk}").json()
    step = {"step": "submit", "version": now["version"], "revision": now["revision"]}
    assert_problem(call("POST", f"/returns/{filing.pk}/steps", step), 422)
    stranger = caller(make_person("education", Role.SCHOOL))
    assert_problem(stranger("POST", f"/returns/{filing.pk}/steps", step), 404)
    assert_problem(stranger("PUT", url, {"revision": 0, "cells": {"01.1": "1"}}), 404)


@pytest.mark.parametrize("address", ["/goals", "/indicators", "/indicators/health.imr/values", "/verdicts", "/trail"])
def test_pages_together_are_the_list(address: str, make_person: Any) -> None:
    worlds.measured()
    person = make_person("health", Role.LIAISON)
    call = caller(person)
    whole = call("GET", f"{address}?size=200").json()
    seen, after = [], ""
    for _ in range(40):
        page = call("GET", f"{address}?size=7&after={after}").json()
        seen += page["rows"]
        after = page["following"]
        if not after:
            break
    assert seen[: len(whole["rows"])] == whole["rows"][: len(seen)]
    assert len({json.dumps(r, sort_keys=True) for r in seen}) == len(seen)


def test_the_document_is_open_and_the_committed_one() -> None:
    answer = Client().get("/api/v1/openapi.json")
    written = (ROOT / "docs/reference/openapi.json").read_text("utf-8")
    assert answer.content.decode() == written, "stale: python tools/openapi.py"
    found = json.loads(written)
    assert found["openapi"].startswith("3.1")
    for methods in found["paths"].values():
        for method, said in methods.items():
            assert CHINESE.search(said["summary"]), said["operationId"]
            assert not CHINESE.search(said["description"]), said["operationId"]
            names = {p["name"] for p in said.get("parameters", ())}
            assert ("X-Operation-Id" in names) == (method != "get" and said["operationId"] not in ASKING)


def test_every_part_of_the_document_is_said_in_both_languages() -> None:
    bare = []
    for name, shape in served.document()["components"]["schemas"].items():
        if CHINESE.search(shape.get("description", "中")):
            bare.append(name)
        for key, of in shape.get("properties", {}).items():
            chinese = CHINESE.search(of.get("title", ""))
            if key != "rows" and not (chinese and not CHINESE.search(of.get("description", "中"))):
                bare.append(f"{name}.{key}")
    assert bare == []


def test_what_is_not_asked_is_what_the_function_says() -> None:
    """Of queries that share a type each keeps its own default."""
    wrong, said = [], served.document()["paths"]
    for router, _ in served.PARTS:
        for route, view in router.path_operations.items():
            for operation in view.operations:
                of = inspect.signature(operation.view_func).parameters
                for query in said[served.BASE + route][operation.methods[0].lower()].get("parameters", ()):
                    if query["in"] == "query" and query["schema"].get("default") != of[query["name"]].default:
                        wrong.append(f"{route} {query['name']}")
    assert wrong == []
