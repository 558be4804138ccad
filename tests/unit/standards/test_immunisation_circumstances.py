"""Combined vaccines by their label, immunoglobulin, health states and contraindications, to the day."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from qingmiao.standards import immunisation
from qingmiao.standards.columns import Column
from qingmiao.standards.immunisation import DoseStatus, child_schedule, coverage, judged
from qingmiao.standards.immunisation.derive import DERIVATIONS

BORN = datetime.date(2023, 1, 10)
Key = tuple[str, int]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def look(*given: tuple[str, str], on: str = "2024-09-01", **known: object) -> dict[Key, DoseStatus]:
    doses = [(vaccine, day(date)) for vaccine, date in given]
    rows = child_schedule(BORN, given=doses, on=day(on), sex="F", **known)  # type: ignore[arg-type]
    return {(row.vaccine, row.dose): row for row in rows}


def by_label(vaccine: str, *dates: str) -> list[tuple[str, str]]:
    return [(vaccine, date) for date in dates]


POLIO: list[Key] = [("IPV", 1), ("IPV", 2), ("bOPV", 1), ("bOPV", 2)]
DTAP: list[Key] = [("DTaP", dose) for dose in (1, 2, 3, 4)]


@pytest.mark.parametrize("name", ["DTaP-IPV-Hib", "五联疫苗", "dtap-ipv/hib"])
def test_the_five_in_one_by_its_label_is_four_dtap_and_the_whole_polio_series(name: str) -> None:
    """2, 3, 4 and 18 months: earlier than DTaP (3, 4, 5 in 2021) and the second bOPV (4 years) of the schedule."""
    found = look(*by_label(name, "2023-03-10", "2023-04-10", "2023-05-10", "2024-07-10"))
    assert [found[key].state for key in (*POLIO, *DTAP)] == ["given_valid"] * 8
    assert {found[key].note for key in (*POLIO, *DTAP)} == {"combined_vaccine"}
    assert found["DTaP", 5].state == "not_yet_due"


def test_the_four_in_one_is_dtap_alone_and_its_label_begins_at_three_months() -> None:
    found = look(*by_label("四联疫苗", "2023-04-10", "2023-05-10"))
    assert [found[key].state for key in DTAP[:2]] == ["given_valid"] * 2
    assert found["IPV", 1].state == "overdue"
    early = look(*by_label("四联疫苗", "2023-04-09"))
    assert (early["DTaP", 1].state, early["DTaP", 1].reason) == ("given_invalid", "too_young")


@pytest.mark.parametrize(("first", "state"), [("2023-03-09", "given_invalid"), ("2023-03-10", "given_valid")])
def test_least_age_by_label(first: str, state: str) -> None:
    found = look(*by_label("DTaP-IPV-Hib", first))
    assert (found["DTaP", 1].state, found["IPV", 1].state) == (state, state)


def test_intervals_hold_for_combined_vaccines_too() -> None:
    """The fourth dose six months after the third: 2024-07-10 is five months after a late third one."""
    found = look(*by_label("DTaP-IPV-Hib", "2023-03-10", "2023-04-10", "2024-02-10", "2024-07-10"))
    assert (found["DTaP", 4].state, found["DTaP", 4].reason) == ("given_invalid", "interval_too_short")
    assert found["bOPV", 2].state == "given_valid"  # polio asks for 28 days


def test_a_fourth_ipv_ends_the_series_early_only_after_three_others() -> None:
    dates = ("2023-03-10", "2023-04-10", "2023-05-10", "2024-07-10")
    found = look(*by_label("IPV", *dates))
    assert [found[key].state for key in POLIO] == ["given_valid"] * 4
    assert found["bOPV", 2].note == "other_product"
    mixed = look(*by_label("IPV", *dates[:2]), ("bOPV", dates[2]), ("IPV", dates[3]))
    assert [mixed[key].state for key in POLIO[:3]] == ["given_valid"] * 3
    assert (mixed["bOPV", 2].state, mixed["bOPV", 2].reason) == ("given_invalid", "too_young")
    early = look(*by_label("IPV", *dates[:3], "2024-07-09"))
    assert early["bOPV", 2].state == "given_invalid"


@pytest.mark.parametrize(
    ("vaccine", "first_day", "reason"),
    [("MMR", "2023-12-01", "immunoglobulin_too_recent"), ("JE-L", "2023-12-01", "immunoglobulin_too_recent"),
     ("JE-I", "2023-10-01", "immunoglobulin_too_recent")],
)  # fmt: skip
def test_vaccines_wait_after_immunoglobulin(vaccine: str, first_day: str, reason: str) -> None:
    """Given on 2023-09-01: three months for live injected vaccines, one for JE-I."""
    before = (day(first_day) - datetime.timedelta(days=1)).isoformat()
    early = look(("免疫球蛋白", "2023-09-01"), (vaccine, before))[vaccine, 1]
    assert (early.state, early.reason, early.due_date) == ("given_invalid", reason, day(first_day))
    assert look(("IG", "2023-09-01"), (vaccine, first_day))[vaccine, 1].state == "given_valid"
    assert look((vaccine, "2023-09-10"), ("IG", "2023-09-20"))[vaccine, 1].state == "given_valid"


def test_immunoglobulin_puts_the_due_day_off_and_leaves_bcg_and_other_children_alone() -> None:
    waiting = look(("HBIG", "2023-09-01"), on="2023-11-30")
    assert (waiting["MMR", 1].state, waiting["MMR", 1].due_date) == ("not_yet_due", day("2023-12-01"))
    assert look(("IG", "2023-09-01"), on="2023-12-01")["MMR", 1].state == "due"
    assert look(("IG", "2023-01-10"), ("BCG", "2023-01-10"))["BCG", 1].state == "given_valid"
    assert look(("IG", "2023-12-05"), on="2023-11-30")["MMR", 1].due_date == day("2023-09-10")  # not known yet
    states = judged(
        {
            "id": np.array(["1", "2"], dtype=object),
            "birth_date": np.array(["2023-01-10"] * 2, dtype=object),
            "vaccine": np.array(["IG", ""], dtype=object),
            "date": np.array(["2023-09-01", None], dtype=object),
        },
        on=day("2023-11-01"),
    )[1]
    place = immunisation.schedule.doses().index(("MMR", 1))
    assert states.due[:, place].astype(str).tolist() == ["2023-12-01", "2023-09-10"]


def test_a_child_exposed_to_hiv_gets_inactivated_vaccines_and_waits_for_bcg() -> None:
    found = look(health_state="hiv_exposed")
    assert (found["BCG", 1].state, found["BCG", 1].reason) == ("deferred", "hiv_exposed")
    assert found["JE-I", 1].state == "overdue"
    assert (found["JE-L", 1].state, found["JE-L", 1].reason) == ("not_applicable", "other_option")
    assert found["HepA-I", 1].state == "due"
    assert found["bOPV", 1].note == "ipv_instead"
    assert found["MMR", 1].state == "overdue"
    given = look(("BCG", "2023-01-10"), ("JE-L", "2023-09-10"), health_state="HIV暴露")
    assert given["BCG", 1].state == given["JE-L", 1].state == "given_valid"
    assert (given["JE-L", 2].state, given["JE-L", 2].reason) == ("contraindicated", "hiv_exposed")


def test_an_immunodeficient_child_gets_no_live_vaccine() -> None:
    found = look(health_state="免疫缺陷")
    assert [found[key].state for key in (("BCG", 1), ("MMR", 1), ("MMR", 2))] == ["contraindicated"] * 3
    assert found["MMR", 1].reason == "immunodeficient"
    assert found["HepB", 1].state == "overdue"


def test_a_contraindication_bars_what_is_left_and_a_deferral_what_is_due() -> None:
    found = look(("DTaP", "2023-04-10"), barred={"DTaP": "contraindicated", "MMR": "deferred"})
    assert [found[key].state for key in DTAP] == ["given_valid", *["contraindicated"] * 3]
    assert (found["MMR", 1].state, found["MMR", 1].reason) == ("deferred", None)
    assert found["MMR", 2].reason == "previous_dose_missing"  # so it is in no denominator
    assert found["HepB", 1].state == "overdue"
    five = look(barred={"五联疫苗": "contraindicated"})
    assert five["IPV", 1].state == five["DTaP", 1].state == "contraindicated"


def table(*rows: tuple[str, str, str | None, str]) -> dict[str, Column]:
    ids, vaccines, dates, states = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    birth = np.array(["2023-01-10"] * len(rows), dtype=object)
    return {"id": ids, "birth_date": birth, "vaccine": vaccines, "date": dates, "status": states}


def test_a_deferral_ends_on_its_day() -> None:
    rows = table(("1", "MMR", "2024-06-01", "暂缓"), ("2", "MMR", None, "deferred"))
    for on, expected in (("2024-05-31", ["deferred", "deferred"]), ("2024-06-01", ["overdue", "deferred"])):
        found = immunisation.score_columns(rows, on=day(on))
        at = (found["vaccine"] == "MMR") & (found["dose"] == 1)
        assert found["state"][at].tolist() == expected


def test_barred_children_stay_in_the_denominator_unless_left_out() -> None:
    """Of four children due for HepB 1 one is vaccinated, one contraindicated, one deferred: 1 / 4, or 1 / 2 without
    them."""
    rows = table(
        ("1", "HepB", "2023-01-10", ""),
        ("2", "HepB", None, "禁忌"),
        ("3", "HepB", None, "暂缓"),
        ("4", "", None, ""),
    )
    states = judged(rows, on=day("2023-06-01"))[1]
    area = np.array(["甲"] * 4, dtype=object)
    kept = next(row for row in coverage(states, area) if (row.vaccine, row.dose) == ("HepB", 1))
    left = next(
        row for row in coverage(states, area, contraindicated="left_out") if (row.vaccine, row.dose) == ("HepB", 1)
    )
    assert (kept.given, kept.due, left.given, left.due) == (1, 4, 1, 2)


def test_an_unreadable_status_is_not_taken_for_a_dose() -> None:
    states = judged(table(("1", "HepB", "2023-01-10", "也许")), on=day("2023-06-01"))[1]
    assert immunisation.REASONS[states.record_reason[0]] == "unknown_vaccine"
    place = immunisation.schedule.doses().index(("HepB", 1))
    assert immunisation.STATES[states.state[0, place]] == "missing", "whether it was given is not known"
    assert immunisation.STATES[states.state[0, place + 3]] == "overdue", "BCG has nothing to do with it"


def test_a_combined_dose_in_a_fact_table_is_valid_when_every_part_counts() -> None:
    columns: dict[str, Column] = {
        "child_id": np.array(["1", "1"], dtype=object),
        "birth_date": np.array(["2023-01-10"] * 2, dtype=object),
        "vaccine": np.array(["DTaP-IPV-Hib", "DTaP-IPV-Hib"], dtype=object),
        "dose": np.array([1.0, 2.0]),
        "dose_date": np.array(["2023-03-10", "2023-03-20"], dtype=object),
    }
    assert DERIVATIONS["immunisation.dose"](columns)["valid"].tolist() == [True, False]
