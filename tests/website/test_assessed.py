"""What a run was assessed to be is kept beside it: a page after a run assesses nothing, and what is kept is what would
be made again.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from qingmiao.assess.run import assess_pack
from qingmiao.site.apps.monitoring import api, assessed, state
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db


def kept() -> list[Path]:
    return sorted((Path(settings.HOME) / "assessed").glob("*.json"))


@pytest.fixture
def never(monkeypatch):
    """Nothing is assessed from here on."""

    def refuse(*args, **kwargs):
        raise AssertionError("assessed again")

    return lambda: monkeypatch.setattr(assessed, "assess_pack", refuse)


def test_the_first_pages_after_a_run_assess_nothing(directory, make_person, browser_of, never):
    run = a_run()
    api.assess_ahead()
    state.forget()
    never()
    client = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    assert run.year - 1 in api.current().years
    pages = ["/plan/", f"/plan/?year={run.year - 1}", "/plan/goals/health.g1", "/indicators/health.imr", "/warnings/"]
    assert [client.get(page).status_code for page in [*pages, "/overview/"]] == [200] * 6


def test_what_is_kept_is_what_would_be_made_again(directory, monkeypatch):
    run = a_run()
    made = api.current().assessment(run.year), api.current().findings(run.year)
    assert made[0] == assess_pack(
        api.pack(), api.current().values, year=run.year, return_status=api.current().run.statuses,
        findings=api.current().run.findings,
    )  # fmt: skip
    state.forget()
    assert (api.current().assessment(run.year), api.current().findings(run.year)) == made


@pytest.mark.parametrize("damage", [b"", b"{", b'{"year": "x"}', b"\xff\xfe"])
def test_a_damaged_file_is_made_again(directory, damage):
    run = a_run()
    assessed.drop_others("none")
    state.forget()
    made = api.current().findings(run.year)
    whole = {path: path.read_bytes() for path in kept() if f"-{run.year}-" in path.name}
    assert len(whole) == 2
    for path in whole:
        path.write_bytes(damage)
    state.forget()
    assert api.current().findings(run.year) == made
    assert {path: path.read_bytes() for path in whole} == whole


def test_another_content_or_program_is_assessed_anew(directory, monkeypatch):
    run = a_run()
    shown = api.current()
    shown.assessment(run.year)
    other = replace(shown.pack, digest="f" * 64)
    asked: list[int] = []
    monkeypatch.setattr(assessed, "assess_pack", lambda *_, year, **__: asked.append(year) or shown.assessment(year))
    state.assess(shown.pack, shown.values, shown.run, run.year)
    assert asked == []
    state.assess(other, shown.values, shown.run, run.year)
    assert asked == [run.year]
    monkeypatch.setattr(assessed, "program", lambda: "newer")
    state.assess(shown.pack, shown.values, shown.run, run.year)
    assert asked == [run.year] * 2


def test_what_is_kept_of_earlier_runs_goes_and_a_full_disk_costs_no_page(directory, monkeypatch):
    run = a_run()
    api.current().findings(run.year)
    mine = kept()
    old = mine[0].with_name("values-0-0-assessment-2020.json")
    old.write_bytes(mine[0].read_bytes())
    api.assess_ahead()
    assert not old.exists()
    assert set(mine) <= set(kept())
    assessed.drop_others("none")
    state.forget()

    def full(*args):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert api.current().assessment(run.year).year == run.year
    assert not list((Path(settings.HOME) / "assessed").iterdir())
