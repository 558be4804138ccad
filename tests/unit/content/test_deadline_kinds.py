"""Deadlines as content: proved by the check, set by the county, counted by one engine from the moments of a thing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from qingmiao.content.check import check_path
from qingmiao.content.clocks import Moment, standing
from qingmiao.content.deadlines import Deadline
from qingmiao.content.load import load_pack
from qingmiao.content.new_pack import new_pack
from qingmiao.kernel.deadlines import ClockState

REVIEW = """\
id: report.review
label: {zh: 批准期限}
of: flow:edition
starts: [review]
met_by: [approve]
paused_in: [preparing]
value: 3
unit: working_days
source: {document: 某某办法, place: 第九条}
warn: [{value: 1, unit: working_days}]
escalate: [{to: committee_office, after: {value: 2}}]
"""
LOCAL = REVIEW.replace("value: 3\n", "value: null\nlocal: true\n", 1).replace(
    "source: {document: 某某办法, place: 第九条}\n", ""
)


def pack_with(tmp_path: Path, text: str, policy: str = "") -> Path:
    """The starter pack with one deadline, and what its policy sets."""
    root = tmp_path / "pack"
    new_pack(root)
    (root / "deadlines").mkdir(exist_ok=True)
    (root / "deadlines" / "review.yaml").write_text(text, "utf-8")
    if policy:
        path = root / "policy.yaml"
        path.write_text((path.read_text("utf-8") if path.exists() else "") + policy, "utf-8")
    return root


def test_a_deadline_is_one_file(tmp_path: Path) -> None:
    pack, faults = check_path(pack_with(tmp_path, REVIEW))
    assert pack is not None
    assert not [f for f in faults if f.file.endswith("review.yaml")]
    found = pack.deadlines_of("flow:edition", date(2026, 3, 2))
    assert [(d.words(), d.words(english=True), d.origin) for d in found] == [
        ("3 个工作日", "3 working days", "某某办法第九条")
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("flow:edition", "flow:editions", 3, "不存在"),
        ("starts: [review]", "starts: [reviewed]", 4, "没有这个状态或环节"),
        ("starts: [review]", "starts: [period_ends]", 4, "没有这个状态或环节"),
        ("met_by: [approve]", "met_by: [review]", 5, "没有这个环节"),
        ("paused_in: [preparing]", "paused_in: [submit]", 6, "没有这个状态"),
        ("to: committee_office", "to: committee", 11, "没有的角色"),
        ("source: {document: 某某办法, place: 第九条}\n", "", 1, "没有来源的时限是本县设置"),
        ("value: 3\n", "", 1, "没有 value"),
        ("unit: working_days\nsource", "unit: weeks\nsource", 8, ""),
        ("unit: working_days\nsource", "unit: terms\nsource", 1, "不能按学期写"),
        ("value: 3\n", "value: 2.5\n", 1, "不是整数"),
        ("id: report.review", "id: report.review\nlocal: true", 1, "本县设置"),
    ],
)
def test_what_is_wrong_with_a_deadline_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in REVIEW
    _, faults = check_path(pack_with(tmp_path, REVIEW.replace(old, new, 1)))
    told = [f for f in faults if f.file.endswith("review.yaml")]
    assert [f.line for f in told] == [line]
    assert said in told[0].message


def test_a_county_sets_a_local_deadline_and_no_other(tmp_path: Path) -> None:
    setting = "\ndeadlines:\n  report.review: {value: 5, unit: calendar_days}\n"
    empty = load_pack(pack_with(tmp_path / "a", LOCAL)).deadlines["report.review"]
    assert (empty.words(), empty.origin, empty.due(datetime(2026, 3, 2, 9))) == ("本县未设置", "本县设置，未填", None)
    found = load_pack(pack_with(tmp_path / "b", LOCAL, setting)).deadlines["report.review"]
    assert (found.words(), found.origin) == ("5 日", "本县设置")
    assert found.escalate == empty.escalate  # what is not set stays
    _, faults = check_path(pack_with(tmp_path / "c", REVIEW, setting))
    assert ["不由县里设置" in f.message for f in faults if f.file.endswith("policy.yaml")] == [True]
    _, faults = check_path(pack_with(tmp_path / "e", LOCAL, setting.replace("calendar_days", "terms")))
    assert ["不能按学期写" in f.message for f in faults if f.file.endswith("policy.yaml")] == [True]
    _, faults = check_path(pack_with(tmp_path / "d", LOCAL, setting.replace("report.review", "report.revue")))
    assert [f.hint for f in faults if f.file.endswith("policy.yaml")] == ["是不是「report.review」"]


def test_a_role_of_the_pack_may_be_told(tmp_path: Path) -> None:
    """A role that is one file of the pack, and that no flow of the house names, is told as any other."""
    told = REVIEW.replace("to: committee_office", "to: village_director")
    root = tmp_path / "child"
    root.mkdir()
    base = Path(__file__).parents[3] / "content" / "china"
    (root / "pack.toml").write_text(f'id = "child"\ntitle = "子包"\nversion = "1"\nextends = ["{base}"]\n', "utf-8")
    (root / "deadlines").mkdir()
    (root / "deadlines" / "review.yaml").write_text(told, "utf-8")
    pack, faults = check_path(root)
    assert pack is not None
    assert "village_director" in pack.roles
    assert [f.message for f in faults if f.file.endswith("review.yaml")] == []


def test_settings_are_layered_one_by_one(tmp_path: Path) -> None:
    below = pack_with(tmp_path, LOCAL, "\ndeadlines:\n  report.review: {value: 5}\n")
    (below / "deadlines" / "other.yaml").write_text(LOCAL.replace("report.review", "report.other"), "utf-8")
    child = tmp_path / "child"
    child.mkdir()
    (child / "pack.toml").write_text('id = "child"\ntitle = "子包"\nversion = "1"\nextends = ["../pack"]\n', "utf-8")
    (child / "policy.yaml").write_text("deadlines:\n  report.other: {value: 6}\n", "utf-8")
    found = load_pack(child).deadlines
    assert {i: d.value for i, d in found.items() if i.startswith("report.")}.items() >= {
        "report.review": 5, "report.other": 6,
    }.items()  # fmt: skip


def review(**changed: object) -> Deadline:
    """Three working days from the state `review`, met by `approve`, not counted in `preparing`."""
    given: dict[str, object] = {
        "id": "a", "label": {"zh": "批准"}, "of": "flow:edition", "starts": ["review"], "met_by": ["approve"],
        "paused_in": ["preparing"], "value": 3, "unit": "working_days", "source": {"document": "某某办法"},
        "warn": [{"value": 1, "unit": "working_days"}],
    }  # fmt: skip
    return Deadline.model_validate(given | changed)


def at(day: int, hour: int = 9) -> datetime:
    """A moment of March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour)


