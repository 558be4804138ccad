"""Registers (登记册): what is kept about sites, bodies and people that work for children, one entry each, one file a
register.

What is filled in is an ordinary form made from it (`register_forms`); its states and steps are made from who keeps it
(`registers.steps`). Minimums are computed from entries, never typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, EvidenceMark, Id, Label, MisplacedError, Name, Source
from qingmiao.content.forms import FormCheck, FormField, Option

WITHIN, PERSON = "within", "person"
"""Words of a unique rule beside the fields: the entry that it belongs to, the person whose post it is."""
RegisterSubject = Literal["site", "organisation", "person"]
KeptState = Literal["pending", "open", "suspended", "closed", "merged", "cancelled"]
STATES: Mapping[KeptState, Label] = {
    "pending": Label(zh="待确认", en="to be confirmed"),
    "open": Label(zh="在册", en="in force"),
    "suspended": Label(zh="暂停", en="suspended"),
    "closed": Label(zh="已注销", en="closed"),
    "merged": Label(zh="已并入", en="merged"),
    "cancelled": Label(zh="已作废", en="cancelled"),
}
"""Where an entry stands; a register may call them otherwise (`states`)."""


class RegisterWithin(Content):
    """What every entry belongs to: an entry of another register (a teacher to a school, a room to a site).

    `required: false`: it may stand alone.
    """

    register_: Annotated[Name, Field(alias="register")]
    label: Label
    required: bool = True


class RegisterExpiry(Content):
    """A day on which something ends (`field`, a date); `warn`: the days before it on which it is told, the most first;
    from the first of them on it waits. Without a source they are a local setting."""

    field: Name
    warn: Annotated[tuple[Annotated[int, Field(ge=1, le=730)], ...], Field(min_length=1, max_length=6)]
    source: Source

    @model_validator(mode="after")
    def _falling(self) -> Self:
        if list(self.warn) != sorted(set(self.warn), reverse=True):
            raise MisplacedError("提醒的天数从多到少写，不重复", at=("warn",))
        return self

    @property
    def local(self) -> bool:
        """No document says how long before."""
        return self.source.evidence is EvidenceMark.LOCAL


class RegisterCapacity(Content):
    """How many there is room for and how many there are: two whole numbers of the form."""

    places: Name
    used: Name


class RegisterCounted(Content):
    """Entries in force that belong to the entry that is judged (or lie in its township), of some kinds, or all."""

    register_: Annotated[Name, Field(alias="register")]
    kinds: tuple[str, ...] = ()
    sum: Name | None = None
    """A number of theirs that is added up, instead of counting them."""
    where: Name | None = None
    """A truth value of theirs: only entries where it is true."""
    beside: bool = False
    """Those that belong to what the entry itself belongs to (a school's teachers, for the school's sheet)."""


class RegisterMinimum(Content):
    """How many there must be at least: for each entry, or in each township or the county.

    Needed are `need`; or one for every `each` of the field `of`, begun ones too; or the sum of one for every so many of
    several fields (`ratios`), rounded up once a field. There are as many as `have` says (a field) or `counted`. A rule
    without a source is a local setting: its number is then empty and set by the county (`minimums` of its policy;
    with `of` it is one for every so many).
    """

    id: Name
    label: Label
    per: Literal["entry", "township", "county"] = "entry"
    kinds: tuple[str, ...] = ()
    """Of which kinds of entries; none named: all."""
    where: Name | None = None
    """A truth value of the form: only entries where it is true."""
    need: Annotated[int, Field(ge=1, le=1000)] | None = None
    of: Name | None = None
    of_within: bool = False
    """`of` is a field of what the entry belongs to (the school's pupils)."""
    each: Annotated[int, Field(ge=1, le=100_000)] | None = None
    times: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """So many for each of `of`, instead of one for every `each`."""
    from_: Annotated[int, Field(ge=0, le=1_000_000, alias="from")] = 0
    below: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """The rule reaches only entries whose `of` is at least `from` and less than `below`."""
    ratios: Mapping[Name, Annotated[int, Field(ge=1, le=1000)]] = Field(default_factory=dict)
    have: Name | None = None
    counted: RegisterCounted | None = None
    at_most: bool = False
    """Turned round: there may be at most so many (children per class)."""
    source: Source

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        each = self.each is not None or self.times is not None
        ways = [self.need is not None, each, bool(self.ratios)]
        if self.local:
            if any(ways):
                raise MisplacedError("没有文件依据的最低要求不写数，由县里在 policy.yaml 的 minimums 里定", at=("id",))
        elif sum(ways) != 1:
            raise MisplacedError("need、each（times）、ratios 要写且只写一样", at=("need",))
        if self.each is not None and self.times is not None:
            raise MisplacedError("each 和 times 只写一个", at=("times",))
        if self.of is None and (each or self.of_within or self.from_ or self.below is not None):
            raise MisplacedError("each、times、from、below、of_within 都要写 of（按哪个数）", at=("of",))
        if self.have is not None and self.counted is not None:
            raise MisplacedError("have 和 counted 只写一个", at=("have",))
        if self.per == "entry" and self.have is None and self.counted is None:
            raise MisplacedError("要写已有多少：have（一个字段）或 counted（从登记册里数）", at=("have",))
        if self.per != "entry" and (self.of is not None or self.ratios):
            raise MisplacedError("按乡镇、全县的最低要求只写 need", at=("per",))
        return self

    @property
    def local(self) -> bool:
        """No document says it."""
        return self.source.evidence is EvidenceMark.LOCAL


class RegisterPublic(Content):
    """What everybody may be told of an entry in force, as a service to be found: its name and township, the `columns`
    as they are filled in, and what is named besides; nothing else ever is.

    `label`: what people look for. `phone`: the field of the institution's own number. `position`: where it is (of an
    entry without one, that of what it belongs to). `places`: how many there are, and whether some are free (by
    `capacity`).
    """

    label: Label
    columns: tuple[Name, ...] = ()
    phone: Name | None = None
    position: bool = False
    places: bool = False


class RegisterColumn(Content):
    """One column of the issuing department's list: its heading, other headings, the field (or `within`, `number` for
    the person's identity number, `state`)."""

    heading: Annotated[str, Field(min_length=1, max_length=60)]
    field: Name
    also: tuple[str, ...] = ()


class RegisterKind(Content):
    """One register. `of`: what an entry is of; a person's entry is a post, and the person exists once.

    `keeper`: the department; its people with a role of `kept_by` enter, confirm, change, close. `entered_by`: roles of
    other units that enter and change for their own area; what they enter waits for the keeper. `excused_by`: who lets
    an entry go without a minimum. `unique`: rules, each a list of fields; the first of which all are answered is the
    entry's key. `counted_on`: the day of a year's numbers, 31 December or (school year) 1 September. `version` grows
    with every change of a field.
    """

    id: Name
    version: Annotated[int, Field(ge=1, le=9999)]
    label: Label
    of: RegisterSubject
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    source: Source
    serves: tuple[Id, ...] = ()
    keeper: Id
    kept_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    entered_by: tuple[Name, ...] = ()
    excused_by: tuple[Name, ...] = ()
    kinds: tuple[Option, ...] = ()
    kind_label: Label = Label(zh="类别", en="kind")
    without: tuple[Name, ...] = ()
    """Common fields that it does without (`register_forms`)."""
    fields: tuple[FormField, ...] = ()
    checks: tuple[FormCheck, ...] = ()
    within: RegisterWithin | None = None
    states: Mapping[KeptState, Label] = Field(default_factory=dict)
    unique: Annotated[tuple[tuple[Name, ...], ...], Field(min_length=1)]
    near: Annotated[int, Field(ge=1, le=5000)] | None = None
    """Metres within which another entry of the same kind may be the same one."""
    expires: tuple[RegisterExpiry, ...] = ()
    counted_on: Literal["year_end", "school_year"] = "year_end"
    capacity: RegisterCapacity | None = None
    minimums: tuple[RegisterMinimum, ...] = ()
    public: RegisterPublic | None = None
    """What of it goes to the public with a released report; None: nothing."""
    layout: tuple[RegisterColumn, ...] = ()
    closed: bool = False
    """Seen by the keeper and by whoever entered it alone, not by those who see every unit of the area."""
    publishes: Mapping[Name, Name] = Field(default_factory=dict)
    """Column of the fact table `register_entries` → field of the form."""
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for wrong, message, at in self._slips():
            if wrong:
                raise MisplacedError(message, at=(at,))
        return self

    def _slips(self) -> Iterator[tuple[bool, str, str]]:
        codes = [k.code for k in self.kinds]
        yield len(set(codes)) < len(codes), "kinds 的代码重复", "kinds"
        headings = [h for c in self.layout for h in (c.heading, *c.also)]
        yield len(set(headings)) < len(headings), "layout 的表头重复", "layout"
        of_person = any(PERSON in rule for rule in self.unique)
        yield of_person and self.of != "person", "unique 里的 person 只用于 of: person 的登记册", "unique"
        belongs = any(WITHIN in rule for rule in self.unique)
        yield belongs and self.within is None, "unique 里写了 within，登记册没有写 within", "unique"
        public = self.public is not None
        yield public and self.of == "person", "登记的是人，不写 public：人的登记从不公开", "public"
        yield public and self.closed, "closed 的登记册不写 public", "public"
        places = self.public is not None and self.public.places
        yield places and self.capacity is None, "public 的 places 要写 capacity（有多少、用了多少）", "public"
        ids = [m.id for m in self.minimums]
        yield len(set(ids)) < len(ids), "minimums 的 id 重复", "minimums"

    def state(self, name: str) -> Label:
        """What a state is called here."""
        found: Label | None = self.states.get(name)  # type: ignore[call-overload]
        return found or STATES[name]  # type: ignore[index]
