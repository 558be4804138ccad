"""Do record kinds name forms, fields, roles, tables and kinds that there are, and do their expressions fit?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qingmiao.content.check_forms import check_form
from qingmiao.content.codes import CodeList
from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, columns_of, parse
from qingmiao.content.facts import Column, Fact
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.form_codes import codes_of, known_codes
from qingmiao.content.form_fields import EXPRESSION_TYPES, expression_type, resolved_form
from qingmiao.content.forms import FILLED_ON, Form, FormField
from qingmiao.content.outcomes import TABLE as OUTCOMES_TABLE
from qingmiao.content.pack import Pack
from qingmiao.content.person_words import MEASURES, ON, PERSON, dotted, person_text
from qingmiao.content.programme_codes import CASES_TABLE, CLOCKS_TABLE
from qingmiao.content.programmes import Programme
from qingmiao.content.purposes import Purpose
from qingmiao.content.records import (
    GIVEN_BY_HOUSE,
    GIVEN_OF_MOTHER,
    RECORDER,
    FollowUpRule,
    PublishedRow,
    RecordKind,
    VisitCheck,
)
from qingmiao.content.roles import all_roles
from qingmiao.content.rolls import Roll
from qingmiao.content.schedules import Schedule
from qingmiao.kernel.errors import Fault

PARTS = "record_part"
"""The code list of the parts of a record, in the order in which it shows them."""
At = tuple[str | int, ...]
CHILD_COLUMNS = dotted(PERSON, "child")


def check_records(pack: Pack) -> Iterator[Fault]:
    """Every kind of event of the pack."""
    for kind in pack.entries("records", RecordKind).values():
        yield from _KindChecker(pack, kind).faults()
    yield from _settings(pack)
    yield from _sides(pack)


def check_visit_checks(pack: Pack) -> Iterator[Fault]:
    """Every check between visits reads words that there are, and one event at least measures what it asks about."""
    kinds = pack.entries("records", RecordKind).values()
    columns = CHILD_COLUMNS | {f"{of}.{ON}": "date" for of in ("this", "previous", "birth")}
    for of in ("this", "previous", "birth"):
        columns |= dotted(MEASURES, of)
    for one in pack.entries("record_checks", VisitCheck).values():
        try:
            tree = parse(person_text(one.check))
            kind = check_types(tree, columns)
            if kind not in ("boolean", "null"):
                raise ExpressionError(f"「{one.check}」的结果是{TYPE_WORDS[kind]}，应为真假")
        except ExpressionError as e:
            yield fault_at(pack, "record_checks", one.id, "expression", e.message, e.hint, at=("check",))
            continue
        wanted = words_of(one, "this")
        if not pack.lent and not any(wanted <= set(k.measures) for k in kinds):
            message = f"没有一种记录同时有 {'、'.join(sorted(wanted)) or '它要看的数'}，这条审核用不上"
            yield fault_at(
                pack, "record_checks", one.id, "dangling_id", message, "检查各记录的 measures", at=("check",)
            )


def words_of(check: VisitCheck, of: str) -> set[str]:
    """The measures of one event that a check reads ("previous" → {"weight_kg"}); the event's day is none."""
    names = columns_of(parse(person_text(check.check)))
    return {n.partition(".")[2] for n in names if n.startswith(f"{of}.")} - {ON}


def field_types(form_fields: Mapping[str, FormField]) -> dict[str, Type]:
    """What expressions of a record kind read: the form's fields (a computed one once it is known) and the child's
    words."""
    types: dict[str, Type] = {FILLED_ON: "date", **CHILD_COLUMNS}
    for name, one in form_fields.items():
        kind = expression_type(one)
        if one.compute is not None:
            try:
                kind = check_types(parse(one.compute), types, norms=True)
            except ExpressionError:
                continue
        if kind is not None:
            types[name] = kind
    return types


