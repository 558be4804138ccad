"""Do programmes hold together? Every name exists, every expression fits, every field that is needed is asked somewhere,
every state has somebody who has to act, every clock has a source or is the county's, secrecy never falls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from qingmiao.content.check_each_of import check_each_of
from qingmiao.content.check_forms import check_form
from qingmiao.content.check_openings import check_openings
from qingmiao.content.check_published import check_published, check_turned
from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, columns_of, parse
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.form_codes import known_codes
from qingmiao.content.form_fields import expression_type, resolved
from qingmiao.content.forms import FILLED_ON
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_ends import stuck
from qingmiao.content.programme_forms import (
    blocks_of,
    case_fields,
    case_groups,
    case_text,
    case_types,
    step_fields,
    step_form,
)
from qingmiao.content.programme_parts import CaseBlock, CaseField
from qingmiao.content.programme_reach import Reaching
from qingmiao.content.programmes import Programme
from qingmiao.content.roles import all_roles
from qingmiao.kernel.errors import Fault

At = tuple[str | int, ...]
SAME_TYPES = ("date", "code", "text", "area", "organisation", "boolean", "integer")
"""Types of fields by which two cases may be the same."""
TO_REACH = (
    "让它主办（写进这一步之前的状态的 owners），或者在前面的环节指定经办人（assigns）、告知所在单位（informs，这一步写"
    " relations: [referred_to]）、转介，或者写进 supervision；都不是的，从 roles 里删去"
)
"""What to do where no relation brings a role to a case."""


def check_programmes(pack: Pack) -> Iterator[Fault]:
    """Every programme of the pack, as the county has changed it."""
    try:
        every = programmes_of(pack)
    except ValueError:
        return  # `check_changes` says which change does not work
    yield from check_turned(pack)
    for one in every.values():
        yield from _ProgrammeChecker(pack, one, every, blocks_of(pack)).faults()
    cards = [p.card for p in every.values()]
    for one in every.values():
        if one.card is not None and cards.count(one.card) > 1:
            message = f"卡号 {one.card} 用了两次"
            yield fault_at(pack, "programmes", one.id, "wrong_value", message, "每个服务项目一个卡号", at=("card",))


@dataclass
class _ProgrammeChecker:
    pack: Pack
    one: Programme
    every: Mapping[str, Programme]
    blocks: Mapping[str, CaseBlock]

    def faults(self) -> Iterator[Fault]:
        yield from self._blocks()
        yield from self._roles()
        yield from self._reach()
        fields = case_fields(self.one, self.blocks)
        yield from self._names(fields)
        yield from self._ends()
        types = case_types(self.pack, self.one)
        yield from self._forms(types)
        yield from self._expressions(types, fields)
        yield from self._by_itself(types)
        yield from self._referrals(fields)
        yield from self._deadlines(types, fields)
        yield from self._closing()
        yield from check_openings(self.pack, self.one, self.every)
        yield from check_each_of(self.pack, self.one, fields)
        yield from check_published(self.pack, self.one, types)

    def _fault(self, message: str, hint: str, at: At, code: str = "dangling_id", subject: str = "") -> Fault:
        return fault_at(self.pack, "programmes", self.one.id, code, message, hint, at=at, subject=subject)

    def _blocks(self) -> Iterator[Fault]:
        for n, step in enumerate(self.one.steps):
            for m, name in enumerate(step.blocks):
                if unknown(self.pack, self.blocks, name):
                    hint, subject = near(name, self.blocks), f"case_blocks/{name}"
                    yield self._fault(f"没有字段块「{name}」", hint, ("steps", n, "blocks", m), subject=subject)

    def _roles(self) -> Iterator[Fault]:
        named: list[tuple[str, At]] = []
        for id_, state in self.one.states.items():
            named += [(r, ("states", id_, "owners", m)) for m, r in enumerate(state.owners)]
        for n, step in enumerate(self.one.steps):
            named += [(r, ("steps", n, "roles", m)) for m, r in enumerate(step.roles)]
            named += [(t.by, ("steps", n, "tasks", m, "by")) for m, t in enumerate(step.tasks)]
            named += [(r.by, ("steps", n, "refers", m, "by")) for m, r in enumerate(step.refers) if r.by is not None]
            second = step.second.roles if step.second is not None else ()
            named += [(r, ("steps", n, "second", "roles", m)) for m, r in enumerate(second)]
        for id_, group in case_groups(self.one, self.blocks).items():
            named += [(r, ("groups", id_, "roles", m)) for m, r in enumerate(group.roles)]
        for n, deadline in enumerate(self.one.deadlines):
            named += [(e.to, ("deadlines", n, "escalate", m, "to")) for m, e in enumerate(deadline.escalate)]
        over = self.one.supervision.roles if self.one.supervision is not None else ()
        named += [(r, ("supervision", "roles", m)) for m, r in enumerate(over)]
        for n, rule in enumerate(self.one.opened_by):
            named += [(r, ("opened_by", n, "told", m)) for m, r in enumerate(rule.told)]
        known = all_roles(self.pack)
        for role, at in named if self.pack.roles else ():
            if unknown(self.pack, known, role):
                yield self._fault(f"没有角色「{role}」", near(role, known), at, subject=f"roles/{role}")

    def _reach(self) -> Iterator[Fault]:
        """Whoever is to take a step can come to stand before a case there."""
        for n, m, role in Reaching(self.one, self.every, all_roles(self.pack)).stranded():
            step, label = self.one.steps[n], all_roles(self.pack)[role].label
            message = f"环节「{step.label}」的角色「{label}」看不到个案，办不了这一步"
            yield self._fault(message, TO_REACH, ("steps", n, "roles", m), "wrong_value")

    def _ends(self) -> Iterator[Fault]:
        """A case can leave every state that is not its end, by whatever way it came there."""
        for state, missing in stuck(self.one, self.blocks):
            words = "、".join(missing)
            message = (
                f"个案到了状态「{self.one.states[state].label}」可能走不下去：往下的环节都要 {words}，那里没有环节填"
            )
            hint = f"在这个状态加一个填 {words} 的环节，或者从往下的环节的 needs 里删去"
            yield self._fault(message, hint, ("states", state), "wrong_value")

    def _names(self, fields: Mapping[str, CaseField]) -> Iterator[Fault]:
        """Fields, groups, steps and states that are named are there; what a step needs is asked before or with it."""
        groups = case_groups(self.one, self.blocks)
        for n, one in enumerate(self.one.fields):
            if one.group is not None and one.group not in groups:
                yield self._fault(f"没有字段组「{one.group}」", near(one.group, groups), ("fields", n, "group"))
        asked = {f for s in self.one.steps for f in s.fields}
        asked |= {f.id for s in self.one.steps for b in s.blocks if b in self.blocks for f in self.blocks[b].fields}
        for n, one in enumerate(self.one.fields):
            if one.id not in asked and one.type not in ("computed", "note"):
                message = f"字段「{one.words}」没有一个环节填"
                yield self._fault(message, "写进一个环节的 asks 或 may，或删去", ("fields", n), "wrong_value")
        for n, step in enumerate(self.one.steps):
            named: list[tuple[str, At]] = []
            for key in ("asks", "may", "needs", "informs"):
                named += [(f, (key, m)) for m, f in enumerate(getattr(step, key))]
            named += [(f, (key,)) for key in ("owner", "assigns") if (f := getattr(step, key)) is not None]
            for m, rule in enumerate(step.refers):
                named += [(f, ("refers", m, "fields", k)) for k, f in enumerate(rule.fields)]
                pair = (("unit", rule.unit), ("consent", rule.consent))
                named += [(f, ("refers", m, key)) for key, f in pair if f is not None]
            for name, at in named:
                if name not in fields:
                    yield self._fault(f"没有字段「{name}」", near(name, fields), ("steps", n, *at))
                elif name not in asked and at[0] not in ("asks", "may") and fields[name].type != "computed":
                    message = f"环节「{step.label}」要用字段「{fields[name].words}」，没有一个环节填它"
                    yield self._fault(message, "写进一个环节的 asks 或 may", ("steps", n, *at), "wrong_value")
        told = self.one.alarm.told if self.one.alarm is not None else None
        if told is not None and (told not in fields or fields[told].type != "datetime"):
            times = [f for f, one in fields.items() if one.type == "datetime"]
            message = f"alarm 的 told 应是“日期和时间”的字段，「{told}」不是"
            yield self._fault(message, near(told, times), ("alarm", "told"))
        steps = {s.do for s in self.one.steps}
        for id_, count in self.one.counts.items():
            if count.step not in steps:
                yield self._fault(f"没有环节「{count.step}」", near(count.step, steps), ("counts", id_, "step"))
            for m, name in enumerate(count.since):
                if name not in self.one.states:
                    yield self._fault(f"没有状态「{name}」", near(name, self.one.states), ("counts", id_, "since", m))
        for m, name in enumerate(self.one.same.fields if self.one.same is not None else ()):
            if name not in fields:
                yield self._fault(f"没有字段「{name}」", near(name, fields), ("same", "fields", m))
            elif fields[name].type not in SAME_TYPES or fields[name].multiple:
                message = f"字段「{fields[name].words}」不能用来认定同一件事"
                hint = "写日期、代码、单位、地区或者文字的字段"
                yield self._fault(message, hint, ("same", "fields", m), "wrong_type")
        for m, name in enumerate(self.one.supervision.fields if self.one.supervision is not None else ()):
            if name not in fields:
                yield self._fault(f"没有字段「{name}」", near(name, fields), ("supervision", "fields", m))
            elif fields[name].group is not None or fields[name].sensitivity == "核心" or fields[name].given is not None:
                message = f"字段「{fields[name].words}」不给督办的人看"
                yield self._fault(message, "从 supervision 里删去", ("supervision", "fields", m), "wrong_value")
        for n, printed in enumerate(self.one.prints):
            if printed.number is not None and printed.number not in fields:
                yield self._fault(
                    f"没有字段「{printed.number}」", near(printed.number, fields), ("prints", n, "number")
                )
            for m, name in enumerate(printed.states):
                if name not in self.one.states:
                    yield self._fault(f"没有状态「{name}」", near(name, self.one.states), ("prints", n, "states", m))
            for m, name in enumerate(printed.fields):
                group = fields[name].group if name in fields else None
                if name not in fields:
                    yield self._fault(f"没有字段「{name}」", near(name, fields), ("prints", n, "fields", m))
                elif group is not None and group in groups and not groups[group].prints:
                    message = f"字段「{fields[name].words}」在不打印的字段组「{groups[group].label}」里"
                    yield self._fault(message, "从打印表里删去", ("prints", n, "fields", m), "wrong_value")

    def _forms(self, types: Mapping[str, Type]) -> Iterator[Fault]:
        """The form of each step, with what is known of the case beside its own fields."""
        for n, step in enumerate(self.one.steps):
            form = step_form(self.one, self.blocks, step)
            if form is None:
                continue
            own = {f.id for f in form.all_fields()}
            known = {k: t for k, t in types.items() if k not in own and k != FILLED_ON}
            for fault in check_form(self.pack, form, known):
                field = fault.place.rpartition(".")[2]
                at: At = next((("fields", m) for m, f in enumerate(self.one.fields) if f.id == field), ("steps", n))
                here = self.pack.place("programmes", self.one.id)
                yield replace(fault, file=here.file, line=here.at(*at), place=f"{self.one.id}.{step.do}.{field}")

    def _expressions(self, types: Mapping[str, Type], fields: Mapping[str, CaseField]) -> Iterator[Fault]:
        whole = {f: resolved(one, self.pack.facts, self.pack.codes) for f, one in fields.items()}
        for text, at in self.one.expressions():
            try:
                tree = parse(case_text(text))
                kind = check_types(tree, types)
                if kind not in ("boolean", "null"):
                    raise ExpressionError(f"「{text}」的结果是{TYPE_WORDS[kind]}，应为真假")
                known_codes(tree, {name: whole[name] for name in columns_of(tree) if name in whole})
            except ExpressionError as e:
                yield self._fault(e.message, e.hint, at, "expression")

    def _by_itself(self, types: Mapping[str, Type]) -> Iterator[Fault]:
        """What the system fills in with a step is asked there and fits; everything that must be answered is."""
        for n, step in enumerate(self.one.steps):
            if step.itself is None:
                continue
            asked = {f.id: f for f in step_fields(self.one, self.blocks, step)}
            for name, text in step.itself.answers.items():
                at: At = ("steps", n, "itself", "answers", name)
                if name not in asked:
                    yield self._fault(f"环节「{step.label}」不填字段「{name}」", near(name, asked), at)
                    continue
                whole = resolved(asked[name], self.pack.facts, self.pack.codes)
                try:
                    kind = check_types(parse(case_text(text)), types)
                except ExpressionError as e:
                    yield self._fault(e.message, e.hint, at, "expression")
                    continue
                if kind not in (expression_type(whole), "null"):
                    yield self._fault(f"「{text}」的结果是{TYPE_WORDS[kind]}，和字段的类型不同", "", at, "wrong_type")
            for name, field in asked.items():
                if field.always_required and field.show_if is None and name not in step.itself.answers:
                    message = f"环节「{step.label}」由系统自己办，必须填的「{field.words}」没有写"
                    yield self._fault(message, "写进 itself 的 answers", ("steps", n, "itself"), "missing_value")

    def _referrals(self, fields: Mapping[str, CaseField]) -> Iterator[Fault]:
        """Where a referral goes is there and has the fields that are sent; the case that is opened there is as
        secret as this one (`Taken.secrecy`), whatever its programme says."""
        for n, step in enumerate(self.one.steps):
            for m, rule in enumerate(step.refers):
                at = ("steps", n, "refers", m)
                other = self.every.get(rule.to)
                if other is None:
                    if unknown(self.pack, self.every, rule.to):
                        hint, subject = near(rule.to, self.every), f"programmes/{rule.to}"
                        yield self._fault(f"没有服务项目「{rule.to}」", hint, (*at, "to"), subject=subject)
                    continue
                theirs = case_fields(other, self.blocks)
                for k, (name, called) in enumerate(rule.pairs):
                    if name in fields and called not in theirs:
                        message = f"转介给「{other.label}」的字段「{fields[name].words}」那边没有"
                        hint = "在那个服务项目里加上，或不转；那边名字不同的写在 called 里"
                        yield self._fault(message, hint, (*at, "fields", k), "wrong_value")
                    elif name in fields and not self._same_answers(fields[name], theirs[called]):
                        message = f"转介给「{other.label}」的字段「{fields[name].words}」，那边「{theirs[called].words}」的类型或选项不同"
                        hint = "两边用同样的类型和代码表，或不转"
                        yield self._fault(message, hint, (*at, "fields", k), "wrong_type")
                asked = fields.get(rule.consent or "")
                if asked is not None and asked.type != "boolean":
                    yield self._fault("consent 应是“是/否”的字段", "换一个字段", (*at, "consent"), "wrong_type")

    def _same_answers(self, ours: CaseField, theirs: CaseField) -> bool:
        """What is answered here can be answered there: the same type (a text goes into any text, what is worked out
        into anything), the same code list or some codes in common."""
        one, other = (resolved(f, self.pack.facts, self.pack.codes) for f in (ours, theirs))
        texts = ("text", "long_text", "organisation", "person")
        if one.type != "code" or other.type != "code":
            return one.type in (other.type, "computed") or (one.type in texts and other.type in texts)
        if one.multiple != other.multiple:
            return False
        shared = {o.code for o in one.options} & {o.code for o in other.options}
        return bool(shared) or (one.codes is not None and one.codes == other.codes)

    def _deadlines(self, types: Mapping[str, Type], fields: Mapping[str, CaseField]) -> Iterator[Fault]:
        steps, states = {s.do for s in self.one.steps}, set(self.one.states)
        known = {"starts": steps | states, "met_by": steps, "paused_in": states, "ends_in": states}
        for n, deadline in enumerate(self.one.deadlines):
            for key, allowed in known.items():
                for m, name in enumerate(getattr(deadline, key)):
                    if name not in allowed:
                        message = f"时限「{deadline.label}」的 {key} 提到没有的「{name}」"
                        yield self._fault(message, near(name, allowed), ("deadlines", n, key, m))
            if deadline.due_on is not None and types.get(deadline.due_on) != "date":
                dates = [k for k, t in types.items() if t == "date" and "." not in k]
                message = f"due_on 应是日期字段，「{deadline.due_on}」不是"
                yield self._fault(message, near(deadline.due_on, dates), ("deadlines", n, "due_on"))
            since = fields.get(deadline.counts_from or "")
            if deadline.counts_from is not None and (since is None or since.type not in ("date", "datetime")):
                days = [k for k, one in fields.items() if one.type in ("date", "datetime")]
                message = f"counts_from 应是日期或时间的字段，「{deadline.counts_from}」不是"
                yield self._fault(message, near(deadline.counts_from, days), ("deadlines", n, "counts_from"))
        own = {d.id for d in self.one.deadlines}
        if self.one.round is not None and self.one.round.clock not in own:
            clock = self.one.round.clock
            yield self._fault(f"没有时限「{clock}」", near(clock, own), ("round", "clock"))
        for name in self.one.round.shows if self.one.round is not None else ():
            if name not in types:
                yield self._fault(f"没有栏目「{name}」", near(name, types), ("round", "shows"))
        for n, step in enumerate(self.one.steps):
            for name in step.extends:
                if name not in own:
                    yield self._fault(f"没有时限「{name}」", near(name, own), ("steps", n, "extends", name))

    def _closing(self) -> Iterator[Fault]:
        """Where a programme grades risk, an end is confirmed by a second person while the risk is high."""
        if self.one.risk is None:
            for n, step in enumerate(self.one.steps):
                for m, name in enumerate(step.blocks):
                    if name in self.blocks and self.blocks[name].graded:
                        message = f"环节「{step.label}」用字段块「{self.blocks[name].label}」的项目要分风险等级"
                        hint = "写 risk，指明记风险等级的字段"
                        yield self._fault(message, hint, ("steps", n, "blocks", m), "missing_value")
            return
        for n, step in enumerate(self.one.steps):
            final = step.to is not None and self.one.states[step.to].final
            if final and not step.opens and step.second is None:
                message = f"环节「{step.label}」结束个案，本项目分风险等级，高风险结束要第二人确认"
                yield self._fault(message, "写 second（roles、when）", ("steps", n), "missing_value")
