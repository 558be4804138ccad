"""What a programme is made of: its states, steps, guards, clocks, referrals, counts and groups of fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.deadlines import Deadline, Span
from qingmiao.content.forms import FormField, Sensitivity
from qingmiao.content.intervals import SourcedInterval
from qingmiao.content.organisations import OrganisationKind

Relation = Literal["owner", "assigned", "supervising", "referred_to", "transferred_from", "second_person"]
RELATIONS: Mapping[Relation, Label] = {
    "owner": Label(zh="主办单位的人员", en="people of the unit that owns the case"),
    "assigned": Label(zh="经办人", en="whoever the case is assigned to"),
    "supervising": Label(zh="督办单位的人员", en="people of the unit that supervises"),
    "referred_to": Label(zh="转介接收单位的人员", en="people of a unit that the case was referred to"),
    "transferred_from": Label(zh="移交前的单位的人员", en="people of the unit that handed it over"),
    "second_person": Label(zh="复核的第二人", en="the second person"),
}
"""How somebody stands to a case, beside the roles held."""
ANY_OPEN = "*"
"""In place of a state of `from`: every state that is not final."""
CASE_THINGS = ("count", "on", "mark", "referred")
"""What expressions read of a case beside its fields: ``count.ID``, ``on.STATE`` (the day it was last entered),
``mark.ID`` (it carries the side mark), ``referred.PROGRAMME`` (it was referred there and not refused)."""


class CaseField(FormField):
    """A field of a case. `group`: the restricted group that it belongs to."""

    group: Name | None = None


class FieldGroup(Content):
    """Fields that only some may read, each reading with a reason: who reported, where the victim is now.

    `roles` read it; it is on no printed form unless `prints`.
    """

    label: Label
    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    prints: bool = False


class ProgrammeState(Content):
    """Where a case stands. `owners`: the roles that have to do something while it stands here; a final one needs none.

    `final`: the case is at its end; it may still be reopened or sealed by a step. `rests`: it stays here for long (paid
    month after month), and a step is taken only when something happens. `seals`: a case that comes here is sealed: from
    then on it is there for nobody, but for an unsealing by two people. `uncounted`: a case that stands here counts for
    no statistics: a draft, or one that was opened in error.
    """

    label: Label
    owners: tuple[Name, ...] = ()
    tone: Literal["", "good", "warn", "bad"] = ""
    final: bool = False
    rests: bool = False
    seals: bool = False
    uncounted: bool = False


class GuardRule(Content):
    """A step is refused unless `check` is true; what is unknown is not true. The message says why and what to do."""

    check: str
    message: Label
    source: Source | None = None


class SecondPerson(Content):
    """The step counts only when another person confirms it: one of `roles`. `when`: only where this is true."""

    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    when: str | None = None


class ReferralRule(Content):
    """What a step hands to another programme: only the named `fields`, for a purpose, on a recorded ground.

    `when`: only where this is true. `consent`: the field (true or false) that holds the guardian's or child's consent;
    without it `ground` is the law that needs none. `unit`: the field with the unit that receives it; `by`: the role
    whose nearest unit does where no field names one (else a role that may open a case there). `transfers`: the
    case itself moves to that unit once it accepts; else it stays with its owner. `called`: sent fields that the other
    programme calls by another name, ours → theirs.
    """

    to: Name
    fields: Annotated[tuple[Name, ...], Field(min_length=1)]
    purpose: Label
    when: str | None = None
    consent: Name | None = None
    ground: Source | None = None
    unit: Name | None = None
    by: Name | None = None
    transfers: bool = False
    called: Mapping[Name, Name] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        if self.consent is None and self.ground is None:
            raise ValueError("转介要写 consent（记同意的字段）或 ground（不用同意的法律依据）")
        if strange := sorted(set(self.called) - set(self.fields)):
            raise ValueError(f"called 里的字段没有写在 fields 里：{'、'.join(strange)}")
        return self

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each sent field with what the other programme calls it."""
        return tuple((f, self.called.get(f, f)) for f in self.fields)


class CaseTask(Content):
    """A task that a step opens for a role; `when`: only where this is true. `within`: sourced, or a local setting."""

    id: Name
    label: Label
    by: Name
    when: str | None = None
    within: SourcedInterval | None = None


class ByItself(Content):
    """When the system takes a step: once `when` is true (looked at every day). `answers`: field → expression of what is
    filled in with it (`'adult'` for one that is always the same)."""

    when: str
    answers: Mapping[Name, str] = Field(default_factory=dict)


