"""Record kinds, schedules and checks between visits: what cannot work is refused with file, line and what to do."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from qingmiao.content import Pack
from qingmiao.content.check import check_path
from qingmiao.content.check_records import check_records
from qingmiao.content.intervals import LifeInterval, SourcedInterval
from qingmiao.content.load import load_pack
from qingmiao.content.new_pack import new_pack
from qingmiao.content.person_words import PERSON
from qingmiao.content.records import FollowUpRule, PublishedRow, RecordKind, VisitCheck
from qingmiao.content.schedules import ChangedBy, Schedule, ScheduleItem
from qingmiao.forms import fill, prepare
from qingmiao.forms.recorded import EarlierEvent, disagreements, fact_rows, follow_ups, offered, with_given

CHINA = Path(__file__).resolve().parents[3] / "content" / "china"
FORM = """\
id: record.tooth
version: 1
label: {zh: 牙齿检查}
purpose: record
source: {document: 虚构}
fields:
  - {id: birth_date, label: {zh: 出生日期}, type: date, given: birth_date}
  - {id: seen_on, label: {zh: 检查日期}, type: date}
  - {id: teeth, label: {zh: 牙数}, type: integer, usual: [1, 32], min: 0, max: 60}
  - {id: weight, label: {zh: 体重}, type: number, required: false}
  - {id: sore, label: {zh: 牙龈}, type: code, options: [{code: "1", label: {zh: 好}}, {code: "2", label: {zh: 肿}}]}
"""
KIND = """\
id: tooth
label: {zh: 牙齿检查}
part: check
form: record.tooth
on: seen_on
recorded_by: [school_doctor]
offer_if: "age_years(child.birth_date, filled_on) >= 3"
measures: {teeth: teeth, weight_kg: weight}
publishes:
  - {fact: growth_checks, when: "weight is not null", row: {weight_kg: weight, referred: "sore = '2'"}}
follow_up:
  - {id: sore, label: {zh: 牙龈随访}, when: "sore = '2'", closed_by: [tooth], within: {local: true}}
  - {id: few, label: {zh: 缺牙}, when: "teeth < 10", by: vaccinator, closed_by: [tooth],
     within: {value: 1, unit: months, source: {document: 虚构办法, place: 第三条}}}
due: [teeth]
"""
SCHEDULE = """\
id: teeth
label: {zh: 牙齿}
source: {document: 虚构}
items:
  - {id: at_3, label: {zh: 3岁}, from: {value: 3, unit: years}, before: {value: 48, unit: months}, kinds: [tooth]}
  - {id: yearly, label: {zh: 每年}, each: school_year, grades: [P1], kinds: [tooth], only_if: "child.sex = 'F'"}
  - {id: again, label: {zh: 复查}, after: [tooth], interval: {local: true}, kinds: [tooth]}
