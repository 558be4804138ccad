"""A caller of the interface under /api/v1: a person's token, requests as a program sends them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.test import Client

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import tokens

_operations = count(1)


@dataclass(frozen=True)
class RestCaller:
    """Calls as one person's program."""

    key: str
    client: Client

    def __call__(self, method: str, url: str, body: Any = None, *, operation: str = "", **headers: str) -> Any:
        """The answer. `operation`: the id of a write; without it each write has one of its own."""
        said = {"Authorization": f"Bearer {self.key}", **{n.replace("_", "-"): v for n, v in headers.items()}}
        if method not in ("GET", "HEAD"):
            said["X-Operation-Id"] = operation or f"operation-{next(_operations)}"
        content = b"" if body is None else json.dumps(body).encode()
        return self.client.generic(method, f"/api/v1{url}", content, "application/json", headers=said)


def caller(person: Any, *scopes: str) -> RestCaller:
    """A person's caller, by default with both scopes."""
    made = tokens.make(
        audit.SYSTEM, person.username, purpose="演示系统", scopes=scopes or ("rest.read", "rest.write"), days=9
    )
    return RestCaller(made[1], Client(raise_request_exception=False))


Called = Callable[..., Any]
