"""A programme on one page, in words: who, states, steps, what is filled in, clocks with their articles, secrecy.

Made from the file alone, so that the handbook cannot say anything else than what the system does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qingmiao.casework.ready import ReadyProgramme, prepare_programme
from qingmiao.casework.telling import role_word
from qingmiao.content.base import Label
from qingmiao.content.citing import cited, named
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_openings import OpeningRule
from qingmiao.content.programme_parts import ANY_OPEN, RELATIONS, ProgrammeDeadline, ProgrammeStep
from qingmiao.content.programmes import CaseSubject
from qingmiao.content.records import RecordKind
from qingmiao.content.roles import all_roles

SUBJECTS: Mapping[CaseSubject, str] = {
    "child": "儿童", "person": "人员", "family": "家庭", "place": "场所", "organisation": "机构", "event": "事项", "none": "无",
}  # fmt: skip
STEP_HEADS = ("环节", "从", "到", "谁办", "要填", "条件和后果")
CLOCK_HEADS = ("时限", "起算", "办结", "多久", "依据")


@dataclass(frozen=True)
class HandbookPage:
    """One programme. `facts`: what stands above the tables, as (name, text); `steps`, `clocks`: rows under
    `STEP_HEADS`, `CLOCK_HEADS`; `more`: what stands below, as (name, text)."""

    id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, ...], ...]
    clocks: tuple[tuple[str, ...], ...]
    more: tuple[tuple[str, str], ...]


def handbook_page(
    ready: ReadyProgramme, roles: Mapping[str, Label], programmes: Mapping[str, Label], records: Mapping[str, Label]
) -> HandbookPage:
    """The page of a programme. `roles`, `programmes`, `records` (kinds): what each is called, by id."""
    one = ready.programme
    words = _Words(ready, roles, programmes, records)
    secrecy = one.secrecy + "".join(f"；有些情形为{r.level}" for r in one.secrecy_if[:1])
    states = "；".join(
        f"{s.label}" + ("（终点）" if s.final else f"（{words.people(s.owners)}）") for s in one.states.values()
    )
    sources = "；".join(cited(s) for s in (one.source, *one.more_sources))
    facts = [("对象", SUBJECTS[one.subject]), ("密级", secrecy)]
    facts += [("条件", one.eligible_words.zh)] if one.eligible_words is not None else []
    facts += [("状态和由谁办", states)]
    facts += [("自动受理", "；".join(map(words.opened, one.opened_by)))] if one.opened_by else []
    more = [("打印表", "、".join(p.label.zh for p in one.prints))] if one.prints else []
    more += [
        ("单独授权、看一次记一次的栏目", "；".join(
            f"{g.label}（{words.people(g.roles)}{'' if g.prints else '；不打印'}）" for g in ready.groups.values()
        ))
    ] if ready.groups else []  # fmt: skip
    more += [("容易出错的地方", "；".join(f.zh for f in one.failures))] if one.failures else []
    more += [("依据", sources)]
    return HandbookPage(
        one.id,
        f"{one.card} {one.label}" if one.card is not None else one.label.zh,
        tuple(facts),
        tuple(words.step(s, n) for n, s in enumerate(one.steps)),
        tuple(words.clock(d) for d in ready.deadlines.values()),
        tuple(more),
    )


@dataclass(frozen=True)
class _Words:
    ready: ReadyProgramme
    roles: Mapping[str, Label]
    programmes: Mapping[str, Label]
    records: Mapping[str, Label]

    def people(self, roles: tuple[str, ...]) -> str:
        return "、".join(role_word(self.roles[r].zh) if r in self.roles else r for r in roles)

    def state(self, name: str) -> str:
        return self.ready.programme.states[name].label.zh

    def opened(self, rule: OpeningRule) -> str:
        """What opens a case by itself."""
        names = self.records if rule.record is not None else self.programmes
        origin = rule.record or rule.programme or ""
        called = names[origin].zh if origin in names else origin
        what = f"登记“{called}”" if rule.record is not None else f"“{called}”的个案办到规定的环节"
        which = rule.label.zh if rule.label is not None else "符合规定情形的" if rule.when is not None else ""
        return what + (f"（{which}）" if which else "") + (f"，依据：{named(rule.ground)}" if rule.ground else "")

    def step(self, step: ProgrammeStep, number: int) -> tuple[str, ...]:
        """One row of `STEP_HEADS`."""
        sources = self.ready.programme.starts_from(step)
        start = (
            "—"
            if step.opens
            else "各个没有结束的状态"
            if step.from_ == ANY_OPEN
            else "、".join(map(self.state, sources))
        )
        who = self.people(step.roles) + "（后台任务）" * step.job
        if step.relations:
            who += f"（{'、'.join(RELATIONS[r].zh for r in step.relations)}）"
        form = self.ready.forms.get(number)
        fields = [f for f in form.fields if f.type not in ("note", "computed")] if form is not None else []
        asked = "、".join(
            f"{f.field.words}{'' if f.field.always_required or f.field.required_if else '（可空）'}" for f in fields
        )
        target = self.state(step.to) if step.to is not None else "不变"
        return (step.label.zh, start, target, who, asked or "—", "；".join(self.follows(step)) or "—")

    def follows(self, step: ProgrammeStep) -> Iterator[str]:
        """What must be true of a step and what comes of it."""
        needs = "、".join(self.ready.fields[f].words for f in step.needs)
        yield from [f"前面要已经填了{needs}"] if needs else []
        yield from (g.message.zh for g in step.guards)
        if step.second is not None:
            when = "有的情形" if step.second.when is not None else ""
            yield f"{when}要第二人（{self.people(step.second.roles)}）确认"
        for rule in step.refers:
            to = self.programmes[rule.to].zh if rule.to in self.programmes else rule.to
            ground = "经同意" if rule.consent is not None else named(rule.ground) if rule.ground is not None else ""
            yield f"{'移交' if rule.transfers else '转介'}「{to}」（{ground}）"
        for task in step.tasks:
            yield f"给{self.people((task.by,))}开任务「{task.label}」"

    def clock(self, deadline: ProgrammeDeadline) -> tuple[str, ...]:
        """One row of `CLOCK_HEADS`."""
        one = self.ready.programme
        labels = {s.do: s.label.zh for s in one.steps} | {i: s.label.zh for i, s in one.states.items()}
        steps = {s.do: s.label.zh for s in one.steps}
        if deadline.due_on is not None:
            long = f"到「{self.ready.fields[deadline.due_on].words}」那一天"
        else:
            long = deadline.words() + ("，遇休息日不顺延" if not deadline.moves else "")
        start = "、".join(labels[s] for s in deadline.starts) + ("（有条件）" if deadline.only_if is not None else "")
        start += (
            f"，从「{self.ready.fields[deadline.counts_from].words}」算" if deadline.counts_from is not None else ""
        )
        met = "、".join(steps[s] for s in deadline.met_by) + ("（有条件）" if deadline.met_if is not None else "")
        return (deadline.label.zh, start, met, long, deadline.origin)


def handbook_pages(pack: Pack) -> list[HandbookPage]:
    """The page of every programme of a checked pack, by the numbers of their cards, then those without one."""
    every = programmes_of(pack)
    roles = {id_: role.label for id_, role in all_roles(pack).items()}
    labels = {id_: one.label for id_, one in every.items()}
    order = sorted(every.values(), key=lambda p: (p.card is None, (p.card or "")[:1], int((p.card or "A0")[1:]), p.id))
    records = {id_: kind.label for id_, kind in pack.entries("records", RecordKind).items()}
    return [handbook_page(prepare_programme(pack, p.id), roles, labels, records) for p in order]


def markdown(page: HandbookPage) -> list[str]:
    """The page as Markdown, for the documentation."""
    lines = [f"# {page.title} `{page.id}`", "", *(f"- {name}：{text}" for name, text in page.facts)]
    for heads, rows in ((STEP_HEADS, page.steps), (CLOCK_HEADS, page.clocks)):
        if rows:
            lines += ["", f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
            lines += [f"| {' | '.join(cell.replace('|', '／') for cell in row)} |" for row in rows]
    return [*lines, "", *(f"- {name}：{text}" for name, text in page.more)]
