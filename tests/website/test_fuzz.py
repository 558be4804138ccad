"""No input gives 500: every address, with every parameter that its view's module reads, with odd values."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from website import worlds
from website.addresses import MATRIX, patterns

HARD = ("\0", "²", "9" * 23, "a=b", "-1")
"""Tried in each parameter alone, the others as usual."""
ODD = (
    "٣", "2024²", "0", "", " ", "9" * 5000, "1e999", "NaN", "inf", "\ufffd", "' or 1=1--", "a/b", "../x", "<b>",
    "x" * 5000,
    "2024-13-45", "[[[", "{", "😀", "true", "不存在",
)  # fmt: skip
"""Tried in all parameters at once."""
NAME = re.compile(
    r"""(?:GET|POST|given|query|data)(?:\.get(?:list)?)?[\[(]\s*"([A-Za-z_:]+)"|of\(\s*\w+,\s*"([a-z_]+)\""""
)
VIEWS = {p.name: p.callback for p in patterns()}


def parameters(view: Callable[..., object]) -> list[str]:
    """What the module of a view reads from requests, as its source says."""
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(view)))  # type: ignore[arg-type]
    return sorted({a or b for a, b in NAME.findall(source)} | {"next", "q", "year", "after", "version"})


def test_the_names_of_parameters_are_found() -> None:
    found = {name for view in VIEWS.values() for name in parameters(view)}
    assert len(found) >= 40
    assert {"version", "year", "unit", "title", "username"} <= found


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(MATRIX))
def test_no_parameter_gives_500(name: str, make_person, browser_of) -> None:
    row = MATRIX[name]
    role = next((r for r in worlds.UNIT_OF if row.get("own") in ("all", None) or str(r) in row["own"]), None)
    if role is None:
        role = next(iter(worlds.UNIT_OF))
    url = reverse(name, kwargs=worlds.arguments(name, row.get("args") or {}, "own", role, make_person))
    usual = dict(p.split("=") for p in worlds.QUERIES.get(row.get("query", ""), "").split("&") if p)
    browser: Client = browser_of(make_person(worlds.UNIT_OF[role], role))
    browser.raise_request_exception = False
    wrong = []
    names = parameters(VIEWS[name])
    tried = [{p: odd} for p in names for odd in HARD] + [dict.fromkeys(names, odd) for odd in ODD]
    allowed = VIEWS[name].access.methods
    for given in tried:
        for method in (browser.get, browser.post):
            if method.__name__.upper() not in allowed and given is not tried[0]:
                continue  # 405 before anything is read, whatever is given (`ui.access.page`)
            if name == "account.logout" and method == browser.post:
                continue
            got = method(url, usual | given)
            if got.status_code >= 500 and not (name.startswith("health") and got.status_code == 503):
                wrong.append(f"{method.__name__} {[*given][:1]}={next(iter(given.values()))[:30]!r}: {got.status_code}")
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"[" * 100_000, b'{"a": "\\u0000"}', b"\xff\xfe", b'{"revision": 1e999, "cells": 3}']
)
def test_no_json_gives_500(body: bytes, make_person, browser_of) -> None:
    wrong = []
    for name, row in MATRIX.items():
        allowed = row.get("own") or []
        role = next((r for r in worlds.UNIT_OF if allowed == "all" or str(r) in allowed), None)
        if role is None or name == "account.logout":
            continue
        url = reverse(name, kwargs=worlds.arguments(name, row.get("args") or {}, "own", role, make_person))
        browser: Client = browser_of(make_person(worlds.UNIT_OF[role], role))
        browser.raise_request_exception = False
        got = browser.post(url, body, content_type="application/json")
        if got.status_code >= 500:
            wrong.append(f"{name}: {got.status_code}")
    assert wrong == []
