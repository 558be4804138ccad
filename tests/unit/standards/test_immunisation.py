"""Which doses count and what is due: ages, intervals, editions, options and catch-up, to the day."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from qingmiao.standards import immunisation
from qingmiao.standards.columns import ColumnError
from qingmiao.standards.immunisation import DoseStatus, child_schedule, schedule
from qingmiao.standards.immunisation.derive import DERIVATIONS

Given = list[tuple[str, str] | tuple[str, str, int]]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def look(
    birth: str,
    given: Given,
    on: str,
    vaccine: str,
    dose: int,
    *,
    sex: str = "F",
    mother: str = "",
    weight: float | None = None,
) -> DoseStatus:
    found = child_schedule(
        day(birth),
        given=[(row[0], day(row[1]), *row[2:]) for row in given],  # type: ignore[misc]
        on=day(on),
        sex=sex,
        mother_hbsag=mother,
        birth_weight_g=weight,
    )
    return next(row for row in found if (row.vaccine, row.dose) == (vaccine, dose))


def test_every_row_of_the_schedule_is_reached_by_a_child_who_gets_everything_on_time() -> None:
    for birth, sex in (("2011-12-01", "F"), ("2018-01-15", "F"), ("2020-02-29", "M"), ("2025-08-31", "F")):
        given: Given = []
        found: tuple[DoseStatus, ...] = ()
        on = day(birth)
        for _ in range(60):
            found = child_schedule(
                day(birth),
                given=[(v, day(d), n) for v, d, n in given],  # type: ignore[misc]
                on=on,
                sex=sex,
            )
            open_ = [row for row in found if row.state in {"overdue", "due", "not_yet_due"} and row.reason is None]
            if not open_:
                break
            first = min(open_, key=lambda row: (row.due_date, row.vaccine))
            assert first.due_date is not None
            on = max(on, first.due_date)
            given.append((first.vaccine, first.due_date.isoformat(), first.dose))
        assert {row.state for row in found} <= {"given_valid", "not_applicable"}, [
            r for r in found if r.state == "overdue"
        ]
        valid = [row for row in found if row.state == "given_valid"]
        assert len(valid) == 3 + 1 + 4 + 2 + 2 + 4 + 1 + 5 + (2 if sex == "F" else 0)
        assert [row for row in valid if row.timely is False] == []
        assert {row.note for row in valid} == {None}


@pytest.mark.parametrize(
    ("birth", "given", "reason"),
    [
        ("2025-02-28", "2025-04-27", "too_young"),
        ("2025-02-28", "2025-04-28", None),
        ("2025-02-28", "2025-04-29", None),
        ("2025-12-31", "2026-02-27", "too_young"),  # two months after 31 December is 28 February
        ("2025-12-31", "2026-02-28", None),
        ("2025-12-31", "2026-03-01", None),
        ("2025-12-31", "2025-12-30", "before_birth"),
    ],
)
def test_the_least_age_to_the_day_also_at_a_months_end(birth: str, given: str, reason: str | None) -> None:
    found = look(birth, [("DTaP", given)], "2026-06-01", "DTaP", 1)
    assert (found.state, found.reason) == ("given_invalid" if reason else "given_valid", reason)


@pytest.mark.parametrize(
    ("second", "state", "reason"),
    [
        ("2025-05-27", "given_invalid", "interval_too_short"),
        ("2025-05-28", "given_valid", None),
        ("2025-05-29", "given_valid", None),
    ],
)
def test_the_least_interval_to_the_day(second: str, state: str, reason: str | None) -> None:
    # born 1 January 2025, first dose late on 30 April; 28 days later is 28 May
    found = look("2025-01-01", [("IPV", "2025-04-30"), ("IPV", second)], "2025-12-01", "IPV", 2)
    assert (found.state, found.reason, found.due_date) == (state, reason, day("2025-05-28"))


def test_a_dose_that_does_not_count_is_repeated_and_nothing_starts_again() -> None:
    given: Given = [("IPV", "2025-03-01"), ("IPV", "2025-03-10"), ("IPV", "2025-04-05")]
    assert look("2025-01-01", given, "2025-12-01", "IPV", 1).given_date == day("2025-03-01")
    second = look("2025-01-01", given, "2025-12-01", "IPV", 2)
    assert (second.state, second.given_date) == ("given_valid", day("2025-04-05"))


class TestStates:
    def test_before_on_and_after_the_due_day(self) -> None:
        states = [look("2025-01-31", [], on, "HepB", 3).state for on in ("2025-07-30",)]
        assert states == ["not_yet_due"]
        given: Given = [("HepB", "2025-01-31"), ("HepB", "2025-02-28")]
        for on, state in (
            ("2025-07-30", "not_yet_due"),
            ("2025-07-31", "due"),
            ("2026-01-30", "due"),
            ("2026-01-31", "overdue"),
        ):
            assert look("2025-01-31", given, on, "HepB", 3).state == state

    def test_a_dose_without_its_own_limit_is_overdue_when_a_later_one_is(self) -> None:
        assert look("2025-01-31", [], "2026-01-30", "IPV", 1).state == "due"
        assert look("2025-01-31", [], "2026-01-31", "IPV", 1).state == "overdue"
        assert look("2025-01-31", [], "2026-01-31", "IPV", 1).complete_before is None

    def test_a_dose_waits_for_the_one_before(self) -> None:
        found = look("2025-01-31", [], "2025-06-01", "IPV", 2)
        assert (found.state, found.reason) == ("not_yet_due", "previous_dose_missing")

    def test_a_late_first_dose_moves_the_second(self) -> None:
        found = look("2025-01-01", [("MMR", "2026-12-20")], "2027-01-05", "MMR", 2)
        assert (found.state, found.due_date) == ("not_yet_due", day("2027-01-17"))
        assert look("2025-01-01", [("MMR", "2026-12-20")], "2027-01-17", "MMR", 2).state == "overdue"

    def test_doses_after_the_day_are_not_known_yet(self) -> None:
        assert look("2025-01-31", [("HepB", "2025-01-31")], "2025-01-31", "HepB", 1).state == "given_valid"
        assert look("2025-01-31", [("HepB", "2025-02-01")], "2025-01-31", "HepB", 1).state == "due"

    @pytest.mark.parametrize(("birth", "reason"), [(None, "missing_birth_date"), ("2030-01-01", "born_after_on")])
    def test_no_birth_date_no_states(self, birth: str | None, reason: str) -> None:
        found = child_schedule(birth and day(birth), given=[("HepB", day("2025-01-01"))], on=day("2025-06-01"))
        assert {(row.state, row.reason, row.due_date) for row in found} == {("missing", reason, None)}


class TestEditions:
    @pytest.mark.parametrize(
        ("birth", "dose", "edition", "due"),
        [
            ("2024-09-30", 1, "2021", "2024-12-30"),  # three months on 30 December 2024: the old row
            (
                "2024-10-01",
                1,
                "2026",
                "2025-01-01",
            ),  # three months on 1 January 2025: the new one, from its first day
            ("2024-11-30", 1, "2026", "2025-01-30"),
            ("2024-09-30", 3, "2026", "2025-03-30"),
            ("2018-12-31", 5, None, None),
            ("2019-01-01", 5, "2026", "2025-01-01"),
        ],
    )
    def test_dtap_changes_on_1_january_2025(self, birth: str, dose: int, edition: str | None, due: str | None) -> None:
        found = look(birth, [], "2025-06-01", "DTaP", dose)
        assert (found.edition, found.due_date) == (edition, due and day(due))

    def test_six_year_olds_of_2024_still_had_dt(self) -> None:
        old, new = (look(birth, [], "2025-06-01", "DT", 1) for birth in ("2018-12-31", "2019-01-01"))
        assert (old.edition, old.due_date) == ("2021", day("2024-12-31"))
        assert (new.state, new.reason) == ("not_applicable", "other_edition")

    def test_mpsv_a_second_dose_limit_changes_with_the_edition(self) -> None:
        # nine months on 16 or 17 June 2026: before 18 months under the old edition, before 24 under the new one
        for birth, edition, limit in (
            ("2025-09-16", "2021", "2027-03-16"),
            ("2025-09-17", "2026", "2027-09-17"),
        ):
            found = look(birth, [], "2026-07-01", "MPSV-A", 2)
            assert (found.edition, found.complete_before) == (edition, day(limit))

    def test_a_dose_at_five_months_of_a_child_in_transition_counts_and_is_marked(self) -> None:
        given: Given = [("DTaP", "2024-12-20"), ("DTaP", "2025-01-20"), ("DTaP", "2025-02-20")]
        found = look("2024-09-20", given, "2025-06-01", "DTaP", 3)
        assert (found.state, found.note) == ("given_valid", "transition")
        began_new: Given = [("DTaP", "2025-03-20"), ("DTaP", "2025-05-20"), ("DTaP", "2025-06-20")]
        assert look("2025-01-20", began_new, "2025-12-01", "DTaP", 3).reason == "too_young"

    def test_hpv_is_for_girls_not_yet_14_on_10_november_2025(self) -> None:
        assert look("2011-11-10", [], "2026-01-01", "2vHPV", 1).reason == "other_edition"
        found = look("2011-11-11", [], "2025-11-10", "2vHPV", 1)
        assert (found.state, found.due_date) == ("due", day("2025-11-10"))
        assert look("2012-01-01", [], "2026-01-01", "2vHPV", 1, sex="M").reason == "not_for_sex"
        unknown = look("2012-01-01", [], "2026-01-01", "2vHPV", 1, sex="")
        assert (unknown.state, unknown.reason) == ("missing", "missing_sex")

    def test_second_hpv_dose_within_twelve_months_of_the_first(self) -> None:
        found = look("2013-01-10", [("2vHPV", "2026-12-01")], "2027-07-01", "2vHPV", 2)
        assert (found.state, found.due_date, found.complete_before) == (
            "due",
            day("2027-06-01"),
            day("2027-12-01"),
        )


class TestProducts:
    def test_four_ipv_doses_complete_the_polio_series(self) -> None:
        given: Given = [
            ("IPV", "2025-03-01"),
            ("IPV", "2025-04-01"),
            ("IPV", "2025-05-01"),
            ("IPV", "2029-01-01"),
        ]
        for dose in (1, 2):
            found = look("2025-01-01", given, "2029-02-01", "bOPV", dose)
            assert (found.state, found.note) == ("given_valid", "other_product")

    def test_the_first_record_chooses_the_option(self) -> None:
        given: Given = [("JE-I", "2025-09-01"), ("JE-I", "2025-09-08")]
        assert look("2025-01-01", given, "2025-12-01", "JE-I", 2).state == "given_valid"
        assert look("2025-01-01", given, "2025-12-01", "JE-L", 1).reason == "other_option"
        assert look("2025-01-01", [], "2025-12-01", "JE-I", 1).reason == "other_option"
        short: Given = [("JE-I", "2025-09-01"), ("JE-I", "2025-09-07")]
        assert look("2025-01-01", short, "2025-12-01", "JE-I", 2).reason == "interval_too_short"

    def test_hepatitis_a_begun_inactivated_may_be_completed_live_after_six_months(self) -> None:
        for second, state in (("2027-01-01", "given_valid"), ("2026-12-31", "given_invalid")):
            given: Given = [("HepA-I", "2026-07-01"), ("HepA-L", second)]
            assert look("2025-01-01", given, "2027-06-01", "HepA-I", 2).state == state

    def test_mpsv_a_is_not_given_from_24_months(self) -> None:
        assert look("2024-01-01", [("MPSV-A", "2025-12-31")], "2026-06-01", "MPSV-A", 1).state == "given_valid"
        late = look("2024-01-01", [("MPSV-A", "2026-01-01")], "2026-06-01", "MPSV-A", 1)
        assert (late.state, late.reason) == ("given_invalid", "too_old")
        assert look("2024-01-01", [], "2026-01-01", "MPSV-A", 1).state == "not_applicable"
        assert look("2024-01-01", [], "2025-12-31", "MPSV-A", 1).state == "overdue"

    def test_mpsv_ac_follows_without_a_from_three_years(self) -> None:
        found = look("2024-01-01", [("MPSV-AC", "2027-01-01"), ("MPSV-AC", "2030-01-01")], "2030-02-01", "MPSV-AC", 2)
        assert found.state == "given_valid"
        early = look("2024-01-01", [("MPSV-AC", "2027-01-01"), ("MPSV-AC", "2029-12-31")], "2030-02-01", "MPSV-AC", 2)
        assert early.state == "given_invalid"

    def test_bcg_to_three_years_needs_a_ppd_and_none_from_four(self) -> None:
        assert look("2024-01-31", [("BCG", "2024-04-29")], "2024-06-01", "BCG", 1).note is None
        assert look("2024-01-31", [("BCG", "2024-04-30")], "2024-06-01", "BCG", 1).note == "ppd_needed"
        assert look("2024-01-31", [], "2028-01-30", "BCG", 1).state == "overdue"
        assert look("2024-01-31", [], "2028-01-31", "BCG", 1).reason == "too_old"

    @pytest.mark.parametrize(("second", "state"), [("2025-09-01", True), ("2025-09-28", False), ("2025-09-29", True)])
    def test_injected_live_vaccines_together_or_28_days_apart(self, second: str, state: bool) -> None:
        found = look("2025-01-01", [("MMR", "2025-09-01"), ("JE-L", second)], "2026-01-01", "JE-L", 1)
        assert (found.state == "given_valid") is state
        assert (found.reason == "live_vaccines_too_close") is not state

    def test_oral_and_inactivated_vaccines_need_no_distance(self) -> None:
        given: Given = [("MMR", "2025-09-01"), ("MPSV-A", "2025-09-02"), ("HepB", "2025-09-02")]
        assert look("2025-01-01", given, "2026-01-01", "MPSV-A", 1).state == "given_valid"

    @pytest.mark.parametrize(("given", "state"), [("2026-03-09", "given_invalid"), ("2026-03-10", "given_valid")])
    def test_dt_takes_the_place_of_dtap_from_seven_years(self, given: str, state: str) -> None:
        before: Given = [
            ("DTaP", "2019-06-10"),
            ("DTaP", "2019-07-10"),
            ("DTaP", "2019-08-10"),
            ("DTaP", "2020-09-10"),
        ]
        found = look("2019-03-10", [*before, ("DT", given)], "2026-06-01", "DTaP", 5)
        assert (found.state, found.note) == (state, "catch_up_product" if state == "given_valid" else None)

    def test_older_cohorts_catch_up_with_mmr_and_no_age_makes_them_late(self) -> None:
        assert look("2019-09-30", [], "2025-01-01", "MMR", 1).state == "due"
        assert look("2019-10-01", [], "2025-01-01", "MMR", 1).state == "overdue"

    def test_light_children_of_positive_mothers_need_three_more_hepatitis_b_doses(self) -> None:
        born = "2025-01-01"
        given: Given = [
            ("HepB", born),
            ("HepB", "2025-02-01"),
            ("HepB", "2025-03-01"),
            ("HepB", "2025-08-01"),
        ]
        for numbered in (given, [(v, d, n) for n, (v, d) in enumerate(given, start=1)]):  # type: ignore[misc]
            rows = [look(born, numbered, "2025-12-01", "HepB", n, mother="positive", weight=1999) for n in (1, 2, 3)]
            assert [row.given_date for row in rows] == [
                day("2025-02-01"),
                day("2025-03-01"),
                day("2025-08-01"),
            ]
        assert look(born, given, "2025-12-01", "HepB", 1, mother="positive", weight=2000).given_date == day(born)
        assert look(born, given[:1], "2025-01-20", "HepB", 1, mother="unknown", weight=1500).state == "not_yet_due"


class TestRecords:
    def test_numbers_and_order_of_date_agree(self) -> None:
        given: Given = [("HepB", "2025-07-01"), ("HepB", "2025-01-01"), ("HepB", "2025-02-01")]
        numbered: Given = [("HepB", "2025-07-01", 3), ("HepB", "2025-01-01", 1), ("HepB", "2025-02-01", 2)]
        for dose in (1, 2, 3):
            one, two = (look("2025-01-01", rows, "2025-12-01", "HepB", dose) for rows in (given, numbered))
            assert (two.recorded_dose, two.number_differs) == (dose, False)
            assert one == dataclasses.replace(two, recorded_dose=None, number_differs=None)
            assert one.state == "given_valid"

    def test_a_number_is_no_proof_of_the_dose_before(self) -> None:
        given: Given = [("HepB", "2025-02-01", 2)]
        first = look("2025-01-01", given, "2025-03-01", "HepB", 1)
        assert (first.state, first.given_date) == ("given_valid", day("2025-02-01"))
        assert (first.recorded_dose, first.number_differs) == (2, True)
        assert first.note == "earlier_dose_not_recorded"
        assert look("2025-01-01", given, "2025-03-01", "HepB", 2).state == "due"

    def test_why_records_are_left_out(self) -> None:
        table = {
            "id": np.array(["1"] * 6 + [None], dtype=object),
            "birth_date": np.array(["2025-01-01"] * 7, dtype=object),
            "vaccine": np.array(["HepB", "HepB", "XYZ", "BCG", "MMR", None, "HepB"], dtype=object),
            "date": np.array(
                ["2025-01-01", "2025-01-01", "2025-01-01", "soon", "2027-01-01", "2025-02-01", "2025-01-01"],
                dtype=object,
            ),
            "dose": np.array([1, 1, 1, 1, 1, np.nan, 1]),
        }
        read, states = immunisation.judged(table, on=day("2025-06-01"))
        reasons = [immunisation.REASONS[code] for code in states.record_reason]
        assert reasons == [
            "", "same_day", "unknown_vaccine", "unreadable_date", "after_on", "unknown_vaccine"
        ]  # fmt: skip
        assert read.record_row.tolist() == [0, 1, 2, 3, 4, 5]

    def test_rows_that_differ_in_the_birth_date_are_not_guessed(self) -> None:
        table = {
            "id": np.array(["1", "1"], dtype=object),
            "birth_date": np.array(["2025-01-01", "2025-01-02"], dtype=object),
            "vaccine": np.array(["HepB", "HepB"], dtype=object),
            "date": np.array(["2025-01-02", "2025-02-02"], dtype=object),
        }
        found = immunisation.score_columns(table, on=day("2025-06-01"))
        assert set(found["reason"]) == {"conflicting_birth_date"}
        assert set(found["state"]) == {"missing"}


def test_the_birth_dose_is_timely_on_the_day_unknown_the_next_day_and_late_after() -> None:
    for given, timely in (("2025-01-01", True), ("2025-01-02", None), ("2025-01-03", False)):
        assert look("2025-01-01", [("HepB", given)], "2025-06-01", "HepB", 1).timely is timely


def test_next_due_is_the_earliest_dose_still_to_give() -> None:
    table = {
        "id": np.array(["1", "2"], dtype=object),
        "birth_date": np.array(["2025-01-31", None], dtype=object),
        "vaccine": np.array(["HepB", None], dtype=object),
        "date": np.array(["2025-01-31", None], dtype=object),
    }
    _, states = immunisation.judged(table, on=day("2025-02-01"))
    when, which = immunisation.next_due(states)
    assert (when[0], schedule.doses()[which[0]]) == (np.datetime64("2025-01-31"), ("BCG", 1))
    assert np.isnat(when[1])
    assert which[1] == -1


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame, pd.DataFrame])
def test_any_table_comes_back_as_its_own_kind(make: object) -> None:
    table = make(  # type: ignore[operator]
        {
            "id": ["1", "1", "2"],
            "birth_date": [day("2025-01-31")] * 3,
            "vaccine": ["HepB", "卡介苗", None],
            "date": [day("2025-01-31"), day("2025-02-01"), None],
        }
    )
    found = immunisation.score_table(table, on=day("2025-02-15"))
    assert type(found) is type(table)
    assert len(found) == 2 * len(schedule.doses())
    states = found["state"].to_pylist() if isinstance(found, pa.Table) else found["state"].to_list()
    assert states.count("given_valid") == 2


def test_a_table_without_vaccine_names_the_column() -> None:
    with pytest.raises(ColumnError, match="vaccine"):
        immunisation.read_table({"id": np.array([], dtype=object), "birth_date": np.array([], dtype=object)})


def test_an_empty_table_gives_no_rows() -> None:
    empty = {name: np.array([], dtype=object) for name in ("id", "birth_date", "vaccine", "date")}
    assert {len(values) for values in immunisation.score_columns(empty, on=day("2025-01-01")).values()} == {0}


def test_derivation_by_row_says_missing_for_a_dose_not_given() -> None:
    derivation = DERIVATIONS["immunisation.dose"]
    columns = {
        "child_id": np.array(["1", "1", "1", "2", "3"], dtype=object),
        "birth_date": np.array(["2025-01-31"] * 3 + [None, "2025-01-31"], dtype=object),
        "vaccine": np.array(["HepB", "HepB", "HepB", "HepB", "MMR"], dtype=object),
        "dose": np.array([1.0, 2, 3, 1, 1]),
        "dose_date": np.array(["2025-01-31", "2025-02-20", None, "2025-01-31", "2026-02-01"], dtype=object),
    }
    found = derivation.function(columns)
    assert set(found) == set(derivation.outputs)
    assert found["valid"].tolist() == [True, False, None, None, True]
    assert found["due_date"].tolist() == ["2025-01-31", "2025-02-28", "2025-07-31", None, "2025-09-30"]
    assert found["timely"].tolist() == [True, None, None, None, False]
    assert found["waiting"].tolist() == [False, False, True, None, False]


def _derived(*rows: tuple[str, int | None, str | None]) -> dict[str, list[object]]:
    """The derived columns of one child born on 1 January 2023."""
    count = len(rows)
    found = DERIVATIONS["immunisation.dose"].function(
        {
            "child_id": np.array(["1"] * count, dtype=object),
            "birth_date": np.array(["2023-01-01"] * count, dtype=object),
            "vaccine": np.array([row[0] for row in rows], dtype=object),
            "dose": np.array([np.nan if row[1] is None else row[1] for row in rows]),
            "dose_date": np.array([row[2] for row in rows], dtype=object),
        }
    )
    return {name: values.tolist() for name, values in found.items()}


def test_a_row_is_valid_when_the_dose_that_it_names_was_given_so_that_it_counts() -> None:
    """Trial case 05 as a list of doses: the second one of day 19 does not count, so the third one is not given."""
    found = _derived(("HepB", 1, "2023-01-01"), ("HepB", 2, "2023-01-20"), ("HepB", 3, "2023-07-01"))
    assert found["valid"] == [True, True, False]
    assert found["due_date"][2] == "2023-08-30"
    hole = _derived(("HepB", 1, "2023-01-01"), ("HepB", 3, "2023-07-01"))
    assert hole["valid"] == [True, False], "a number proves no dose that the list leaves out in between"


def test_a_list_that_begins_later_takes_the_doses_before_it_as_done() -> None:
    assert _derived(("HepB", 3, "2023-07-01"))["valid"] == [True]
    assert _derived(("HepB", 3, "2023-06-30"))["valid"] == [False], "the age holds all the same"
    late = _derived(("HepB", 2, "2023-06-01"), ("HepB", 3, "2023-07-30"))
    assert late["valid"] == [True, False], "and so does the interval"


def test_a_row_that_could_not_be_read_is_neither_valid_nor_invalid() -> None:
    found = _derived(("HepB", 1, "2023-01-01"), ("HepB", 2, "2023-02-30"), ("MMR", 1, "2023-09-01"))
    assert found["valid"] == [True, None, True]


def test_a_row_without_a_number_is_valid_as_its_own_dose_is() -> None:
    found = _derived(("MMR", None, "2023-08-01"), ("MMR", None, "2023-09-01"), ("百白破疫苗", None, "2023-04-01"))
    assert found["valid"] == [False, True, True]
