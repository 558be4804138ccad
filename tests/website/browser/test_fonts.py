"""The Chinese font comes in slices: a first visit loads little, and a rare character is still fetched."""

from __future__ import annotations

from typing import Any

import pytest

from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 400 * 1024
"""Bytes of fonts of a first visit."""
LOADED = """[...document.fonts].filter((f) => f.status === "loaded").length"""
PUT = """(text) => { const p = document.createElement("p"); p.textContent = text;
  document.querySelector("main").append(p); return document.fonts.ready.then(() => true); }"""


def test_a_first_visit_loads_little_and_a_rare_character_more(window: Any, make_person: Any) -> None:
    a_run()
    page = window(make_person("committee_office", Role.COMMITTEE_OFFICE)).new_page()
    got: dict[str, int] = {}
    page.on("response", lambda r: got.update({r.url: len(r.body())}) if "/fonts/" in r.url else None)
    for address in ("/plan/", "/duties/", "/returns/"):
        page.goto(address)
        page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate(LOADED) > 0, "this machine has no Chinese font: the site's is loaded"
    assert 0 < sum(got.values()) <= MOST, got
    before = set(got)
    with page.expect_response(lambda r: r.url not in before and r.url.endswith(".woff2")):
        page.evaluate(PUT, "鳜")
    with page.expect_response(lambda r: ".ttf" in r.url):
        page.evaluate(PUT, "龘")


def test_a_heading_has_no_hole_where_the_machine_has_no_chinese_font(window: Any, make_person: Any) -> None:
    """Bold of what no bold slice holds: the regular one is made bold; a face that fails to load would draw nothing."""
    a_run()
    page = window(make_person("committee_office", Role.COMMITTEE_OFFICE)).new_page()
    page.goto("/duties/")
    page.evaluate("(text) => { document.querySelector('h1').textContent = text; }", "乡宁厕镢鳜")
    page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate("[...document.fonts].filter((f) => f.status === 'error').map((f) => f.family)") == []
    assert page.evaluate("document.fonts.check('700 20px \"Qingmiao Sans More\"', '镢')")