class ProgrammeStep(Content):
    """One step. Without `from` it opens the case; `"*"`: from every state that is not final. Without `to` it stays.

    Taken by whoever holds one of `roles` and, where `relations` are named, stands in one of them; or by a job.
    `asks` must be answered with it, `may` can be, `needs` must be known by then; `blocks` are shared blocks of fields,
    asked as they say. `mark`: a side mark that the case carries from then on. `owner`: the field with the unit that
    owns the case from then on; `informs`: fields with units that see it; `assigns`: the field with the person.
    `led_by`: which unit has the case from then on, where no field says it: `opener` the one that opens it, `owners` the
    one that owns the new state. A case that is opened is led by `owners` unless it says otherwise; later the lead
    stays.
    `extends`: clocks that it prolongs, each by a span. `told`: what whoever has taken it is told: what happens next.
    `itself`: when the system takes it without anybody asking.
    """

    do: Name
    label: Label
    from_: Annotated[Name | Literal["*"] | tuple[Name, ...] | None, Field(alias="from")] = None
    to: Name | None = None
    roles: tuple[Name, ...] = ()
    relations: tuple[Relation, ...] = ()
    job: bool = False
    asks: tuple[Name, ...] = ()
    may: tuple[Name, ...] = ()
    needs: tuple[Name, ...] = ()
    blocks: tuple[Name, ...] = ()
    guards: tuple[GuardRule, ...] = ()
    second: SecondPerson | None = None
    refers: tuple[ReferralRule, ...] = ()
    tasks: tuple[CaseTask, ...] = ()
    mark: Name | None = None
    owner: Name | None = None
    led_by: Literal["opener", "owners"] | None = None
    informs: tuple[Name, ...] = ()
    assigns: Name | None = None
    extends: Mapping[Name, Span] = Field(default_factory=dict)
    told: Label | None = None
    itself: ByItself | None = None
    note: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.itself is not None and (not self.job or self.opens or self.second is not None):
            message = f"环节「{self.do}」由系统到时自己办，要写 job: true，不能是受理环节，也不能要第二人"
            raise MisplacedError(message, at=("itself",))
        if not (self.roles or self.job):
            raise ValueError(f"环节「{self.do}」没有写谁办：写 roles 或 job: true")
        if self.from_ == ():
            raise MisplacedError("from 是空的：写从哪个状态；受理新个案就不写 from", at=("from",))
        if self.opens and self.to is None:
            raise MisplacedError(f"环节「{self.do}」受理新个案，要写 to", at=("to",))
        twice = sorted({f for f in self.fields if self.fields.count(f) > 1})
        if twice:
            raise MisplacedError(f"字段重复：{'、'.join(twice)}", at=("asks",))
        return self

    @property
    def opens(self) -> bool:
        """It makes the case."""
        return self.from_ is None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it names to be filled in, beside its blocks'."""
        return (*self.asks, *self.may)


class ProgrammeDeadline(Deadline):
    """A clock of a programme: as every deadline, `of` is the programme itself and is not written.

    `only_if`: it starts only where this is true at that moment. `met_if`: a step of `met_by` meets it only where this
    is true after it (the visits of both units are there). `due_on`: its end is the day that a field says, in
    place of a length. `counts_from`: the field with the day or time (a birth, a discharge) from which it is counted, as
    known at the step that starts it; while that is empty, from the step. `ends_in`: states in which it is over, met or
    not. `right`: within it somebody may do something, and nobody must (a review asked for): it never makes a case late
    and is not what is to be done next.
    """

    id: Name
    of: str = ""
    only_if: str | None = None
    met_if: str | None = None
    due_on: Name | None = None
    counts_from: Name | None = None
    ends_in: tuple[Name, ...] = ()
    right: bool = False

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.due_on is not None and (self.value is not None or self.local):
            raise ValueError("due_on（到期日在字段里）的时限不写 value 和 local")
        if self.due_on is not None and self.counts_from is not None:
            raise ValueError("due_on（到期日在字段里）的时限没有长短，不写 counts_from（从哪天起算）")
        if self.met_if is not None and (both := sorted(set(self.starts) & set(self.met_by))):
            raise ValueError(f"写了 met_if 的时限，同一个环节不能又起算又办到：{'、'.join(both)}")
        return self

    @property
    def without_value(self) -> bool:
        """Also where a field says the end."""
        return self.local or self.due_on is not None


