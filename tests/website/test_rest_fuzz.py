"""The interface under /api/v1 as schemathesis tries it: generated requests, each sent as every role.

No answer is a fault of ours, each has the shape that the document says, what breaks the document is refused, and no
role gets more than its pages. The examples are the same in every run; NIGHTLY=1 makes ten times as many.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.transport import Response

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import tokens
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.web.api.rest import served
from website import worlds
from website.role_ids import Role

pytestmark = pytest.mark.django_db


def document() -> dict[str, Any]:
    """What is served, but for the token: the tests bring their own, so that no example breaks only that."""
    found = served.document()
    for methods in found["paths"].values():
        for said in methods.values():
            del said["security"]
    return found


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {f"{o.method.upper()} {o.path}": o for r in SCHEMA.get_all_operations() for o in [r.ok()]}
EXAMPLES = 60 if os.environ.get("NIGHTLY") else 4
PER_ROLE = max(1, EXAMPLES // 6)
"""How many of the examples each role sends; the first sends all."""


def cases(operation: Any, mode: GenerationMode) -> list[Any]:
    """Requests for an operation, the same in every run."""
    found: list[Any] = []

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(operation.as_strategy(mode))
    def collect(case: Any) -> None:
        found.append(case)

    with suppress(Unsatisfiable):  # an address without parameters: nothing of it can be broken
        collect()
    return found


@pytest.fixture
def world(make_person: Any) -> dict[str, Any]:
    """Things that are there, by the part of an address, everybody's key, and who works with figures."""
    worlds.measured()
    numbers = {
        "/tasks/": worlds.task("own", Role.LIAISON, make_person),
        "/returns/": worlds.filing("own", Role.LIAISON, make_person),
        "/documents/": worlds.activity("own", Role.LIAISON, make_person),
        "/warnings/": worlds.warning("own", Role.LIAISON, make_person),
    }
    ids = {
        "/goals/": "health.g3", "/targets/": "T03", "/measures/": "health.m1", "/systems/": "S001",
        "/indicators/": "health.imr",
    }  # fmt: skip
    people = {role: make_person(worlds.UNIT_OF[role], role) for role in Role}
    keys = {
        role: tokens.make(
            audit.SYSTEM, p.username, purpose="试用", scopes=["rest.read", "rest.write", "rest.copy"], days=9
        )[1]
        for role, p in people.items()
    }
    working = {role: Reach(p).has(WORKING) for role, p in people.items()}
    assert len(set(working.values())) == 2
    return {"numbers": numbers, "ids": ids, "keys": keys, "working": working}


def known(case: Any, world: dict[str, Any]) -> None:
    """Let a request name things that are there."""
    for part, number in world["numbers"].items():
        if part in case.path and "number" in case.path_parameters:
            case.path_parameters["number"] = number
    for part, id in world["ids"].items():
        if part in case.path and "id" in case.path_parameters:
            case.path_parameters["id"] = id
    if "kind" in case.path_parameters:
        case.path_parameters["kind"] = "work_plan"


def sent(case: Any, key: str, client: Client) -> tuple[Any, Response]:
    """The answer to a request with a person's key, as Django and as schemathesis see it."""
    said = case.as_transport_kwargs(base_url="http://testserver")
    ready = requests.Request(
        said["method"], said["url"], params=said.get("params"), json=said.get("json"), data=said.get("data"),
        headers=dict(said["headers"]),
    ).prepare()  # fmt: skip
    headers = {k: v for k, v in ready.headers.items() if k.lower() not in ("content-type", "content-length", "cookie")}
    headers["Authorization"] = f"Bearer {key}"
    body = ready.body or b""
    kind = ready.headers.get("Content-Type", "")
    with transaction.atomic():
        got = client.generic(said["method"], ready.path_url, body, kind, headers=headers)
        transaction.set_rollback(True)
    shown = Response(
        got.status_code, {k.lower(): [v] for k, v in got.items()}, got.content, ready, elapsed=0.01, verify=False
    )
    return got, shown


def test_every_operation_as_each_role(world: dict[str, Any]) -> None:
    """One world for all operations: what a request writes is taken back after it."""
    wrong = [f"{name}: {told}" for name, operation in OPERATIONS.items() for told in tried(operation, world)]
    assert wrong == []


def tried(operation: Any, world: dict[str, Any]) -> list[str]:
    """What is wrong with the answers of an operation."""
    client, wrong = Client(raise_request_exception=False), []
    closed = operation_roles(operation.path)
    good = cases(operation, GenerationMode.POSITIVE)
    assert good, "the operation was tried at all"
    for number, case in enumerate(good):
        if number % 2:
            known(case, world)
        for role in Role if number < PER_ROLE * 2 else [Role.LIAISON]:
            got, shown = sent(case, world["keys"][role], client)
            if got.status_code >= 500 or operation.validate_response(shown, case=case) is False:
                wrong.append(f"{role.value}: {got.status_code} {got.content[:200]!r}")
            if closed and not world["working"][role] and got.status_code != 404:
                wrong.append(f"{role.value} gets {got.status_code} of what its pages do not show")
    for case in cases(operation, GenerationMode.NEGATIVE):
        got, shown = sent(case, world["keys"][Role.LIAISON], client)
        if not 400 <= got.status_code < 500:
            wrong.append(f"not refused: {case.as_curl_command()} {got.status_code}")
        operation.validate_response(shown, case=case)
    return wrong


def operation_roles(path: str) -> bool:
    """Whether only people who work with figures open an address."""
    for router, roles in served.PARTS:
        if any(f"{served.BASE}{route}" == path for route in router.path_operations):
            return bool(roles)
    raise AssertionError(path)


def test_all_operations_are_found() -> None:
    assert len(OPERATIONS) == sum(len(m) for m in served.document()["paths"].values()) > 20