def fields_of(pack: Pack, form: Form) -> dict[str, FormField]:
    """The fields of a form and of its groups by id; of a repeated group itself alone."""
    tops = resolved_form(form, pack.facts, pack.codes).fields
    return {f.id: f for top in tops for f in ((top, *top.fields) if not top.repeat else (top,))}


@dataclass
class _KindChecker:
    pack: Pack
    kind: RecordKind

    def faults(self) -> Iterator[Fault]:
        yield from self._names()
        if self.kind.offer_if is not None:
            yield from self._expression(
                self.kind.offer_if, "boolean", ("offer_if",), CHILD_COLUMNS | {FILLED_ON: "date"}
            )
        form = self.pack.forms.get(self.kind.form)
        if form is None:
            return  # `refers` of the registry says so
        if form.purpose != "record":
            message = f"表单「{form.id}」的 purpose 是 {form.purpose}，儿童记录用 purpose: record"
            yield self._fault(message, "改表单，或另做一份", ("form",), "wrong_value")
        if any(True for _ in check_form(self.pack, form)):
            return  # the form's own faults are told at the form
        fields = fields_of(self.pack, form)
        types = field_types(fields)
        if types.get(self.kind.on) != "date":
            dates = [n for n, t in types.items() if t == "date" and n in fields]
            yield self._fault(f"on 应是表单里的日期字段，「{self.kind.on}」不是", near(self.kind.on, dates), ("on",))
        yield from self._measures(types, fields)
        for name, listed in (("carries", self.kind.carries), ("brief", self.kind.brief)):
            for n, field in enumerate(listed):
                if field not in fields or fields[field].compute is not None or fields[field].given is not None:
                    own = [f for f, one in fields.items() if one.compute is None and one.given is None]
                    yield self._fault(f"表单里没有可以填的字段「{field}」", near(field, own), (name, n))
        beside: dict[str, Type] = {f"beside.{word}": "date" for word in self.kind.beside}
        for n, row in enumerate(self.kind.publishes):
            yield from self._publishes(row, ("publishes", n), types | beside, fields)
        for n, rule in enumerate(self.kind.follow_up):
            yield from self._follow_up(rule, ("follow_up", n), types, fields)

        for n, cross in enumerate(self.kind.crosses):
            yield from self._expression(cross.when, "boolean", ("crosses", n, "when"), types, fields)
        yield from self._births(resolved_form(form, self.pack.facts, self.pack.codes).fields)

    def _births(self, tops: Sequence[FormField]) -> Iterator[Fault]:
        """The group that says who was born is there, with the field of the sex; what says a live birth reads it."""
        said = self.kind.births
        if said is None:
            return
        group = next((f for f in tops if f.id == said.rows and f.repeat), None)
        if group is None or self.kind.subject != "mother":
            message = f"births 应写母亲的记录里可以重复的一组栏目，「{said.rows}」不是"
            yield self._fault(message, near(said.rows, {f.id: f for f in tops if f.repeat}), ("births", "rows"))
            return
        inner = {f.id: f for f in group.fields}
        if said.sex not in inner:
            yield self._fault(f"「{said.rows}」里没有字段「{said.sex}」", near(said.sex, inner), ("births", "sex"))
        yield from self._expression(said.live, "boolean", ("births", "live"), field_types(inner), inner)

    def _names(self) -> Iterator[Fault]:
        known = all_roles(self.pack)
        rules = [(r.by, ("follow_up", n, "by")) for n, r in enumerate(self.kind.follow_up) if r.by != RECORDER]
        named: list[tuple[str, At]] = [(r, ("recorded_by", n)) for n, r in enumerate(self.kind.recorded_by)]
        named += [(r, ("seen_by", n)) for n, r in enumerate(self.kind.seen_by)]
        named += [
            (r, ("crosses", n, "seen_by", m)) for n, c in enumerate(self.kind.crosses) for m, r in enumerate(c.seen_by)
        ]
        for role, at in [*named, *rules] if self.pack.roles else ():
            if unknown(self.pack, known, role):
                yield self._fault(f"没有角色「{role}」", near(role, known), at, subject=f"roles/{role}")
        parts = self.pack.codes.get(PARTS)
        if parts is not None and self.kind.part not in parts.codes:
            message = f"代码表 {PARTS} 里没有「{self.kind.part}」"
            yield self._fault(message, near(self.kind.part, {i.code: i for i in parts.items}), ("part",))
        elif parts is None and unknown(self.pack, self.pack.codes, PARTS):
            yield self._fault(f"有儿童记录就要有代码表「{PARTS}」", "在 codes/ 里建立它", ("part",))
        schedules = self.pack.entries("schedules", Schedule)
        for n, id_ in enumerate(self.kind.due):
            if id_ in schedules and self.kind.id not in schedules[id_].every_kind():
                message = f"时间表「{id_}」里没有一项由「{self.kind.id}」完成"
                yield self._fault(message, "删去它，或写进时间表的 kinds", ("due", n), "wrong_value")

    def _measures(self, types: Mapping[str, Type], fields: Mapping[str, FormField]) -> Iterator[Fault]:
        for word, field in self.kind.measures.items():
            at = ("measures", word)
            if word not in MEASURES:
                yield self._fault(f"没有测量项「{word}」", near(word, MEASURES), at)
            elif field not in fields or field not in types:
                yield self._fault(f"表单里没有字段「{field}」", near(field, fields), at)
            elif types[field] not in (MEASURES[word], "null"):
                message = f"「{word}」是{TYPE_WORDS[MEASURES[word]]}，字段「{field}」是{TYPE_WORDS[types[field]]}"
                yield self._fault(message, "换一个字段", at, "wrong_type")

    def _publishes(
        self, given: PublishedRow, at: At, types: Mapping[str, Type], fields: Mapping[str, FormField]
    ) -> Iterator[Fault]:
        if given.when is not None:
            yield from self._expression(given.when, "boolean", (*at, "when"), types, fields)
        fact = self.pack.facts.get(given.fact)
        if fact is None:
            return
        for name, text in given.row.items():
            column = fact.columns.get(name)
            if column is None:
                message = f"事实表 {fact.id} 没有列「{name}」"
                yield self._fault(message, near(name, fact.columns), (*at, "row", name), "unknown_column")
                continue
            yield from self._expression(text, EXPRESSION_TYPES[column.type], (*at, "row", name), types, fields)
            yield from self._column_codes(name, column, text, (*at, "row", name), fields)
        house = GIVEN_BY_HOUSE if self.kind.subject == "child" else GIVEN_OF_MOTHER
        own = {*given.row, *house, *house_columns(fact)}
        lacking = [n for n, c in fact.columns.items() if c.required and n not in own]
        if lacking:
            message = f"事实表 {fact.id} 的必填列「{'、'.join(lacking)}」没有东西来填"
            yield self._fault(message, "写进 row", (*at, "row"), "missing_value")

    def _column_codes(
        self, name: str, column: Column, text: str, at: At, fields: Mapping[str, FormField]
    ) -> Iterator[Fault]:
        """A field that is published as it is holds codes of the column's list only."""
        listed: CodeList | None = self.pack.codes.get(column.codes or "")
        one = fields.get(text.strip())
        strange = sorted(set(codes_of(one)) - set(listed.codes)) if listed is not None and one is not None else []
        if strange and listed is not None:
            message = f"字段「{text}」的代码 {'、'.join(strange)} 不在列「{name}」的代码表 {listed.id} 里"
            yield self._fault(message, "用 case when 换成它的代码", at, "dangling_id")

    def _follow_up(
        self, rule: FollowUpRule, at: At, types: Mapping[str, Type], fields: Mapping[str, FormField]
    ) -> Iterator[Fault]:
        yield from self._expression(rule.when, "boolean", (*at, "when"), types, fields)
        if rule.closed_when is None:
            return
        kinds = self.pack.entries("records", RecordKind)
        for id_ in rule.closed_by:
            form = self.pack.forms.get(kinds[id_].form) if id_ in kinds else None
            if form is not None:
                theirs = fields_of(self.pack, form)
                yield from self._expression(
                    rule.closed_when, "boolean", (*at, "closed_when"), field_types(theirs), theirs
                )

    def _expression(
        self, text: str, wanted: Type, at: At, types: Mapping[str, Type], fields: Mapping[str, FormField] | None = None
    ) -> Iterator[Fault]:
        try:
            tree = parse(person_text(text))
            kind = check_types(tree, types, norms=True)
            if kind not in (wanted, "null"):
                raise ExpressionError(f"「{text}」的结果是{TYPE_WORDS[kind]}，应为{TYPE_WORDS[wanted]}")
            known_codes(tree, fields or {})
        except ExpressionError as e:
            yield self._fault(e.message, e.hint, at, "expression")

    def _fault(self, message: str, hint: str, at: At, code: str = "dangling_id", subject: str = "") -> Fault:
        return fault_at(self.pack, "records", self.kind.id, code, message, hint, at=at, subject=subject)


