"""Children's files as other programs ask for them: found by a search of FHIR, page by page, every sight written down.

What a person sees here is what the same person sees on pages (`exposure`). Nothing here writes a file: programs write
through the same doors as pages (`api`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import Max, Q, QuerySet

from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind
from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.moments import TimeSpan
from qingmiao.fhir.searching import Filter, Search, Token
from qingmiao.forms import Filled, ReadyForm
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import by_number, exposure, kinds, looking, merging, naming, sealing, showing, versions
from qingmiao.site.apps.records.event_models import HealthRecord, RecordFollowUp, RecordVersion
from qingmiao.site.apps.records.models import GONE, Child, ChildVersion, Relation
from qingmiao.site.apps.records.words import area_name, code_label

NONE = Q(pk__in=[])
DIGITS = 19
"""So many digits are no number of the database any more."""
T = TypeVar("T")
SEX = {"male": "M", "female": "F"}


@dataclass(frozen=True)
class ChildSaid:
    """A child as one version of the file says. Numbers are whole, and empty where this person may not ask for them."""

    number: int
    version: int
    at: datetime
    name: str
    former_names: tuple[str, ...]
    sex: str
    birth_date: date
    certainty: str
    papers: str
    id_number: str
    certificate: str
    area: str
    area_name: str
    village: str
    unit: str
    school: str
    state: str
    left_date: date | None
    merged_into: int


@dataclass(frozen=True)
class RelativeSaid:
    """A grown-up of a child's family. The phone is whole, and empty where this person may not ask for it."""

    number: int
    child: int
    name: str
    kind: str
    label: Label
    phone: str
    guardian: bool
    from_date: date
    to_date: date | None


@dataclass(frozen=True)
class RecordSaid:
    """A record as one of its versions says. `filled` is judged by `ready`, the form of that version."""

    number: int
    version: int
    at: datetime
    kind: RecordKind
    child: int
    on_date: date
    unit: str
    unit_label: str
    by: str
    state: str
    form: str
    form_version: int
    ready: ReadyForm
    filled: Filled


@dataclass(frozen=True)
class FindingSaid:
    """Something found that is followed up, and what became of it."""

    number: int
    kind: str
    name: str
    label: Label
    record: int
    child: int
    on_date: date
    at: datetime
    due_date: date | None
    asked_by: str
    asked_of: str
    closed_on: date | None


def children(reach: Reach, asked: Search) -> tuple[list[ChildSaid], str]:
    """The children of one page, by number, and the mark of the next one."""
    of = exposure.maybe(reach)
    if not of.any:
        return [], ""
    rows = _with_moment(Child.objects.filter(of.where).exclude(GONE).filter(_all(asked, _child)))
    found, mark = _page(rows.select_related("unit", "school_unit"), asked)
    said = [_child_said(of, c, c.changed) for c in found]
    _sight(reach, "Patient", len(said), revealed=sum(bool(s.id_number or s.certificate) for s in said))
    return said, mark


def child(reach: Reach, number: int) -> ChildSaid:
    """One child; a merged file too. AbsentError where this person sees none."""
    of = exposure.sights(reach)
    found = exposure.get(of, number)
    at = ChildVersion.objects.filter(child=found).aggregate(at=Max("at"))["at"]
    said = _child_said(of, found, at)
    _sight(reach, "Patient", 1, number=number, revealed=bool(said.id_number or said.certificate))
    return said


def child_versions(reach: Reach, number: int) -> list[ChildSaid]:
    """Who the child was said to be, newest first: the file as it stands, then every identity before."""
    of = exposure.sights(reach)
    found = exposure.get(of, number)
    rows = list(ChildVersion.objects.filter(child=found).order_by("-number"))
    said = [_child_said(of, found, rows[0].at)] if rows and rows[0].number < found.version else []
    for row in rows:
        one = Child(
            **{f.attname: getattr(found, f.attname) for f in Child._meta.concrete_fields}
            | {
                f.attname: getattr(row, f.attname)
                for f in ChildVersion._meta.concrete_fields
                if _of_identity(f.attname)
            },
        )
        one.version = row.number
        said.append(_child_said(of, one, row.at))
    _sight(reach, "Patient", len(said), number=number)
    return said


def _of_identity(name: str) -> bool:
    return name not in ("id", "child_id", "number", "by_id", "at")


def relatives(reach: Reach, asked: Search) -> tuple[list[RelativeSaid], str]:
    """The relatives of the children that are seen; sealed relations only for the unit that keeps the file."""
    of = exposure.maybe(reach)
    if not of.any:
        return [], ""
    seen = Q(child__in=Child.objects.filter(of.where)) & (Q(sealed=False) | Q(child__unit__in=of.units))
    rows = Relation.objects.filter(seen).filter(_all(asked, _relation)).select_related("relative", "child__unit")
    found, mark = _page(rows, asked)
    said = [_relative_said(of, r) for r in found]
    _sight(reach, "RelatedPerson", len(said), revealed=sum(bool(s.phone) for s in said))
    return said, mark


