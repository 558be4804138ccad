"""Many cases at once, from a list or from the entries of a register: each row is judged as one case would be, what is
there already is shown, and the rest is opened in one confirmed step.

Between the two a list lies nowhere: the page that is confirmed carries it, signed for whoever sent it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.core import signing
from django.db import connection

from qingmiao.casework.listing import lacking, list_form, same_as, shared_form
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.collect.register_sheets import read_columns, register_workbook
from qingmiao.collect.table_file import read_list
from qingmiao.collect.workbook import WorkbookError
from qingmiao.content.base import Label
from qingmiao.content.programme_parts import EachOfRule, ProgrammeStep
from qingmiao.content.registers import RegisterColumn
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyForm
from qingmiao.kernel.errors import UserError
from qingmiao.kernel.misread import MisreadError
from qingmiao.site.apps.cases import keeping, opening, programmes, standing
from qingmiao.site.apps.cases.models import CaseStep, KeptCase
from qingmiao.site.apps.cases.stepping import StepDone, arrived
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import about

MOST = 200
"""Rows of one list: each goes through the door by itself."""
BYTES = 5 << 20
COMPARED = 2_000
"""Cases with which a list is compared at most, the newest first."""
LISTED, SALT, HOLDS = "cases.list", "qingmiao.cases.list", 4 * 3600
"""A list that was looked at can be confirmed for so many seconds."""
Row = tuple[int, Mapping[str, str]]
"""Its place as people count it, and field → text."""
Standing = Literal["new", "there", "twice", "wrong", "opened"]
ALSO = {"name": ("name", "姓名"), "sex": ("sex", "性别"), "birth_date": ("birth_date", "出生日期"), "area": ("area",)}
"""Other headings of what a list says of a child: those of `qingmiao compare --people`."""


@dataclass(frozen=True)
class ListedCase:
    """A row. `case`: the one that is there already, or that was opened; `files`: how many children's files it may be
    of (one: the case is linked to it)."""

    place: int
    title: str
    standing: Standing
    reason: str = ""
    case: int = 0
    files: int = 0


@dataclass(frozen=True)
class CaseList:
    """A list as it was judged. `token`: what confirms it, "" where nothing is left to open; `unread`: headings that are
    no field; `compared`: False where there are more cases than it was compared with."""

    programme: Label
    rows: tuple[ListedCase, ...]
    token: str = ""
    unread: tuple[str, ...] = ()
    compared: bool = True
    done: bool = False

    def count(self, standing: str) -> int:
        """How many rows stand so."""
        return sum(r.standing == standing for r in self.rows)


@dataclass(frozen=True)
class ListOffered:
    """What a list may hold. `headings`: its columns; `shared`: what may be said once for all rows; `entries`: the
    register whose entries may be the rows, None for none."""

    id: str
    programme: Label
    step: str
    label: Label
    headings: tuple[str, ...]
    shared: ReadyForm | None
    entries: EachOfRule | None


def list_offered(reach: Reach, programme: str, step: str = "") -> ListOffered:
    """The list from which this person may open cases. AbsentError for a programme that says not when two are the same,
    or of which this person opens none."""
    ready, first, _ = _begin(reach, programme, step)
    one = ready.programme
    heads = tuple(c.heading for c in _columns(ready, first))
    return ListOffered(one.id, one.label, first.do, first.label, heads, shared_form(ready, first), one.each_of)


def list_template(reach: Reach, programme: str, step: str = "", rows: Sequence[Row] = ()) -> tuple[str, bytes]:
    """(name, bytes) of an empty list, or one that holds some rows already."""
    ready, first, _ = _begin(reach, programme, step)
    columns = _columns(ready, first)
    body = [[row.get(c.field, "") for c in columns] for _, row in rows]
    told = {"说明": f"一行一件；一次最多 {MOST} 行。各行都一样的内容可以不填，上传时填一次"}
    title = f"{ready.programme.label.zh}-名单"
    return f"{title}.xlsx", register_workbook(title, [c.heading for c in columns], body, told)


def read_case_list(
    reach: Reach, programme: str, name: str, data: bytes, *, step: str = "", shared: Mapping[str, Any]
) -> CaseList:  # fmt: skip
    """A file as it would be opened; nothing is kept. Raises UserError for one that cannot be read."""
    ready, first, _ = _begin(reach, programme, step)
    if len(data) > BYTES:
        raise UserError(f"文件超过 {BYTES >> 20} MB，请分成几个")
    try:
        file = read_list(data, name)
    except WorkbookError as e:
        raise UserError(f"名单「{name}」读不了：{e.fault.message}", [e.fault]) from None
    sheet = read_columns(_columns(ready, first), ready.programme.label.zh, file, {})
    if sheet.faults:
        raise UserError(sheet.faults[0].message)
    rows = [(one.place + 1, one.answers) for one in sheet.rows]
    found = judge_cases(reach, programme, rows, step=first.do, shared=shared)
    return replace(found, unread=tuple(sheet.unknown.values()))


def judge_cases(
    reach: Reach, programme: str, rows: Sequence[Row], *, step: str = "", shared: Mapping[str, Any]
) -> CaseList:
    """Rows as they would be opened; nothing is kept. `shared`: the answers of every row that does not say its own."""
    ready, first, seats = _begin(reach, programme, step)
    if not rows:
        raise UserError("名单里没有内容")
    if len(rows) > MOST:
        raise UserError(f"有 {len(rows)} 行，一次最多 {MOST} 行；请分成几个文件")
    common = {k: v for k, v in shared.items() if v not in ("", None, [], ())}
    said = {"p": reach.person.pk, "g": programme, "s": first.do, "c": common, "r": [[n, dict(a)] for n, a in rows]}
    token = signing.dumps(said, salt=SALT, compress=True)
    judged = _Judging(reach, ready, first, seats, _mark(said))
    found = tuple(judged.row(n, {**common, **answers}) for n, answers in rows)
    fresh = any(r.standing == "new" for r in found)
    return CaseList(ready.programme.label, found, token if fresh else "", compared=judged.whole)


def open_listed(reach: Reach, token: str, *, without: Sequence[int] = ()) -> CaseList:
    """Open what is new of a list that was looked at, all of it or nothing; a second arrival opens nothing more.
    `without`: places of rows that are left out. Raises UserError for a list that is too old or another person's.
    """
    try:
        said = signing.loads(token, salt=SALT, max_age=HOLDS)
    except signing.BadSignature:
        raise UserError("这份名单核对以后放得太久，请重新上传") from None
    if said["p"] != reach.person.pk:
        raise AbsentError("没有这份名单")
    ready, first, seats = _begin(reach, said["g"], said["s"])
    rows = list[ListedCase]()
    with access.beside(reach, LISTED, object_type="programme", object_id=said["g"]) as told:
        with connection.cursor() as cursor:  # two lists of one programme never open the same
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"cases listed {said['g']}"])
        judged = _Judging(reach, ready, first, seats, _mark(said))
        for place, answers in said["r"]:
            row = judged.row(place, {**said["c"], **answers})
            if row.standing == "new" and place not in without:
                row = _opened(reach, ready, first, row, judged)
            rows.append(row)
        told |= {"rows": len(rows), "opened": sum(r.standing == "opened" for r in rows)}
    return CaseList(ready.programme.label, tuple(rows), done=True, compared=judged.whole)


def _opened(reach: Reach, ready: ReadyProgramme, first: ProgrammeStep, row: ListedCase, judged: _Judging) -> ListedCase:
    done = opening.open_case(
        reach, ready.programme.id, judged.answers, step=first.do, child=judged.child,
        operation=judged.operation(row.place),
    )  # fmt: skip
    if not done.done:
        why = done.reason or (done.faults[0].message if done.faults else "")
        raise UserError(f"第 {row.place} 行：{why}；什么都没有受理")
    return replace(row, standing="opened", case=done.number)


class _Judging:
    """What one list is judged by: the cases that are there, and the rows before. After a row: `answers` and `child` of
    it, as the case would be opened."""

    def __init__(
        self, reach: Reach, ready: ReadyProgramme, first: ProgrammeStep, seats: Sequence[standing.Seat], mark: str
    ) -> None:
        self.reach, self.ready, self.first, self.seats, self.mark = reach, ready, first, seats, mark
        self.there, self.whole = _there(reach, ready)
        self.before: list[tuple[int, Mapping[str, Any]]] = []
        self.of_child = {case: child for case, child, _ in self.there}
        self.answers: dict[str, Any] = {}
        self.child: int | None = None

    def operation(self, place: int) -> str:
        """The id of the step that opens the case of a row: the same list again is the same step."""
        return f"list-{self.mark}-{place}"

    def row(self, place: int, answers: dict[str, Any]) -> ListedCase:
        """A row as it stands."""
        self.answers, self.child = answers, None
        title = self._title(answers)
        if (before := arrived(self.reach, self.operation(place))) is not None:
            return ListedCase(place, title, "opened", case=before.number)
        briefs = self._files(answers)
        brief = briefs[0] if len(briefs) == 1 else None
        found = opening.tried(
            self.reach, self.ready, self.first, answers, brief=brief, seats=self.seats,
            operation=self.operation(place),
        )  # fmt: skip
        if isinstance(found, StepDone):
            return ListedCase(place, title, "wrong", self._why(found), files=len(briefs))
        values = found.outcome.case.values
        if missing := lacking(self.ready, values):
            named = "、".join(self.ready.fields[f].words for f in missing)
            return ListedCase(place, title, "wrong", f"没有写{named}，说不出是不是已经受理过", files=len(briefs))
        known = same_as(self.ready, values, ((n, v) for n, _, v in self.there)) or self._of_child(brief)
        if known:
            return ListedCase(place, title, "there", case=known, files=len(briefs))
        if earlier := same_as(self.ready, values, self.before):
            return ListedCase(place, title, "twice", f"与第 {earlier} 行是同一件", files=len(briefs))
        self.before.append((place, values))
        self.child = brief.number if brief is not None else None
        return ListedCase(place, title, "new", files=len(briefs))

    def _of_child(self, brief: about.ChildBrief | None) -> int:
        """An open case of the same child, where the programme tells cases apart by the child alone."""
        rule = self.ready.programme.same
        if brief is None or rule is None or any(self.ready.fields[f].given is None for f in rule.fields):
            return 0
        files = set(about.files_of(brief.number))
        return next((case for case, child in self.of_child.items() if child in files), 0)

    def _files(self, answers: Mapping[str, Any]) -> list[about.ChildBrief]:
        """The children's files of exactly this name, sex and birth date, among those that this person sees."""
        if self.ready.programme.subject != "child":
            return []
        said: dict[str, Any] = {}
        for id_, field in self.ready.fields.items():
            if field.given is not None and answers.get(id_):
                try:
                    one = self.ready.shown[id_]
                    said[field.given] = KINDS[one.type].parse(one, answers[id_])
                except MisreadError:
                    return []
        name, sex, birth = said.get("name"), said.get("sex"), said.get("birth_date")
        if not (name and sex and birth):
            return []
        alike = about.likely(self.reach, name, sex, birth, said.get("area") or self.seats[0].area)
        return [b for b, _ in alike if (b.name, b.sex, b.birth_date) == (name, sex, birth)]

    def _title(self, answers: Mapping[str, Any]) -> str:
        rule = self.ready.programme.same
        assert rule is not None
        return "　".join(self._said(f, answers[f]) for f in rule.fields if answers.get(f))

    def _said(self, field: str, given: Any) -> str:
        one = self.ready.shown[field]
        try:
            value = KINDS[one.type].parse(one, given)
        except MisreadError:
            return str(given)
        return KINDS[one.type].show(one, value) if value is not None else ""

    def _why(self, done: StepDone) -> str:
        labels = {f.id: f.words for f in self.ready.fields.values()}
        told = [f"{labels.get(f.field, '')}：{f.message}" if f.field in labels else f.message for f in done.faults]
        return "；".join(told) or done.reason