BEGUN = Moment("prepared", "preparing", "review", at(2))


@pytest.mark.parametrize(
    ("more", "now", "state", "due"),
    [
        ((), at(3), ClockState.RUNNING, at(5)),
        ((), at(4), ClockState.SOON, at(5)),
        ((), at(6), ClockState.OVERDUE, at(5)),
        ((Moment("approve", "review", "released", at(5)),), at(9), ClockState.MET, at(5)),
        ((Moment("approve", "review", "released", at(6)),), at(9), ClockState.MET_LATE, at(5)),
        ((Moment("break", "review", "preparing", at(3)),), at(9), ClockState.PAUSED, None),
        (
            (Moment("break", "review", "preparing", at(3)), Moment("made", "preparing", "draft", at(4))),
            at(5), ClockState.SOON, at(6),
        ),
        ((Moment("edit", "review", "review", at(4)),), at(6), ClockState.OVERDUE, at(5)),
    ],
)  # fmt: skip
def test_a_clock_follows_from_the_moments_of_a_thing(
    more: tuple[Moment, ...], now: datetime, state: ClockState, due: datetime | None
) -> None:
    found = standing(review(), [*more, BEGUN], now)
    assert found is not None
    assert found.state is state
    assert (found.due.at.date() if found.due else None) == (due.date() if due else None)


def test_a_thing_that_begins_again_after_it_was_met_has_a_new_clock() -> None:
    lived = [BEGUN, Moment("approve", "review", "draft", at(3)), Moment("prepared", "preparing", "review", at(9))]
    found = standing(review(), lived, at(10))
    assert found is not None
    assert (found.state, found.due and found.due.at.date()) == (
        ClockState.RUNNING, date(2026, 3, 12),
    )  # fmt: skip


def test_nothing_runs_before_the_start_or_without_a_value() -> None:
    assert standing(review(), [Moment("made", "making", "draft", at(2))], at(3)) is None
    assert standing(review(value=None, source=None, local=True), [BEGUN], at(30)) is None


def test_a_deadline_beyond_the_published_holidays_is_provisional() -> None:
    beyond = review(value=40, unit="years").due(at(2))
    assert beyond is not None
    assert beyond.provisional
    near = review().due(at(2))
    assert near is not None
    assert not near.provisional


def test_a_rest_day_moves_the_last_day() -> None:
    found = review(value=5, unit="calendar_days").due(at(2))
    assert found is not None
    assert found.at == datetime(2026, 3, 9, 23, 59)  # the 7th is a Saturday


def test_whoever_is_told_is_told_after_its_time_and_again() -> None:
    steps = [{"to": "leader"}, {"to": "committee_office", "after": {"value": 7}}]
    deadline, end = review(escalate=steps), datetime(2026, 3, 5, 23, 59)
    told = {n: [e.to for e in deadline.told(end, end + timedelta(days=n, minutes=1))] for n in (-1, 0, 6, 7)}
    assert told == {-1: [], 0: ["leader"], 6: ["leader"], 7: ["leader", "committee_office"]}
    weekly = review(warn=[{"value": 3}, {"value": 0}], escalate=[{"to": "liaison", "every": {"value": 7}}])
    days = range(-10, 17)
    said = {n: weekly.reminder(date(2026, 3, 5), date(2026, 3, 5) + timedelta(days=n)) for n in days}
    assert {n: kind for n, kind in said.items() if kind} == {
        -3: "soon", 0: "soon", 1: "overdue", 8: "overdue", 15: "overdue",
    }  # fmt: skip