def relative(reach: Reach, number: int) -> RelativeSaid:
    """One relation. AbsentError where this person sees none."""
    return _only(relatives(reach, Search("RelatedPerson", (_by_number(number),)))[0])


def records(
    reach: Reach, asked: Search, among: Callable[[RecordKind], bool] | None = None
) -> tuple[list[RecordSaid], str]:
    """The records of one page, by number or by day as asked, and the mark of the next one."""
    of = exposure.maybe(reach)
    rows = readable(of, among)
    if any(f.name == "_lastUpdated" for f in asked.filters):
        rows = _with_moment(rows)
    rows = rows.filter(_all(asked, _record))
    found, mark = _page(rows, asked, day="on_date")
    said = [s for s in (_record_said(r, versions.newest(r)) for r in found) if s is not None]
    _sight(reach, asked.kind, len(said))
    return said, mark


def record(reach: Reach, number: int) -> RecordSaid:
    """One record. AbsentError where this person reads none."""
    found = showing.record_of(reach, number)
    _sight(reach, "QuestionnaireResponse", 1, number=found.child_id or 0)
    said = _record_said(found, versions.newest(found))
    if said is None:
        raise AbsentError("没有这条健康记录")
    return said


def record_versions(reach: Reach, number: int) -> list[RecordSaid]:
    """What a record said, newest first; a withdrawal repeats what was withdrawn, with the state withdrawn."""
    found = showing.record_of(reach, number)
    rows = RecordVersion.objects.filter(record=found).select_related("form", "by").order_by("-number")
    _sight(reach, "QuestionnaireResponse", len(rows), number=found.child_id or 0)
    return [s for s in (_record_said(found, v, earlier=True) for v in rows) if s is not None]


def findings(reach: Reach, asked: Search) -> tuple[list[FindingSaid], str]:
    """What was found and is followed up, in records that this person reads."""
    of = exposure.maybe(reach)
    seen = Q(record__in=readable(of).exclude(state="withdrawn"))
    rows = RecordFollowUp.objects.filter(seen).filter(_all(asked, _finding))
    found, mark = _page(rows.select_related("record__unit", "unit", "closed_by"), asked)
    known = kinds.kinds()
    said = [_finding_said(f, known) for f in found if f.record.kind in known]
    _sight(reach, asked.kind, len(said))
    return said, mark


def finding(reach: Reach, number: int, kind: str) -> FindingSaid:
    """One finding. AbsentError where this person reads none."""
    return _only(findings(reach, Search(kind, (_by_number(number),)))[0])


def _only(found: Sequence[T]) -> T:
    if not found:
        raise AbsentError("没有这个资源")
    return found[0]


def _by_number(number: int) -> Filter:
    return Filter("_id", "token", "", (str(number),), (Token(None, str(number)),))


def readable(of: exposure.Sights, among: Callable[[RecordKind], bool] | None = None) -> QuerySet[HealthRecord]:
    """The children's records that a person reads, of the kinds that are wanted."""
    wanted = {k.id for k in kinds.kinds().values() if k.subject == "child" and (among is None or among(k))}
    where = reduce(or_, (_in_files(c) & Q(kind__in=read & wanted) for c, read in of.readings()), NONE)
    return HealthRecord.objects.filter(where).select_related("unit", "by", "child")


def _in_files(children: Q) -> Q:
    """Records in files of the children, and in files that were merged into theirs."""
    seen = Child.objects.filter(children)
    return Q(child__in=seen) | Q(child__merged_into__in=seen)