def _begin(reach: Reach, programme: str, step: str) -> tuple[ReadyProgramme, ProgrammeStep, tuple[standing.Seat, ...]]:
    """The programme, the step that opens its cases, and where this person may take it."""
    one = next((o for o in opening.offered(reach) if o.programme.id == programme and step in ("", *o.steps)), None)
    if one is None or one.programme.same is None:
        raise AbsentError("没有这个服务项目")
    ready, name = programmes.ready(programme), step or one.steps[0]
    first = next(s for s in ready.programme.steps if s.opens and s.do == name)
    return ready, first, standing.sights(reach).opening(programme, first.do)


def _columns(ready: ReadyProgramme, first: ProgrammeStep) -> tuple[RegisterColumn, ...]:
    form = list_form(ready, first)
    return tuple(
        RegisterColumn(
            heading=f.field.words[:60], field=f.id, also=(f.id, *ALSO.get(ready.fields[f.id].given or "", ()))
        )
        for f in (form.fields if form is not None else ())
    )


def _there(reach: Reach, ready: ReadyProgramme) -> tuple[list[tuple[int, int | None, Mapping[str, Any]]], bool]:
    """The cases of the programme that this person sees and that a row may be about: number, child, with what they
    began; and whether these are all."""
    rule = ready.programme.same
    rows = KeptCase.objects.filter(standing.sights(reach).where, programme=ready.programme.id).exclude(state="sealed")
    if rule is not None and rule.while_open:
        rows = rows.filter(state="open")
    newest = list(rows.order_by("-opened_at", "-pk").values_list("pk", flat=True).distinct()[: COMPARED + 1])
    steps = CaseStep.objects.filter(case__in=newest[:COMPARED], number=1).select_related("by", "confirmed_by", "case")
    found = [(s.case_id, s.case.child_id, keeping.taken_of(s).values) for s in steps.order_by("case")]
    return found, len(newest) <= COMPARED


def _mark(said: Mapping[str, Any]) -> str:
    """What tells a list from every other: whose, of what, which rows."""
    return hashlib.sha256(signing.JSONSerializer().dumps(said)).hexdigest()[:32]
