"""A script of a case played without a database: line after line, what was allowed, what runs, what was opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from qingmiao.casework.case import ANSWERS, CaseFile
from qingmiao.casework.clocks import running, unset
from qingmiao.casework.deciding import Doer, StepOutcome, answer_referral, take
from qingmiao.casework.itself import taken_by_itself
from qingmiao.casework.opened import opening_answers
from qingmiao.casework.ready import ReadyProgramme, prepare_programme
from qingmiao.content.pack import Pack
from qingmiao.content.records import RecordKind
from qingmiao.flow import Refusal
from qingmiao.forms.fill import fill
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import places, ready_form
from qingmiao.forms.recorded import record_row
from qingmiao.kernel.errors import UserError

WAIT = "wait"
"""A line that only lets time pass: what the system takes by itself until then is taken."""
OPEN = "record"
"""How the step of a line is called that makes a record."""
KEYS = {"at", "do", "by", "answers", "second", "operation", "seen", "record", "case", "person"}


@dataclass(frozen=True)
class ScriptLine:
    """One line of a script, read."""

    number: int
    at: datetime
    do: str
    by: Doer
    answers: Mapping[str, Any]
    second: Doer | None
    operation: str
    seen: int | None
    record: str = ""
    """The kind of record that is made, in place of a step of the case."""
    case: str = ""
    """The programme whose case came to `do`, in place of a step of the case."""
    person: Mapping[str, Any] = field(default_factory=dict)


def read_script(data: object) -> list[ScriptLine]:
    """The lines of a script: a list of `{at, do, by, answers}`, beside them `second`, `operation`, `seen`.

    `by` is a role, or `{role, id, unit}`: a role alone stands in every relation. `{at, record: KIND, person: {name,
    sex, birth_date, area}, answers}` is a record that is made, `{at, case: PROGRAMME, do: STEP or state, person,
    answers}` what is known of another programme's case: both may open this one. Raises UserError that names the line.
    """
    if not isinstance(data, Sequence) or isinstance(data, str) or not data:
        raise UserError("脚本应是一行一行的列表，每行写 at、do、by、answers")
    return [_line(n, one) for n, one in enumerate(data, start=1)]


def play(ready: ReadyProgramme, lines: Sequence[ScriptLine], pack: Pack | None = None) -> Iterator[dict[str, Any]]:
    """What comes of each line, as JSON: `state`, `allowed` or `refused` with its reason, the clocks that run (`due`),
    those that the county has not set, tasks and referrals. `pack`: where lines make records or tell of other cases.
    """
    case = CaseFile(ready.programme.id)
    before: datetime | None = None
    for line in lines:
        if before is not None and line.at < before:
            raise UserError(f"脚本第 {line.number} 行的 at 早于上一行")
        passed = list[dict[str, str]]()
        if line.do == WAIT:
            for step, at, outcome in taken_by_itself(ready, case, before or line.at, line.at):
                case = outcome.case
                passed.append({"do": step, "at": at.isoformat(timespec="minutes"), "state": case.state})
        outcome = line_taken(ready, case, line, pack)
        case, before = outcome.case, line.at
        yield _told(ready, line, outcome) | ({"itself": passed} if passed else {})


def line_taken(ready: ReadyProgramme, case: CaseFile, line: ScriptLine, pack: Pack | None = None) -> StepOutcome:
    """What comes of one line of a script."""
    if line.do == WAIT:
        return StepOutcome(True, case)
    if line.record or line.case:
        return _heard(ready, case, line, pack)
    if line.do in ANSWERS:
        return _referral(ready, case, line)
    return take(
        ready, case, line.do, line.by, line.at, line.answers,
        confirmed_by=line.second, seen=line.seen, operation=line.operation,
    )  # fmt: skip


def _heard(ready: ReadyProgramme, case: CaseFile, line: ScriptLine, pack: Pack | None) -> StepOutcome:
    """A record that was made, or a step of another programme's case: opens the case where a rule says so, once."""
    if pack is None:
        raise UserError(f"脚本第 {line.number} 行要内容包才能演示")
    row, origin = _said(pack, line)
    rules = [r for r in ready.programme.opened_by if (r.record, r.programme, r.on) == origin and r.holds(row)]
    if not rules:
        return StepOutcome(False, case, "没有受理：这条记录（个案）不是自动受理的情形", Refusal.GUARDED)
    if case.history:
        return StepOutcome(True, case, again=True)
    rule = rules[0]
    answers = opening_answers(ready, rule, row, line.person)
    return take(ready, case, rule.step, Doer(job=True), line.at, answers, operation=line.operation)


def _said(pack: Pack, line: ScriptLine) -> tuple[dict[str, Any], tuple[str | None, str | None, str | None]]:
    """What was filled in there, as the rules read it; and by which origin rules are found."""
    if line.case:
        other = prepare_programme(pack, line.case)
        typed = {k: _typed(other, k, v) for k, v in line.answers.items()}
        came = {f"on.{line.do}": line.at.date()} if line.do in other.programme.states else {}
        return other.empty(line.at.date()) | came | typed, (None, line.case, line.do)
    kind = pack.entries("records", RecordKind).get(line.record)
    form = pack.forms.get(kind.form) if kind is not None else None
    if kind is None or form is None:
        raise UserError(f"脚本第 {line.number} 行：没有记录「{line.record}」")
    filled = fill(ready_form(form, pack.facts, pack.codes, places(pack)), line.answers, on=line.at.date())
    if filled.faults:
        raise UserError(f"脚本第 {line.number} 行：{'；'.join(f.message for f in filled.faults)}")
    return record_row(filled, line.person), (line.record, None, None)