def _with_moment(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With the moment of the newest version: a correction is a change too."""
    changed: QuerySet[Any] = rows.annotate(changed=Max("versions__at"))
    return changed


def _page(rows: QuerySet[Any], asked: Search, day: str = "") -> tuple[list[Any], str]:
    """One page by number, or by day where that is asked; the mark of the next one."""
    size = max(asked.count, 1)
    by_day = bool(day and asked.sort and asked.sort[0][0] in ("date", "authored", "recorded-date"))
    down = bool(asked.sort and asked.sort[0][1])
    first, _, last = asked.after.rpartition("_")
    if asked.after:
        sign = "lt" if down else "gt"
        number = _whole(last, asked)
        rows = rows.filter(
            Q(**{f"{day}__{sign}": _day(first, asked)}) | Q(**{day: _day(first, asked), f"pk__{sign}": number})
            if by_day
            else Q(**{f"pk__{sign}": number})
        )
    turn = "-" if down else ""
    found = list(rows.order_by(*([turn + day] if by_day else []), f"{turn}pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    mark = (
        f"{getattr(found[-1], day).isoformat()}_{found[-1].pk}"
        if more and by_day
        else str(found[-1].pk)
        if more
        else ""
    )
    return found, mark


def _whole(text: str, asked: Search) -> int:
    found = _numbers([text])
    if not found:
        raise NotTakenError(Issue("value", "_after 要照上一页给的写", "_after"))
    return found[0]


def _day(text: str, asked: Search) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotTakenError(Issue("value", "_after 要照上一页给的写", "_after")) from None


def _all(asked: Search, one: Callable[[Filter], Q]) -> Q:
    """What every filter of a search asks. Nothing of ours is ever missing; `:not` turns one round."""
    found = Q()
    for f in asked.filters:
        if f.missing is not None:
            wanted = NONE if f.missing else Q()
        else:
            wanted = Q(pk__in=_numbers(t.code for t in f.tokens)) if f.name == "_id" else one(f)
        found &= ~wanted if f.modifier == "not" else wanted
    return found


def _numbers(texts: Iterable[str | None]) -> list[int]:
    """The numbers of ours among some texts; what is none finds nothing."""
    return [int(t) for t in texts if t and t.isascii() and t.isdigit() and len(t) < DIGITS]


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NONE)


def _child(f: Filter) -> Q:
    match f.name:
        case "_lastUpdated":
            return _moments(f, "changed")
        case "birthdate":
            return _days(f, "birth_date")
        case "gender":
            return Q(sex__in=[SEX.get(t.code or "", "-") for t in f.tokens])
        case "active":
            return _any(Q(state="here") if t.code == "true" else ~Q(state="here") for t in f.tokens if t.code)
        case "identifier":
            return _any(_identified(t) for t in f.tokens)
        case "organization":
            units = [x.removeprefix("Organization/") for x in f.texts]
            return Q(unit__in=_units(units)) | Q(school_unit__in=_units(units))
        case "phonetic":
            heard = [t.replace(" ", "").lower()[:60] for t in f.texts]
            return _any(Q(pinyin__startswith=h) | Q(initials__startswith=h) for h in heard if h)
        case _:
            return _any(_named(f, t) for t in f.texts)


def _named(f: Filter, text: str) -> Q:
    key = naming.key(text)
    if not key:
        return NONE
    if f.modifier == "exact":
        return Q(name=text) if f.name == "name" else Q(name_key=key)
    if f.modifier == "contains" or f.name == "given":
        return Q(name_key__contains=key)
    return Q(name_key__startswith=key)


def _identified(token: Token) -> Q:
    if not token.code:
        return NONE
    if token.system == CHILD_SYSTEM:
        return Q(pk__in=_numbers([token.code]))
    return by_number.number_where(token.code) or NONE


CHILD_SYSTEM = "urn:qingmiao:child"


def _units(ids: list[str]) -> list[str]:
    """Ids of units from those of their resources, which hold no underscore."""
    return [u for u in site_pack.pack().organisations if u in ids or u.replace("_", "-") in ids]


def _patients(f: Filter, column: str) -> Q:
    found = Child.objects.filter(pk__in=_numbers(t.rpartition("/")[2] for t in f.texts))
    return Q(**{f"{column}__in": [n for c in found for n in merging.family(c.survivor)]})


def _relation(f: Filter) -> Q:
    match f.name:
        case "_lastUpdated":
            return _days(f, "from_date")
        case "patient":
            return _patients(f, "child")
        case "relationship":
            return Q(kind__in=[t.code for t in f.tokens])
        case _:
            return _any(Q(to_date=None) if t.code == "true" else ~Q(to_date=None) for t in f.tokens if t.code)


STATES = {
    "finished": ("recorded", "corrected"), "completed": ("recorded",), "amended": ("corrected",),
    "final": ("recorded",), "entered-in-error": ("withdrawn",), "active": (), "corrected": ("corrected",),
}  # fmt: skip


def _record(f: Filter) -> Q:
    match f.name:
        case "encounter":
            return Q(pk__in=_numbers(x.rpartition("/")[2] for x in f.texts))
        case "_lastUpdated":
            return _moments(f, "changed")
        case "patient" | "subject":
            return _patients(f, "child")
        case "date" | "authored":
            return _days(f, "on_date")
        case "type":
            return Q(kind__in=[t.code for t in f.tokens])
        case "status":
            return Q(state__in=[s for t in f.tokens for s in STATES.get(t.code or "", ())])
        case "questionnaire":
            forms = [t.rpartition("/")[2].removeprefix("urn:qingmiao:form:").partition("|")[0] for t in f.texts]
            known = kinds.kinds().values()
            return Q(kind__in=[k.id for k in known if k.form in forms or k.form.replace("_", "-") in forms])
        case _:
            return Q()  # of what is inside a record the caller looks itself


def _finding(f: Filter) -> Q:
    match f.name:
        case "_lastUpdated":
            return _moments(f, "record__made_at")
        case "patient" | "subject":
            return _patients(f, "record__child")
        case "recorded-date" | "authored":
            return _days(f, "record__on_date")
        case "code":
            return _any(
                Q(record__kind=t.code.partition(".")[0], name=t.code.partition(".")[2]) for t in f.tokens if t.code
            )
        case _:
            done = {"resolved", "completed", "inactive"}
            return _any(Q(closed_by__isnull=t.code not in done) for t in f.tokens if t.code in {*done, "active"})


def _days(f: Filter, column: str) -> Q:
    return _any(_spanned(s, column, *s.days) for s in f.spans)


def _moments(f: Filter, column: str) -> Q:
    return _any(_spanned(s, column, s.since, s.until) for s in f.spans)


def _spanned(span: TimeSpan, column: str, first: Any, after: Any) -> Q:
    inside = Q(**{f"{column}__gte": first, f"{column}__lt": after})
    match span.prefix:
        case "ne":
            return ~inside
        case "gt" | "sa":
            return Q(**{f"{column}__gte": after})
        case "lt" | "eb":
            return Q(**{f"{column}__lt": first})
        case "ge":
            return Q(**{f"{column}__gte": first})
        case "le":
            return Q(**{f"{column}__lt": after})
    return inside


def _child_said(of: exposure.Sights, c: Child, at: datetime | None) -> ChildSaid:
    whole = of.identity(c.survivor)
    return ChildSaid(
        c.pk, c.version, at or c.made_at, c.name, tuple(c.former_names), c.sex, c.birth_date, c.birth_certainty,
        c.papers,
        sealing.opened(sealing.CHILD, sealing.NUMBER, c.pk, c.number_sealed) if whole else "",
        sealing.opened(sealing.CHILD, sealing.CERTIFICATE, c.pk, c.certificate_sealed) if whole else "",
        c.area, area_name(c.area), c.village, c.unit_id, c.school_unit_id or "", c.state, c.left_date,
        c.merged_into_id or 0,
    )  # fmt: skip


def _relative_said(of: exposure.Sights, r: Relation) -> RelativeSaid:
    phone = r.relative.phone_sealed if of.identity(r.child) else None
    return RelativeSaid(
        r.pk, r.child_id, r.relative.name, r.kind, code_label("kinship", r.kind),
        sealing.opened(sealing.RELATIVE, sealing.PHONE, r.relative_id, phone), r.guardian, r.from_date, r.to_date,
    )  # fmt: skip


def _record_said(r: HealthRecord, v: RecordVersion, *, earlier: bool = False) -> RecordSaid | None:
    kind = kinds.kinds().get(r.kind)
    if kind is None:
        return None
    state = r.state
    if earlier:
        state = "withdrawn" if v.withdrawn else "recorded" if v.number == 1 else "corrected"
    number = v.number if earlier else r.version
    return RecordSaid(
        r.pk, number, v.at, kind, r.child_id or 0, v.on_date, r.unit_id, r.unit.label, v.by.name, state, v.form.form,
        v.form.form_version, versions.ready(v.form), versions.filled(v),
    )  # fmt: skip


def _finding_said(f: RecordFollowUp, known: Mapping[str, RecordKind]) -> FindingSaid:
    labels = {x.id: x.label for x in known[f.record.kind].follow_up}
    return FindingSaid(
        f.pk, f.record.kind, f.name, labels.get(f.name, Label(zh=f.name)), f.record_id, f.record.child_id or 0,
        f.record.on_date, f.record.made_at, f.due_date, f.record.unit_id, f.unit_id,
        f.closed_by.on_date if f.closed_by is not None else None,
    )  # fmt: skip


def _sight(reach: Reach, kind: str, rows: int, *, number: int = 0, revealed: int | bool = 0) -> None:
    """Write down that a program looked: which kind of resource, how many, at whose file, how many whole numbers."""
    detail: dict[str, Any] = {"resource": kind, "rows": rows} | ({"numbers": int(revealed)} if revealed else {})
    looking.seen_rows(reach, looking.EXCHANGE, detail, child=number)


def each_record(reach: Reach, asked: Search, among: Callable[[RecordKind], bool]) -> Iterator[RecordSaid]:
    """Records from the mark of a search on, without end, for what lies inside records."""
    after = asked.after
    while True:
        page = Search(asked.kind, asked.filters, 50, asked.sort, after=after)
        found, after = records(reach, page, among)
        yield from found
        if not after:
            return
