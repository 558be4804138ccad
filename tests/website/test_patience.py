"""An answer that asks for patience is one calm line a minute in the log, not an error each."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from qingmiao.site.config.logging import JsonLines
from qingmiao.site.web.ui import calm, trouble

ASKED = 12


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the site's formatter writes of warnings and errors; nothing has been said before."""
    monkeypatch.setattr(calm, "CALM", calm.Calm())
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonLines())
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


def test_a_reason_is_said_at_once_then_counted_until_its_time_comes() -> None:
    one = calm.Calm(every=60)
    assert [one.due("away", now) for now in (0.0, 1.0, 59.0, 60.0, 61.0)] == [1, 0, 0, 3, 0]
    assert one.due("loading", 1.0) == 1, "another reason has its own line"


def test_many_who_meet_a_database_that_is_away_make_one_line(lines: io.StringIO, monkeypatch) -> None:
    watch = trouble.Watch(lambda: False)
    watch.away()
    monkeypatch.setattr(trouble, "WATCH", watch)
    answers = {Client().get("/login").status_code for _ in range(ASKED)}
    assert answers == {503}
    (line,) = [json.loads(text) for text in lines.getvalue().splitlines()]
    assert (line["logger"], line["level"]) == ("qingmiao.patience", "warning")
    assert line["message"].startswith("the database is away")


@pytest.mark.django_db
def test_pages_that_wait_for_a_first_start_make_one_line(lines: io.StringIO, monkeypatch) -> None:
    from types import SimpleNamespace

    from django.conf import settings

    from qingmiao.site.apps.audit import api as audit

    audit.stages.plan([audit.stages.LoadingStage("figures", "数字", "figures")])
    monkeypatch.setattr(settings, "ENVIRONMENT", SimpleNamespace(**vars(settings.ENVIRONMENT) | {"mode": "demo"}))
    browser = Client()
    assert {browser.get("/overview/").status_code for _ in range(ASKED)} == {503}
    (line,) = [json.loads(text) for text in lines.getvalue().splitlines()]
    assert line["message"].startswith("the first start still loads")


@pytest.mark.django_db
def test_a_site_that_is_not_ready_says_what_is_missing_once(lines: io.StringIO) -> None:
    assert {Client().get("/health/ready").status_code for _ in range(ASKED)} == {503}
    (line,) = [json.loads(text) for text in lines.getvalue().splitlines()]
    assert line["message"].startswith("not ready: worker")