"""
CHECKS = """\
- {id: lost, level: error, check: "this.teeth >= previous.teeth - 2", message: {zh: 牙少了}, source: {document: 虚构}}
- {id: light, check: "this.weight_kg > birth.birth_weight_g / 1000", message: {zh: 比出生时轻}, source: {document: 虚构}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter pack with what record kinds rest on."""
    root = tmp_path_factory.mktemp("teeth") / "pack"
    new_pack(root)
    shutil.copytree(CHINA / "roles", root / "roles")
    shutil.copytree(CHINA / "purposes", root / "purposes")
    (root / "codes").mkdir(exist_ok=True)
    shutil.copy(CHINA / "codes" / "data_category.yaml", root / "codes")
    for path in (root / "roles").glob("*.yaml"):  # its schedules are not the shared pack's
        path.write_text(re.sub(r", due: \[[^]]*\]", "", path.read_text("utf-8")), "utf-8")
    for name in (
        "facts/growth_checks",
        "codes/record_part",
        "codes/grade",
        "codes/measured",
        "codes/residence",
        "codes/feeding",
    ):
        path = root / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text((CHINA / f"{name}.yaml").read_text("utf-8").replace("owner: health\n", ""), "utf-8")
    for name in ("forms", "records", "schedules", "record_checks"):
        (root / name).mkdir(exist_ok=True)
    return root


def written(root: Path, *changes: tuple[str, str]) -> tuple[Pack | None, list[str]]:
    """The pack with its files, some words replaced, and its faults as "file:line message"."""
    files = {"forms/tooth": FORM, "records/tooth": KIND, "schedules/teeth": SCHEDULE, "record_checks/teeth": CHECKS}
    for name, text in files.items():
        for old, new in changes:
            text = text.replace(old, new)
        (root / f"{name}.yaml").write_text(text, "utf-8")
    pack, faults = check_path(root)
    return pack, [f"{Path(f.file).parent.name}/{Path(f.file).name}:{f.line} {f.message}" for f in faults]


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    """The whole pack."""
    loaded, faults = written(folder)
    assert faults == []
    assert loaded is not None
    return loaded


WRONG = [
    (("form: record.tooth", "form: record.teeth"), "records/tooth.yaml:4 表单「record.teeth」不存在"),
    (("on: seen_on", "on: teeth"), "records/tooth.yaml:5 on 应是表单里的日期字段，「teeth」不是"),
    (("purpose: record", "purpose: evidence"), "records/tooth.yaml:4 表单「record.tooth」的 purpose 是 evidence"),
    (("[school_doctor]", "[school_nurse]"), "records/tooth.yaml:6 没有角色「school_nurse」"),
    (("by: vaccinator", "by: dentist"), "records/tooth.yaml:13 没有角色「dentist」"),
    (("part: check", "part: teeth"), "records/tooth.yaml:3 代码表 record_part 里没有「teeth」"),
    (("teeth: teeth", "teeths: teeth"), "records/tooth.yaml:8 没有测量项「teeths」"),
    (("teeth: teeth", "teeth: tooth"), "records/tooth.yaml:8 表单里没有字段「tooth」"),
    (("teeth: teeth", "teeth: sore"), "records/tooth.yaml:8 「teeth」是数，字段「sore」是文字"),
    (("fact: growth_checks", "fact: tooth_checks"), "records/tooth.yaml:10 事实表「tooth_checks」不存在"),
    (("{weight_kg: weight", "{weight: weight"), "records/tooth.yaml:10 事实表 growth_checks 没有列「weight」"),
    (("{weight_kg: weight", "{weight_kg: sore"), "records/tooth.yaml:10 「sore」的结果是文字，应为数"),
    (("{weight_kg: weight", "{feeding: sore"), "records/tooth.yaml:10 字段「sore」的代码 1、2 不在列「feeding」的代码表 feeding 里"),
    (("weight is not null", "weigth > 1"), "records/tooth.yaml:10 没有列「weigth」"),
    (('when: "sore = \'2\'"', 'when: "sore = \'3\'"'), "records/tooth.yaml:12 「sore」没有代码「3」"),
    (("closed_by: [tooth], within: {local", "closed_by: [teeth], within: {local"),
     "records/tooth.yaml:12 儿童记录「teeth」不存在"),
    (("within: {local: true}", "within: {value: 3}"), "records/tooth.yaml:12 间隔要写 value、unit 和 source"),
    (("within: {local: true}", "within: {local: true, value: 3}"), "records/tooth.yaml:12 本县设置（local: true）的间隔不写"),
    (("due: [teeth]", "due: [tooths]"), "records/tooth.yaml:15 时间表「tooths」不存在"),
    (("child.birth_date, f", "child.born, f"), "records/tooth.yaml:7 没有列「child.born」"),
    (("given: birth_date", "given: born"), "forms/tooth.yaml:7 given 里的「born」不是系统知道的"),
    (("given: birth_date", "given: sex"), "forms/tooth.yaml:7 given 的「sex」是文字，字段是日期"),
    (("usual: [1, 32]", "usual: [32, 1]"), "forms/tooth.yaml:9 usual 的前一个数不能大于后一个"),
    (("kinds: [tooth], only_if", "kinds: [tooths], only_if"), "schedules/teeth.yaml:6 儿童记录「tooths」不存在"),
    (("[P1]", "[Q1]"), "schedules/teeth.yaml:6 代码表 grade 里没有「Q1」"),
    (("child.sex = 'F'", "child.sexes = 'F'"), "schedules/teeth.yaml:6 没有列「child.sexes」"),
    (("before: {value: 48", "before: {value: 36"), "schedules/teeth.yaml:5 before 应大于 from"),
    (("before: {value: 48, unit: months}", "before: {value: 1200, unit: days}"),
     "schedules/teeth.yaml:5 from 和 before 用同一种单位"),
    (("each: school_year, ", ""), "schedules/teeth.yaml:6 from（年龄）、each（周期）、interval（间隔）要写且只写一个"),
    (("previous.teeth", "previous.tooth"), "record_checks/teeth.yaml:1 没有列「previous.tooth」"),
    (("this.weight_kg", "this.head_cm"), "record_checks/teeth.yaml:2 没有一种记录同时有 head_cm"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), WRONG, ids=[t for _, t in WRONG])
def test_what_cannot_work_is_refused_with_its_line(folder: Path, change: tuple[str, str], told: str) -> None:
    _, faults = written(folder, change)
    assert [f for f in faults if f.startswith(told)], faults


def test_an_interval_of_the_county_is_of_a_local_one_that_is_there(folder: Path) -> None:
    policy = folder / "policy.yaml"
    before = policy.read_text("utf-8") if policy.is_file() else ""
    try:
        policy.write_text(
            "intervals:\n  tooth.few: {value: 2, unit: months}\n  tooth.none: {value: 2, unit: months}\n", "utf-8"
        )
        _, faults = written(folder)
        assert [f.partition(" ")[2] for f in faults] == [
            "间隔「tooth.few」有文件依据，不由县里设置", "policy.yaml 的 intervals 提到没有的「tooth.none」",
        ]  # fmt: skip
        policy.write_text(
            "intervals: {tooth.sore: {value: 2, unit: days}, teeth.again: {value: 1, unit: years}}\n", "utf-8"
        )
        pack, faults = written(folder)
        assert faults == []
        assert pack is not None
        kind, schedule = pack.entries("records", RecordKind)["tooth"], pack.entries("schedules", Schedule)["teeth"]
        assert kind.within(kind.follow_up[0], pack.policy) == LifeInterval(value=2, unit="days")
        assert schedule.interval(schedule.items[2], pack.policy) == LifeInterval(value=1, unit="years")
    finally:
        policy.write_text(before, "utf-8") if before else policy.unlink()


def test_an_event_gives_rows_and_follow_ups(pack: Pack) -> None:
    kind = pack.entries("records", RecordKind)["tooth"]
    ready, person = prepare(pack, kind.form), {"birth_date": date(2020, 1, 31)}
    sent = {"birth_date": "1999-01-01", "seen_on": "2025-01-31", "teeth": "8", "weight": "18.5", "sore": "2"}
    done = fill(ready, with_given(ready, sent, person), on=date(2025, 2, 1))
    assert done.accepted
    assert done.values["birth_date"] == date(2020, 1, 31)
    assert [(f.rule.id, f.due) for f in follow_ups(kind, done, person, pack.policy)] == [
        ("sore", None), ("few", date(2025, 2, 28)),
    ]  # fmt: skip
    assert [(t, r["referred"]) for t, r in fact_rows(kind, done, person)] == [("growth_checks", True)]
    assert fact_rows(kind, fill(ready, {**sent, "weight": ""}, on=date(2025, 2, 1)), person) == []
    assert offered(kind, person, date(2023, 1, 31))
    assert not offered(kind, person, date(2023, 1, 30))
    assert not offered(kind, {}, date(2023, 1, 31))


def test_a_number_outside_its_usual_range_is_asked_about(pack: Pack) -> None:
    ready = prepare(pack, "record.tooth")
    sent = {"birth_date": "2020-01-01", "seen_on": "2025-01-31", "sore": "1"}
    asked = {t: fill(ready, {**sent, "teeth": t}, on=date(2025, 2, 1)) for t in ("0", "1", "32", "33", "61")}
    assert {t: [q.check for q in f.queries] for t, f in asked.items()} == {
        "0": ["teeth_usual"], "1": [], "32": [], "33": ["teeth_usual"], "61": [],
    }  # fmt: skip
    assert [f.message for f in asked["61"].faults] == ["61 大于允许的 60"]
    assert asked["33"].queries[0].message == "「牙数」在 1～32 以外，请核对数值和单位"


def test_what_does_not_agree_with_earlier_events_blocks_or_asks(pack: Pack) -> None:
    kind = pack.entries("records", RecordKind)["tooth"]
    checks = tuple(pack.entries("record_checks", VisitCheck).values())
    ready = prepare(pack, kind.form)
    sent = {"birth_date": "2020-01-01", "seen_on": "2025-01-31", "teeth": "20", "weight": "3", "sore": "1"}
    done = fill(ready, sent, on=date(2025, 2, 1))

    def told(*earlier: EarlierEvent, birth: EarlierEvent | None = None) -> tuple[list[str], list[str]]:
        faults, queries = disagreements(checks, kind, done, earlier=earlier, birth=birth, person={})
        return [f"{f.field}:{f.check}" for f in faults], [f"{q.field}:{q.check}" for q in queries]

    old, newer = EarlierEvent(date(2024, 1, 1), {"teeth": 24}), EarlierEvent(date(2024, 6, 1), {"teeth": 22})
    later, other = EarlierEvent(date(2025, 6, 1), {"teeth": 30}), EarlierEvent(date(2025, 1, 1), {"weight_kg": 20})
    assert told() == ([], [])
    assert told(old) == (["teeth:lost"], [])
    assert told(newer, old, later, other) == ([], []), "the latest earlier one that holds the words"
    assert told(birth=EarlierEvent(date(2020, 1, 1), {"birth_weight_g": 3200})) == ([], ["weight:light"])


NORM = """\
id: teeth
label: {zh: 接种}
source: {document: 虚构}
norm: immunisation
kinds: [tooth]
changed_by:
  - {kind: tooth, field: sore, said: ["2"], means: deferred, vaccine: sore, until: seen_on}
  - {kind: tooth, field: sore, said: ["1", "2"], means: mother_hbsag}
"""


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("", ""), None),
        (('kind: tooth, field: sore, said: ["1"', 'kind: teeth, field: sore, said: ["1"'), "8 儿童记录「teeth」不存在"),
        (('field: sore, said: ["2"]', 'field: teeth, said: ["2"]'), "7 记录「tooth」的表单里没有文字字段「teeth」"),
        (('"1", "2"', '"1", "3"'), "8 字段「sore」没有代码「3」"),
        (("until: seen_on", "until: weight"), "7 记录「tooth」的表单里没有日期字段「weight」"),
        (("vaccine: sore", "vaccine: vaccine"), "7 记录「tooth」的表单里没有文字字段「vaccine」"),
        ((", vaccine: sore", ""), "7 vaccine 写在禁忌和暂缓上：哪个字段说是哪种疫苗"),
        (("means: deferred", "means: contraindicated"), "7 until 只和 means: deferred 一起写"),
    ],
)
def test_what_changes_a_norms_schedule_names_fields_and_codes_that_there_are(
    folder: Path, change: tuple[str, str], fault: str | None
) -> None:
    _, told = written(folder, (SCHEDULE, NORM), change)
    assert told == [] if fault is None else f"schedules/teeth.yaml:{fault}" in told, told


def test_the_how_to_names_every_key_and_every_word() -> None:
    text = (CHINA.parents[1] / "docs" / "how-to" / "add-a-record.md").read_text("utf-8")
    models = (RecordKind, FollowUpRule, PublishedRow, Schedule, ScheduleItem, ChangedBy, VisitCheck, SourcedInterval)
    keys = {f.alias or n for m in models for n, f in m.model_fields.items()}
    assert sorted(k for k in {*keys, *PERSON} if not re.search(rf"\b{k}\b", text)) == []


def test_a_policy_may_leave_to_records_only_tables_that_records_publish() -> None:
    """A table that no record publishes would be empty from that year on: refused, with the line."""
    pack = load_pack(CHINA)
    lines = {"growth_checks": 2026, "children": 2026}
    told = replace(pack, policy=pack.policy.model_copy(update={"from_records": lines}), lent=frozenset())
    (fault,) = [f for f in check_records(told) if "from_records" in f.message]
    assert fault.place == "children"
