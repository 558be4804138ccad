"""The list of indicators stands under the fields of the plan: each indicator once, work without a goal last."""

from __future__ import annotations

from typing import Any

import pytest

from qingmiao.content.of_field import of_field
from qingmiao.site.apps.monitoring import api
from qingmiao.site.web.console.monitoring.indicator import by_field
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db


def test_each_indicator_stands_once_under_a_field_that_it_is_for(directory: None) -> None:
    pack = api.pack()
    groups = by_field(pack)
    ids = [i.id for _, members in groups for i in members]
    assert sorted(ids) == sorted(pack.indicators)
    for field, (label, members) in zip(pack.fields, groups, strict=False):
        assert label == field.label
        assert {i.id for i in members} <= of_field(pack, field.id).indicators
    of_goals = set().union(*(of_field(pack, f.id).indicators for f in pack.fields))
    assert not of_goals & {i.id for i in groups[-1][1]}


def test_the_page_names_each_field_that_has_rows(make_person: Any, browser_of: Any) -> None:
    a_run()
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    page = browser_of(office).get("/indicators/", {"q": "婴儿死亡率"}).content.decode()
    assert page.count('scope="rowgroup"') == page.count('href="#field-') == 1