def house_columns(fact: Fact) -> tuple[str, ...]:
    """The columns of a fact table that the house fills from the event: first of the key, area, day, version,
    retraction."""
    return tuple(c for c in (fact.key[0], fact.area, fact.date, fact.version, fact.retracted) if c is not None)


def _sides(pack: Pack) -> Iterator[Fault]:
    """The tables that the policy says come from records are tables that records publish or rolls list."""
    kinds = pack.entries("records", RecordKind).values()
    told = {row.fact: row.fact for k in kinds for row in k.publishes}
    told |= {roll.fact: roll.fact for roll in pack.entries("rolls", Roll).values()}
    told |= {table: table for table in (CASES_TABLE, CLOCKS_TABLE, OUTCOMES_TABLE) if pack.held("programmes")}
    programmes = pack.entries("programmes", Programme).values()
    told |= {row.fact: row.fact for one in programmes for row in one.publishes}
    place = pack.place("policy", "policy")
    for table in pack.policy.from_records if not pack.lent else ():
        if table not in told:
            message = f"policy.yaml 的 from_records 提到「{table}」，没有一种儿童记录、一份名册发布这张事实表，这些年份会没有数"
            yield Fault(
                place.file, place.at("from_records", table), "dangling_id", message, place=table, hint=near(table, told)
            )


def _settings(pack: Pack) -> Iterator[Fault]:
    """A county's interval is of a follow-up or item that is there and is the county's to set."""
    kinds, schedules = pack.entries("records", RecordKind), pack.entries("schedules", Schedule)
    local = {k.setting(r): r.within.local for k in kinds.values() for r in k.follow_up}
    local |= {p.setting: p.keep.within.local for p in pack.entries("purposes", Purpose).values()}
    every = pack.entries("programmes", Programme).values()
    local |= {p.setting(t): t.within.local for p in every for s in p.steps for t in s.tasks if t.within is not None}
    local |= {s.setting(i): i.interval.local for s in schedules.values() for i in s.items if i.interval is not None}
    place = pack.place("policy", "policy")
    for id_ in pack.policy.intervals:
        line = place.at("intervals", id_)
        if id_ not in local and not pack.lent:
            message = f"policy.yaml 的 intervals 提到没有的「{id_}」"
            yield Fault(place.file, line, "dangling_id", message, place=id_, hint=near(id_, local))
        elif local.get(id_) is False:
            message, hint = f"间隔「{id_}」有文件依据，不由县里设置", "删去这一项"
            yield Fault(place.file, line, "wrong_value", message, place=id_, hint=hint)
