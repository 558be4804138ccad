"""A clock counts from the day or time that a field says, as it was known at the step that started it; one that an age
or medicine sets waits for no holiday."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from programme_scripts import ROOT, ready

from qingmiao.casework.case import CaseFile
from qingmiao.casework.clocks import clocks
from qingmiao.casework.deciding import Doer, take
from qingmiao.content.check import check_pack
from qingmiao.content.load import read_pack
from qingmiao.content.programme_parts import ProgrammeDeadline
from qingmiao.kernel.deadlines import Limit, LimitError, LimitUnit

HOSPITAL = Doer(roles=frozenset({"hospital"}), any_relation=True)
NAME = {"child_name": "演示甲", "child_sex": "M"}


def due(case: CaseFile, now: datetime) -> dict[str, str]:
    return {c.deadline.id: c.due.at.isoformat() for c in clocks(ready(case.programme), case, now) if c.due is not None}


def listed(born: str, at: datetime) -> CaseFile:
    answers = {**NAME, "child_birth_date": born, "item": "blood", "born_at": f"{born} 08:00", "born_in_county": True}
    said = take(ready("newborn_screening"), CaseFile("newborn_screening"), "informed", HOSPITAL, at, answers)
    assert said.allowed, said.reason
    return said.case


@pytest.mark.parametrize(
    ("born", "ends"),
    [
        ("2026-02-10", "2026-02-17T23:59:00"),
        ("2026-09-28", "2026-10-05T23:59:00"),
        ("2026-03-01", "2026-03-08T23:59:00"),
    ],
)
def test_a_sample_is_due_seven_days_after_birth_though_it_is_listed_later_and_on_a_holiday(
    born: str, ends: str
) -> None:
    at = datetime.fromisoformat(born).replace(hour=9)
    for late in (0, 3, 5):
        case = listed(born, at.replace(day=at.day) if late == 0 else datetime.fromordinal(at.toordinal() + late))
        assert due(case, case.history[-1].at) == {"sampling": ends}


def test_hours_count_from_the_time_that_is_said() -> None:
    answers: dict[str, Any] = {
        **NAME, "child_birth_date": "2026-03-01", "vaccine": "HepB", "batch": "演示", "maker": "演示",
        "vaccinated_on": "2026-05-01", "vaccination_unit": "演示", "reacted_on": "2026-05-01",
        "found_at": "2026-05-01 20:30", "course": "演示", "admitted": False, "serious": ["death"], "reported_by": "演示",
    }  # fmt: skip
    form = ready("aefi").forms[1]
    answers["vaccine"] = next(iter(next(f for f in form.fields if f.id == "vaccine").choices))
    at = datetime(2026, 5, 2, 9)
    case = take(ready("aefi"), CaseFile("aefi"), "reported", HOSPITAL, at, answers).case
    assert due(case, at)["report_serious"] == "2026-05-01T22:30:00"
    assert due(case, at)["report"] == "2026-05-03T20:30:00"
    assert due(case, at)["investigation"] == "2026-05-04T09:00:00", "this one counts from the report"


def test_a_working_day_that_does_not_move_is_refused_and_so_is_a_field_that_is_no_day() -> None:
    with pytest.raises(LimitError, match="不写不顺延"):
        Limit(Decimal(3), LimitUnit.WORKING_DAYS, moves=False)
    with pytest.raises(ValueError, match="counts_from"):
        ProgrammeDeadline.model_validate(
            {"id": "x", "label": {"zh": "某"}, "starts": ["a"], "met_by": ["b"], "due_on": "day", "counts_from": "day",
             "source": {"evidence": "proposal"}}
        )  # fmt: skip


def test_a_check_names_a_field_that_is_no_day_and_what_keeps_cases_apart(tmp_path: Path) -> None:
    (tmp_path / "programmes").mkdir()
    head = f'id = "county"\ntitle = "演示县"\nversion = "1"\nextends = ["{(ROOT / "content/china").as_posix()}"]\n'
    (tmp_path / "pack.toml").write_text(head, "utf-8")
    small = yaml.safe_load((ROOT / "content/china/programmes/weak_child.yaml").read_text("utf-8"))
    small |= {"id": "small", "same": {"fields": ["nothing"]}}
    del small["card"], small["opened_by"]
    small["deadlines"][1]["counts_from"] = "kinds"
    (tmp_path / "programmes/small.yaml").write_text(yaml.safe_dump(small, allow_unicode=True), "utf-8")
    pack, found = read_pack(tmp_path)
    said = [f.message for f in (*found, *(check_pack(pack) if pack is not None else ())) if "small" in (f.file or "")]
    assert "counts_from 应是日期或时间的字段，「kinds」不是" in said
    assert "没有字段「nothing」" in said
