"""The table of histories: what the schedule's text says of each, by hand; ``sentences.yaml`` holds the sentence that
decides.

``histories.csv``: ``given`` lists "vaccine#number day", ``expect`` lists "vaccine dose state day (reason) !note
differs" (!- is no note). The day is the day given for a valid dose, the day due for any other. Nothing in the table was
taken from the code.
"""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import yaml

from qingmiao.standards import immunisation
from qingmiao.standards.immunisation import schedule

HERE = Path(__file__).parent
SENTENCES: Mapping[str, Mapping[str, str]] = yaml.safe_load((HERE / "sentences.yaml").read_text("utf-8"))
with (HERE / "histories.csv").open(encoding="utf-8", newline="") as file:
    HISTORIES = list(csv.DictReader(file))
_GIVEN = re.compile(r"(?P<vaccine>[^#\s]+)(?:#(?P<number>\S+))?(?:\s+(?P<day>\S+))?$")
_EXPECTED = re.compile(
    r"(?P<vaccine>\S+) (?P<dose>\d) (?P<state>[a-z_]+)(?: (?P<day>\d{4}-\d\d-\d\d))?(?: \((?P<reason>[a-z_]+)\))?"
    r"(?: !(?P<note>[a-z_]+|-))?(?P<differs> differs)?$"
)


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _table(history: Mapping[str, str]) -> dict[str, np.ndarray]:
    known = dict(part.split("=") for part in history["known"].split())
    rows: list[tuple[str | None, ...]] = [(None, None, None, None)]
    for part in _split(history["given"]):
        found = _GIVEN.match(part)
        assert found, part
        rows.append((found["vaccine"], found["number"], found["day"], None))
    if "barred" in known:
        vaccine, status = known["barred"].split(":")
        rows.append((vaccine, None, None, status))
    columns = zip(*rows, strict=True)
    named = dict(zip(("vaccine", "dose", "date", "status"), columns, strict=True))
    same = {
        "id": history["id"],
        "birth_date": history["born"],
        "sex": history["sex"] or None,
        "mother_hbsag": known.get("mother"),
        "birth_weight_g": known.get("weight"),
        "health_state": known.get("health"),
    }
    table = {name: np.array(cells, dtype=object) for name, cells in named.items()}
    return table | {name: np.array([value] * len(rows), dtype=object) for name, value in same.items()}


@pytest.mark.parametrize("history", HISTORIES, ids=[history["id"] for history in HISTORIES])
def test_history(history: Mapping[str, str]) -> None:
    on = datetime.date.fromisoformat(history["on"])
    found = immunisation.score_columns(_table(history), on=on)
    lists = {name: values.tolist() for name, values in found.items()}
    rows = {
        key: {name: values[place] for name, values in lists.items()}
        for place, key in enumerate(zip(lists["vaccine"], lists["dose"], strict=True))
    }
    expected = _split(history["expect"])
    assert expected
    for text in expected:
        want = _EXPECTED.match(text)
        assert want, text
        row = rows[want["vaccine"], int(want["dose"])]
        says = f"{history['id']} {text}: {SENTENCES[history['says']]['text']}\n{row}"
        assert row["state"] == want["state"], says
        if want["day"]:
            at = "given_date" if want["state"] == "given_valid" else "due_date"
            assert row[at] == want["day"], says
        if want["reason"]:
            assert row["reason"] == want["reason"], says
        if want["note"]:
            assert (row["note"] or "-") == want["note"], says
        assert bool(row["number_differs"]) is bool(want["differs"]), says


def test_the_table_covers_what_it_should() -> None:
    assert len(HISTORIES) >= 200
    assert len({history["id"] for history in HISTORIES}) == len(HISTORIES)
    assert {history["says"] for history in HISTORIES} == set(SENTENCES), "each sentence decides a history"
    assert all({"document", "text", "seen"} == set(sentence) for sentence in SENTENCES.values())
    named = {tuple(part.split()[:2]) for history in HISTORIES for part in _split(history["expect"])}
    assert {(vaccine, str(dose)) for vaccine, dose in schedule.doses()} <= named, "every dose of both editions"
    states = {part.split()[2] for history in HISTORIES for part in _split(history["expect"])}
    assert states == set(immunisation.STATES), "every state"