class CaseCount(Content):
    """How often a step was taken, as a number that expressions read as ``count.ID``.

    `when`: only those whose answers make this true. `in_a_row`: only the last ones without another between them.
    `since`: only those after one of these states was entered last.
    """

    step: Name
    when: str | None = None
    in_a_row: bool = False
    since: tuple[Name, ...] = ()


class SecrecyRule(Content):
    """The secrecy that a case has where `when` is true; the highest that applies holds, and it never falls again."""

    level: Sensitivity
    when: str


SIGNS = (Label(zh="经办人（签名）", en="Handled by"), Label(zh="单位（盖章）", en="Seal"), Label(zh="日期", en="Date"))
"""What stands at the foot of a printed form that names no other lines."""


class AlarmRule(Content):
    """When a case is one for 110: `when` is true. `told`: the field (date and time) that says when the police were
    told."""

    when: str
    told: Name


class RoundRule(Content):
    """Everybody on a unit's list is checked again within the time of `clock`; `units`: the kinds of units that must;
    `shows`: the fields that name what stands on the unit's list, to whoever sees the case, and never what was found
    (none: the child's name, or the case's number); `counts`: what the unit states how many it has of; `hint`: who
    counts among them.
    """

    clock: Name
    shows: tuple[Name, ...] = ()
    counts: Label = Label(zh="应列入名单的", en="to be listed")
    hint: Label | None = None
    units: Annotated[tuple[OrganisationKind, ...], Field(min_length=1)]
    source: Source | None = None


class SupervisionRule(Content):
    """Who supervises (督办) the cases of a place without handling them: `roles` see where each stands, its clocks, its
    steps and who has it, and of what was filled in `fields` alone; they take the steps that name them. Cases that are
    核心 are not there for them."""

    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    fields: tuple[Name, ...] = ()
    source: Source | None = None


class SameRule(Content):
    """When two cases are about one thing: all of `fields` are known of both and equal, days at most `days` apart.

    `while_open`: a case that has ended is about it no longer: what comes later (the next year's caries) is another.
    """

    fields: Annotated[tuple[Name, ...], Field(min_length=1)]
    days: Annotated[int, Field(ge=0, le=366)] = 0
    while_open: bool = False


class EachOfRule(Content):
    """A case each for the entries in force of a register, opened together: a round of all schools. `entries`: the
    register; `kinds`: only entries of these kinds (none: all); `fields`: field of the case → field of the entry.
    """

    entries: Name
    kinds: tuple[Name, ...] = ()
    fields: Annotated[Mapping[Name, Name], Field(min_length=1)]


class PrintedForm(Content):
    """A printed form: its title, the fields that are on it, the states in which it can be printed (none: all).

    `number`: the field that holds its own number; where that is empty a blank is left, and nothing is made up. `lead`:
    a sentence over the boxes. `signs`: the lines that are signed or sealed by hand. `source`: the document whose layout
    it follows; without one it says that the official layout, where there is one, goes before it.
    """

    id: Name
    label: Label
    fields: Annotated[tuple[Name, ...], Field(min_length=1)]
    states: tuple[Name, ...] = ()
    number: Name | None = None
    lead: Label | None = None
    signs: Annotated[tuple[Label, ...], Field(min_length=1)] = SIGNS
    source: Source | None = None


class CaseBlock(Content):
    """A block of fields that programmes share (`case_blocks/`): the child, a visit, a decision, a closure.

    `graded`: a programme that uses it grades risk: it visits somebody, and an end at high risk needs a second person.
    """

    id: Name
    label: Label
    fields: Annotated[tuple[CaseField, ...], Field(min_length=1)]
    groups: Mapping[Name, FieldGroup] = Field(default_factory=dict)
    graded: bool = False
    source: Source | None = None
    note: str = ""


__all__ = [
    "ANY_OPEN",
    "CASE_THINGS",
    "RELATIONS",
    "SIGNS",
    "AlarmRule",
    "ByItself",
    "CaseBlock",
    "CaseCount",
    "CaseField",
    "CaseTask",
    "FieldGroup",
    "GuardRule",
    "Id",
    "PrintedForm",
    "ProgrammeDeadline",
    "ProgrammeState",
    "ProgrammeStep",
    "ReferralRule",
    "Relation",
    "RoundRule",
    "SameRule",
    "SecondPerson",
    "SecrecyRule",
]  # fmt: skip
