"""Cases as facts: what counts is published with the step that says it, nothing that names anybody; core and sealed ones
can be counted in their county and month alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import clocks, keeping, programmes, publishing
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.facts import api as facts
from website import cased
from website.filed import HOME

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


def rows(table: str = "programme_cases") -> list[dict[str, Any]]:
    """What counts of a table, in the order of its keys."""
    made: list[dict[str, Any]] = facts.current(site_pack.pack(), table).to_pylist()
    return made


@pytest.fixture
def people(make_person: Callable[..., Any]) -> dict[str, Any]:
    """Who has to do with a school's report."""
    return cased.people(make_person, "teacher", "police", "office", "office2")


def test_a_draft_is_not_counted_and_a_report_is_with_its_clocks(people: dict[str, Any]) -> None:
    number = cased.drafted(people["teacher"])
    assert rows() == []
    cased.taken(people["teacher"], number, "reported", cased.SEEN)
    (row,) = rows()
    assert (row["programme"], row["area_code"], row["stage"], row["ended"]) == (
        "mandatory_report",
        HOME,
        "reported",
        False,
    )
    assert (row["sex"], row["age"], row["risk"]) == ("F", timezone.localdate().year - 2014 - _before_may(), "orange")
    assert str(number) not in row["case_id"].split("-")
    assert not any("演示" in str(value) for value in row.values())
    dated = rows("case_clocks")
    assert {r["case_id"] for r in dated} == {row["case_id"]}
    assert {r["clock"]: r["kept"] for r in dated if r["kept"] is not None} == {"mandatory_report.report_at_once": True}
    (told,) = rows("case_outcomes")
    assert (told["case_id"], told["outcome"], told["amount"]) == (row["case_id"], "mandatory_report.reports", 1)
    assert (told["area_code"], told["sex"]) == (HOME, "F")


def _before_may() -> int:
    today = timezone.localdate()
    return int((today.month, today.day) < (5, 1))


def test_a_clock_that_runs_out_counts_as_late_without_a_step(people: dict[str, Any]) -> None:
    number = cased.reported(people["teacher"])
    cased.taken(people["police"], number, "received", {"receipt_number": "J1", "record_made": True})
    running = [r["clock"] for r in rows("case_clocks") if r["kept"] is None]
    assert running != []
    clocks.look(timezone.now() + timedelta(days=400))
    late = {r["clock"] for r in rows("case_clocks") if r["kept"] is False}
    assert set(running) <= late
    assert rows()[0]["clocks_late"] == len(late)


def test_a_core_case_and_a_sealed_one_are_only_counted(people: dict[str, Any]) -> None:
    number = cased.reported(people["teacher"], situations=["R1"])
    (row,) = rows()
    assert (row["area_code"], row["opened_on"].day) == (HOME[:6], 1)
    assert [row[c] for c in ("sex", "age", "stage", "risk", "close_reason", "closed_on")] == [None] * 6
    assert {r["due_on"].day for r in rows("case_clocks")} <= {1}
    (told,) = rows("case_outcomes")
    assert (told["area_code"], told["counted_on"].day, told["sex"]) == (HOME[:6], 1, None)
    case = KeptCase.objects.get(pk=number)
    case.state, case.secrecy = "sealed", "敏感"
    publishing.publish(
        case, programmes.ready(case.programme), keeping.file_of(case), timezone.make_naive(timezone.now())
    )
    assert rows()[0]["area_code"] == HOME[:6]


def test_nothing_is_published_anew_where_nothing_that_counts_has_changed(people: dict[str, Any]) -> None:
    number = cased.reported(people["teacher"])
    case = KeptCase.objects.get(pk=number)
    before = case.facts_version
    now = timezone.make_naive(timezone.now())
    assert publishing.publish(case, programmes.ready(case.programme), keeping.file_of(case), now) == 0
    assert KeptCase.objects.get(pk=number).facts_version == before


def test_what_leads_from_a_row_to_its_case_is_for_those_who_see_the_case(people: dict[str, Any]) -> None:
    from qingmiao.site.apps.directory.permissions import Reach

    cased.reported(people["teacher"], situations=["R1"])
    (row,) = rows()
    assert facts.may_see(row["_file"], Reach(people["police"])) is True
    assert facts.may_see(row["_file"], Reach(people["office"])) is False
    assert facts.origin(row["_file"]).label.startswith("个案（")


def test_of_every_programme_cases_and_clocks_can_be_counted() -> None:
    pack = site_pack.pack()
    counted = set(pack.codes["programme"].codes)
    assert set(programmes.every()) == counted
    timed = {c.partition(".")[0] for c in pack.codes["programme_clock"].codes}
    assert timed == {id_ for id_, one in programmes.every().items() if one.deadlines}
