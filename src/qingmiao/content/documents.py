"""Kinds of documents that a county records: plans, checks, meetings … Adding one is one file in `documents/`."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.flows import ContentFlow
from qingmiao.flow import NOTHING, Ask, Flow, State, Step
from qingmiao.flow.house import ANSWERING, OFFICE, SIGNERS
from qingmiao.flow.table import REASON

RECORD, REWRITE, PROVE = "record", "rewrite", "prove"
"""Steps that pages know by name: recorded by `recorded_by` (never written in a file); text changed; a file added."""
SCORED, SETTLED, WITHDRAWN = "scored", "settled", "withdrawn"
"""States of what is scored apart."""
SETTLE_WITH = "settle_with"
"""The others' of the same unit and year are settled with the one that the office settles."""
SCORES = "reviewed"
"""The effect of the step at which a scored document is given its score; without such a step, when it is recorded."""
OWN_FIELDS = (
    "year", "on_date", "unit", "title", "text", "score", "decisions", "file", "do", "version", "operation",
)  # fmt: skip
"""What every document has beside its form, by the names that pages give it: no field of its form is called so."""
ABOVE = "above"
"""The relation of whoever may record and reaches the unit from above it."""


class HandedOut(Content):
    """While a document is in `state` and until the day in the field `until` of its form, people from outside of the
    unit that it concerns (`RoleItem.outside`) read it and take its files; nobody else from outside ever does."""

    state: Name
    until: Name


class DrawnSample(Content):
    """Fields of its form by which a sample is drawn (effect `drawn`): `of` the number of the document whose package is
    drawn from, `table` one of its tables, `wanted` how many rows, `seed` what the drawing follows from."""

    of: Name
    table: Name
    wanted: Name
    seed: Name


class DocumentKind(Content):
    """One kind of document.

    `recorded_by`: the roles that record it. A `signed` one is its unit's own: the unit's leader signs it, the committee
    office reviews it; one with its own `flow` goes as that says; every other stands at once. `order`: where it stands
    among the others, low first.
    """

    id: Annotated[Name, Field(max_length=60)]
    label: Label
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    recorded_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    text: Label
    """What its text is called."""
    signed: bool = False
    flow: ContentFlow | None = None
    """Its states and steps after it was recorded; `rewrite` changes its text, `prove` adds files: both stay."""
    scored: bool = False
    """It has a score from 0 to 100: given when a signed one is reviewed, else when it is recorded."""
    form: Id | None = None
    """The form (`purpose: record`) that holds what else is written down of one, kept in the version it was filled
    by."""
    scheme: Id | None = None
    """In place of a form: the scheme of evaluation (`evaluations/`) by which it is scored."""
    apart: bool = False
    """Several people record one each of the same unit and year, and see the others' only after their own; the office
    settles where they differ. Goes as `_apart` says, and has a scheme."""
    figures: Literal["goals"] | None = None
    """goals: the figures of the goals and targets that its unit leads or works on, as the newest run has them when it
    is recorded, stay with it."""
    numbers: bool = False
    """Its text quotes numbers as {指标@年份}, which are looked up in the newest run when it is recorded and rewritten; a
    number typed by hand needs its source on its line."""
    package: Id | None = None
    """The scheme of evaluation whose tables the effect `packed` makes a de-identified package of."""
    package_year: Name | None = None
    """The field of its form that says of which year of data."""
    handed: HandedOut | None = None
    sample: DrawnSample | None = None
    about_unit: bool = False
    """It concerns another unit than the one that records it (a check)."""
    decides: bool = False
    """It has decisions (议定事项, 整改要求), one a line, each of which may become a task."""
    public: Name | None = None
    """The state in which its day, unit, title and text go to the public with a released report; None: never."""
    beside: Literal["benchmarks"] | None = None
    """benchmarks: the page that compares areas leads to it, so that what made one stand out is written down."""
    serves: tuple[Id, ...] = ()
    source: Source | None = None
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.signed and (self.about_unit or self.decides):
            raise ValueError("signed（单位自己的文书）不能同时写 about_unit 或 decides")
        if self.scheme is not None and self.form is not None:
            raise MisplacedError("写了 scheme（评估方案）就不再写 form", at=("scheme",))
        if self.apart and (self.signed or self.flow is not None or self.decides or not self.about_unit):
            raise MisplacedError("apart（各自评分）要写 about_unit，不写 signed、flow、decides", at=("apart",))
        if self.apart and (self.scheme is None or not self.scored):
            raise MisplacedError("apart（各自评分）要写 scheme 和 scored: true，商定时给分", at=("apart",))
        if self.signed and self.flow is not None:
            raise MisplacedError("signed 是内置的签报审阅流程，不能再写 flow", at=("signed",))
        if self.public is not None and (self.flow is None or self.public not in self.flow.states):
            raise MisplacedError("public（公开）写自己的 flow 里的一个状态，到了这个状态才公开", at=("public",))
        if self.numbers and self.public is not None:
            raise MisplacedError("numbers（引用内部的数）的文书不公开，不写 public", at=("numbers",))
        steps = self.flow.steps if self.flow is not None else ()
        if self.handed is not None and (self.flow is None or self.handed.state not in self.flow.states):
            raise MisplacedError("handed（交给外部）的 state 写自己的 flow 里的一个状态", at=("handed",))
        if (self.package is None) != (self.package_year is None):
            raise MisplacedError("package 和 package_year（哪一年的数据）都写或都不写", at=("package",))
        made = {effect for step in steps for effect in step.effects}
        for effect, given, key in (("packed", self.package, "package"), ("drawn", self.sample, "sample")):
            if (effect in made) != (given is not None):
                raise MisplacedError(
                    f"写 {key} 的种类，流程里要有一个环节写 effects: [{effect}]，两样都写或都不写", at=(key,)
                )
        for n, step in enumerate(steps):
            at = ("flow", "steps", n)
            if step.from_ is None:
                raise MisplacedError("文书由 recorded_by 记录，流程里不写从无到有的环节：写 from", at=at)
            if step.do == RECORD:
                raise MisplacedError("record 是记录这一步的名字，换一个 do", at=(*at, "do"))
            if step.job:
                raise MisplacedError("文书的环节由人办，不写 job", at=(*at, "job"))
            if step.do in (REWRITE, PROVE) and (set(step.sources) != {step.to} or step.asks):
                word = "改写" if step.do == REWRITE else "上传材料"
                raise MisplacedError(f"{step.do}（{word}）留在原来的状态，也不要求写文字", at=at)
        return self

    @cached_property
    def workflow(self) -> Flow:
        """What it goes through, from its being recorded on."""
        if self.flow is not None:
            return self.flow.flow(self.id, self.label.zh, (self._recorded(self.flow.first),))
        if self.apart:
            return _apart(self)
        return _signed(self) if self.signed else _stands(self)

    @property
    def scored_when_recorded(self) -> bool:
        """Whether its score is given with the record; else a later step gives it."""
        return self.scored and not (self.signed or self.apart or self._scored_later)

    @property
    def staged(self) -> bool:
        """Whether there is more than one state to tell apart."""
        return len(self.workflow.states) > 1

    @property
    def _scored_later(self) -> bool:
        return self.flow is not None and any(SCORES in step.effects for step in self.flow.steps)

    def _recorded(self, first: str) -> Step:
        above = frozenset({ABOVE}) if self.about_unit else frozenset()
        guards = ("score_in_range",) if self.scored_when_recorded else ()
        guards = ("not_scored_yet",) if self.apart else guards
        return Step(
            RECORD, "记录", "record", NOTHING, first, frozenset(self.recorded_by), guards=guards, effects=("recorded",),
            relations=above,
        )  # fmt: skip


