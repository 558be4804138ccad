"""Logs hold no personal data: a mark goes through every door, then all that was logged is read."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from qingmiao.site.config import postgres
from qingmiao.site.config.logging import JsonLines
from qingmiao.site.web.ui import health
from website import worlds
from website.addresses import MATRIX
from website.test_fuzz import VIEWS, parameters

MARK = "金丝雀4711"
"""Stands for a name, an answer, a cell, a file's name, a search."""


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the site's own formatter writes of what reaches the root logger."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
def test_no_door_lets_what_people_send_into_the_log(logged, make_person, browser_of) -> None:
    tried = 0
    for name, row in MATRIX.items():
        own = row.get("own") or []
        role = next((r for r in worlds.UNIT_OF if own == "all" or str(r) in own), next(iter(worlds.UNIT_OF)))
        if name == "account.logout":
            continue
        url = reverse(name, kwargs=worlds.arguments(name, row.get("args") or {}, "own", role, make_person))
        browser: Client = browser_of(make_person(worlds.UNIT_OF[role], role), headers={"user-agent": MARK})
        browser.raise_request_exception = False
        given = dict.fromkeys(parameters(VIEWS[name]), MARK)
        file = SimpleUploadedFile(f"{MARK}.xlsx", f"PK {MARK}".encode())
        whole = json.dumps(given | {"cells": {MARK: MARK}})
        answers = (
            browser.get(url, given),
            browser.post(url, given | {"file": file}),
            browser.post(url, whole, content_type="application/json"),
        )
        tried += len(answers)
    browser.get(f"/{MARK}")
    browser.post("/login", {"username": MARK, "password": MARK})
    browser.get("/", headers={"host": MARK})
    assert tried > 150
    assert '"qingmiao.request"' in logged.getvalue()
    assert [line for line in logged.getvalue().splitlines() if MARK in line or "river 4711" in line] == []


@pytest.mark.django_db
def test_a_fault_is_logged_with_its_place_and_kind_but_without_what_it_held(logged, monkeypatch) -> None:
    def broken(_: object) -> bool:
        held = MARK
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("CREATE TEMPORARY TABLE person_of_test (name text PRIMARY KEY)")
                cursor.execute("INSERT INTO person_of_test VALUES (%s), (%s)", [held, held])
        except IntegrityError as e:
            raise ValueError(f"cannot take {held}") from e
        return True

    monkeypatch.setattr(health.disk, "writable", broken)
    browser = Client(raise_request_exception=False)
    assert browser.get("/health/ready", {"q": MARK}).status_code == 500
    (line,) = [json.loads(t) for t in logged.getvalue().splitlines() if "traceback" in t]
    assert MARK not in json.dumps(line, ensure_ascii=False)
    assert "builtins.ValueError" in line["traceback"]
    assert "23505" in line["traceback"]
    assert "test_logs.py" in line["traceback"]
    assert (line["message"], line["path"]) == ("status 500", "/health/ready")


def test_exceptions_among_the_arguments_and_in_threads_are_kinds(logged) -> None:
    logging.getLogger("qingmiao").warning("away: %s", ValueError(MARK))
    logging.getLogger("qingmiao").error(ValueError(MARK))
    logging.getLogger("qingmiao").error(ImportError("no module named x.y"))  # about code: its message helps
    from qingmiao.site.config.logging import hear_uncaught

    was = sys.excepthook, threading.excepthook
    try:
        hear_uncaught()
        thread = threading.Thread(target=lambda: {}[MARK])
        thread.start()
        thread.join()
    finally:
        sys.excepthook, threading.excepthook = was
    assert MARK not in logged.getvalue()
    assert logged.getvalue().count("builtins.ValueError") == 2
    assert "builtins.KeyError" in logged.getvalue()
    assert "no module named x.y" in logged.getvalue()


@pytest.mark.django_db
def test_the_log_of_the_database_holds_no_rows() -> None:
    folder = settings.SERVER
    with psycopg.connect(postgres.address(folder, "postgres"), autocommit=True) as own:
        own.execute("CREATE TEMPORARY TABLE person_of_test (name text PRIMARY KEY)")
        with pytest.raises(psycopg.errors.UniqueViolation, match=MARK):
            own.execute(f"INSERT INTO person_of_test VALUES ('{MARK}'), ('{MARK}')")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation, match=MARK):
            own.execute(f"SELECT '{MARK}'::int")
    text = (folder / "log").read_text("utf-8", "replace")
    assert "starting PostgreSQL" in text
    assert MARK not in text
