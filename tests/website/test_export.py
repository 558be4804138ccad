"""A page's tables as a workbook: what is shown, typed, with who and when; no formula; each is audited."""

from __future__ import annotations

import io

import openpyxl
import pytest

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.web.ui.export import workbook
from website import returns_world as world
from website.role_ids import Role


@pytest.mark.django_db
def test_a_list_is_exported_as_it_is_shown_and_only_to_whom_it_is_shown(make_person, browser_of):
    world.opened()
    person, other = make_person("health", Role.LIAISON), make_person("education", Role.LIAISON)
    browser = browser_of(person)
    page = browser.get("/returns/calendar?year=2024").content.decode()
    assert 'href="?year=2024&amp;export=xlsx"' in page
    answer = browser.get("/returns/calendar?year=2024&export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert person.name in sheet["A1"].value
    assert any("出生缺陷防治服务" in str(c.value) for row in sheet.iter_rows() for c in row)
    (event,) = Event.objects.filter(action="site.export")
    assert (event.actor, event.object_id) == (person.username, "/returns/calendar")
    stranger = browser_of(other).get("/returns/calendar?year=2024&export=xlsx")
    assert "出生缺陷防治服务".encode() not in stranger.content
    assert browser_of(other).get("/people/?export=xlsx").status_code == 404


def test_numbers_are_numbers_codes_are_text_and_nothing_is_a_formula():
    rows = [["1,234.5", "-3", "45.5%", "01", "=1+1", "@x", "2024-10-25", "141029100"]]
    sheet = openpyxl.load_workbook(io.BytesIO(workbook("题", [rows])))["表1"]
    found = [(c.value, c.data_type) for c in sheet[3]]
    assert found == [
        (1234.5, "n"), (-3, "n"), (0.455, "n"), ("01", "s"), ("=1+1", "s"), ("@x", "s"), ("2024-10-25", "s"),
        ("141029100", "s"),
    ]  # fmt: skip