_DRAFT = State("draft", "草稿", "draft", "warn")
_REVIEWED = State("reviewed", "已审阅", "reviewed", "good", final=True)


def _signed(kind: DocumentKind) -> Flow:
    """A document that the unit's leader signs and the committee office reviews."""
    return Flow(
        kind.id,
        kind.label.zh,
        (_DRAFT, State("signed", "已签报", "signed", "warn"), _REVIEWED),
        (
            kind._recorded("draft"),
            Step(REWRITE, "改写", "rewrite", "draft", "draft", ANSWERING),
            Step(PROVE, "上传材料", "add evidence", "draft", "draft", ANSWERING),
            Step(PROVE, "上传材料", "add evidence", "signed", "signed", ANSWERING),
            Step("sign", "签报", "sign", "draft", "signed", SIGNERS, effects=("signed",)),
            Step("recall", "撤回", "take back", "signed", "draft", SIGNERS, effects=("taken_back",)),
            Step(
                "return", "退回", "send back", "signed", "draft", OFFICE, (Ask("opinion", "理由"),), effects=("sent_back",)
            ),
            Step(
                "review", "审阅", "review", "signed", "reviewed", OFFICE, (Ask("opinion", "意见", optional=True),),
                guards=("score_in_range",), effects=("reviewed",),
            ),
        ),
    )  # fmt: skip


def _apart(kind: DocumentKind) -> Flow:
    """What several people score each for themselves: taken back while nobody else has, settled once two have."""
    mine = frozenset({"self"})
    return Flow(
        kind.id,
        kind.label.zh,
        (
            State(SCORED, "已评分，待商定", "scored, to be settled", "warn"),
            State(SETTLED, "已商定", "settled", "good", final=True),
            State(WITHDRAWN, "已作废", "withdrawn", final=True),
        ),
        (
            kind._recorded(SCORED),
            Step(PROVE, "上传材料", "add evidence", SCORED, SCORED, relations=mine),
            Step("withdraw", "作废", "withdraw", SCORED, WITHDRAWN, asks=(REASON,), guards=("only_one",), relations=mine),
            Step(
                "settle", "商定", "settle", SCORED, SETTLED, OFFICE, (Ask("opinion", "商定的理由"),),
                guards=("score_in_range", "scored_by_two"), effects=("reviewed", "settled"),
            ),
            Step(SETTLE_WITH, "随同商定", "settled with another", SCORED, SETTLED),
        ),
    )  # fmt: skip


def _stands(kind: DocumentKind) -> Flow:
    """What stands at once: a meeting, a check, a training. Nothing follows but more files."""
    above = frozenset({ABOVE}) if kind.about_unit else frozenset()
    prove = Step(
        PROVE, "上传材料", "add evidence", "reviewed", "reviewed", ANSWERING | frozenset(kind.recorded_by), relations=above
    )  # fmt: skip
    return Flow(kind.id, kind.label.zh, (_REVIEWED,), (kind._recorded("reviewed"), prove))
