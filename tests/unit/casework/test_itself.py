"""What the system takes by itself once its time has come, as a script that waits shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from programme_scripts import china, ready, script

from qingmiao.casework.itself import waiting
from qingmiao.casework.playing import WAIT, play
from qingmiao.content.programmes import Programme


def waited(until: datetime) -> dict[str, Any]:
    """An orphan's case that is paid, after it was left alone until a moment."""
    lines = [line for line in script("orphan.adult")[0] if line.do != "adult"]
    last = replace(lines[-1], at=until, do=WAIT)
    return list(play(ready("orphan"), [*lines[:-1], last], china()))[-1]


def test_the_eighteenth_birthday_stops_the_allowance_and_the_day_before_does_not() -> None:
    before, after = waited(datetime(2033, 4, 30, 23, 59)), waited(datetime(2033, 5, 1, 0, 10))
    assert (before["state"], "itself" in before) == ("paying", False)
    assert after["state"] == "stopped"
    assert after["itself"] == [{"do": "adult", "at": "2033-05-01T00:10", "state": "stopped"}]


def test_it_is_taken_on_its_day_however_long_one_waits() -> None:
    assert waited(datetime(2040, 1, 1, 12, 0))["itself"][0]["at"] == "2033-05-01T00:10"


def test_only_states_from_which_the_system_acts_are_looked_at() -> None:
    assert waiting(ready("orphan")) == {"paying", "changed"}
    assert waiting(ready("street_child")) == frozenset()


def test_what_opens_a_case_or_wants_a_second_person_is_not_taken_by_itself() -> None:
    one = ready("orphan").programme
    steps = [s.model_dump(by_alias=True, exclude_unset=True) for s in one.steps]
    wrong = next(s for s in steps if s["do"] == "adult")
    wrong["second"] = {"roles": ["leader"]}
    with pytest.raises(ValueError, match="不能要第二人"):
        Programme.model_validate({n: getattr(one, n) for n in type(one).model_fields} | {"steps": steps})