def _typed(ready: ReadyProgramme, name: str, value: Any) -> Any:
    """An answer of another case as its programme keeps it."""
    one = ready.shown.get(name)
    return KINDS[one.type].parse(one, value) if one is not None else value


def _referral(ready: ReadyProgramme, case: CaseFile, line: ScriptLine) -> StepOutcome:
    """A line of whoever received a referral: `answers: {number: 1}`."""
    number = str(line.answers.get("number", 1))
    by = replace(line.by, any_relation=True)
    return answer_referral(
        ready, case, int(number) if number.isdecimal() else 0, line.do, by, line.at,
        seen=line.seen, operation=line.operation,
    )  # fmt: skip


def _told(ready: ReadyProgramme, line: ScriptLine, outcome: StepOutcome) -> dict[str, Any]:
    case = outcome.case
    told: dict[str, Any] = {"line": line.number, "at": line.at.isoformat(timespec="minutes"), "do": line.do}
    told |= {"state": case.state, "allowed": outcome.allowed}
    if not outcome.allowed:
        told |= {"refused": outcome.reason, "refusal": str(outcome.refusal or "guarded")}
        told |= {"fields": [{"field": f.field, "row": f.row, "message": f.message} for f in outcome.faults]}
        if outcome.waits_for:
            told["waits_for"] = list(outcome.waits_for)
    if outcome.again:
        told["again"] = True
    stand = running(ready, case, line.at)
    told["due"] = {
        s.deadline.id: s.due.at.isoformat(timespec="minutes") if s.due is not None else None for s in stand
    }  # fmt: skip
    told["clocks"] = {
        s.deadline.id: {"state": str(s.state), "days_overdue": s.days_overdue,
                        "provisional": s.due is not None and s.due.provisional}
        for s in stand
    }  # fmt: skip
    told["unset"] = [d.id for d in unset(ready, case)]
    told["tasks"] = [
        {"id": t.task.id, "label": t.task.label.zh, "by": t.task.by, "within": t.within.words if t.within else None}
        for t in outcome.tasks
    ]
    told["referrals"] = [
        {"number": r.number, "to": r.to, "unit": r.unit, "fields": sorted(r.sent), "ground": r.ground,
         "transfers": r.transfers}
        for r in outcome.referrals
    ]  # fmt: skip
    return told | {"secrecy": case.secrecy, "risk": case.risk, "marks": sorted(case.marks)}


def _line(number: int, one: object) -> ScriptLine:
    if not isinstance(one, Mapping):
        raise UserError(f"脚本第 {number} 行应是 at、do、by、answers 这些键")
    if strange := sorted(str(k) for k in set(one) - KEYS):
        raise UserError(f"脚本第 {number} 行有不认识的键：{'、'.join(strange)}；可用：{'、'.join(sorted(KEYS))}")
    answers = one.get("answers") or {}
    if not isinstance(answers, Mapping):
        raise UserError(f"脚本第 {number} 行的 answers 应是“字段: 答案”")
    record, case, person = one.get("record") or "", one.get("case") or "", one.get("person") or {}
    if (record and case) or not isinstance(person, Mapping):
        raise UserError(f"脚本第 {number} 行：record 和 case 只写一个，person 写“词: 值”")
    do = one.get("do") or (record and OPEN)
    if not isinstance(do, str) or not do:
        raise UserError(f"脚本第 {number} 行没有写 do（办哪一步）")
    seen = one.get("seen")
    if seen is not None and (not isinstance(seen, int) or isinstance(seen, bool)):
        raise UserError(f"脚本第 {number} 行的 seen 应是整数")
    second = None if one.get("second") is None else _actor(number, one["second"], "second")
    by = (
        Doer(job=True)
        if (do == WAIT or record or case) and one.get("by") is None
        else _actor(number, one.get("by"), "by")
    )
    plain = {str(k): _plain(v) for k, v in answers.items()}
    return ScriptLine(
        number, _moment(number, one.get("at")), do, by, plain, second, str(one.get("operation") or ""), seen,
        str(record), str(case), {str(k): v for k, v in person.items()},
    )  # fmt: skip


def _actor(number: int, given: object, key: str) -> Doer:
    if given == "job":
        return Doer(job=True)
    if isinstance(given, str) and given:
        return Doer(roles=frozenset({given}), any_relation=True)
    if isinstance(given, Mapping) and set(given) <= {"role", "roles", "id", "unit", "supervises"}:
        roles = given.get("roles") or given.get("role") or ()
        roles = [roles] if isinstance(roles, str) else list(roles)
        if roles:
            return Doer(
                str(given.get("id") or ""), frozenset(map(str, roles)), str(given.get("unit") or ""),
                frozenset(map(str, given.get("supervises") or ())), any_relation="unit" not in given,
            )  # fmt: skip
    raise UserError(f"脚本第 {number} 行的 {key} 应是一个角色，或 {{role, id, unit}}")


def _moment(number: int, given: object) -> datetime:
    if isinstance(given, datetime):
        if given.tzinfo is not None:
            raise UserError(f"脚本第 {number} 行的 at 带了时区；写中国时间，例如 2026-03-02 09:00")
        return given
    if isinstance(given, date):
        return datetime.combine(given, time())
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        raise UserError(f"脚本第 {number} 行的 at「{given}」不是时间；写成 2026-03-02 09:00") from None
    if found.tzinfo is not None:
        raise UserError(f"脚本第 {number} 行的 at 带了时区；写中国时间，例如 2026-03-02 09:00")
    return found


def _plain(value: Any) -> Any:
    """What YAML read, as a form takes it: dates and numbers as text, lists and rows kept."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return format(value, "d") if isinstance(value, int) else repr(value)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
