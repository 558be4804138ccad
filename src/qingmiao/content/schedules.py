"""Schedules (`schedules/`): what is due in a life, when, and which kinds of events satisfy it.

An item is due at an age (`from`, `before`, counted from `since`), once in every calendar period (`each`), or at an
interval after other events (`after`, `interval`, `until`). A schedule with `norm` takes its items from a published
norm instead. The engine is `qingmiao.schedules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.intervals import LifeInterval, SourcedInterval
from qingmiao.content.policy import Policy

Since = Literal["birth_date", "discharged_on", "last_period_on", "delivered_on"]
Period = Literal["year", "school_year", "term"]


class ScheduleItem(Content):
    """One thing due. Of its three forms exactly one is written.

    Age: first due `from` after `since`, the last day is the one before `before` after it; without the day of discharge
    the birth stands for it. Calendar: once `each` year, school year (from September) or term (from September, from
    February), for who is in one of `grades`. Interval: `interval` after the latest event of `after` or of `kinds`,
    until an event of `until`. `only_if` reads ``child.WORD`` (of mothers too) and must be true.
    """

    model_config = ConfigDict(**Content.model_config, populate_by_name=True)

    id: Name
    label: Label
    kinds: Annotated[tuple[Name, ...], Field(min_length=1)]
    since: Since = "birth_date"
    begins: Annotated[LifeInterval | None, Field(alias="from")] = None
    before: LifeInterval | None = None
    each: Period | None = None
    grades: tuple[str, ...] = ()
    after: tuple[Name, ...] = ()
    interval: SourcedInterval | None = None
    until: tuple[Name, ...] = ()
    only_if: str | None = None
    source: Source | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        for wrong, message, at in self._slips():
            if wrong:
                raise MisplacedError(message, at=(at,))
        return self

    def _slips(self) -> Iterator[tuple[bool, str, str]]:
        age, calendar, interval = self.begins is not None, self.each is not None, self.interval is not None
        yield age + calendar + interval != 1, "from（年龄）、each（周期）、interval（间隔）要写且只写一个", "id"
        yield age != (self.before is not None), "from 和 before 一起写：从满多大起，到不满多大为止", "from"
        yield self.since != "birth_date" and not age, "since 只和 from、before 一起写", "since"
        yield calendar != bool(self.grades), "each 和 grades 一起写：哪些年级，每个周期一次", "grades"
        yield interval != bool(self.after), "interval 和 after 一起写：从哪种记录起，隔多久一次", "after"
        yield bool(self.until) and not interval, "until 只和 interval 一起写", "until"
        units = {x.unit == "days" for x in (self.begins, self.before) if x is not None and x.value}
        yield len(units) > 1, "from 和 before 用同一种单位（天，或者月、年）", "before"
        if self.begins is not None and self.before is not None and len(units) < 2:
            yield _size(self.begins) >= _size(self.before), "before 应大于 from", "before"


def _size(interval: LifeInterval) -> int:
    return interval.value * (12 if interval.unit == "years" else 1)


class ChangedBy(Content):
    """What a record says that changes a norm's schedule for one person: where the newest record of `kind` holds one of
    the codes `said` in `field`.

    `means`: `contraindicated` or `deferred`, the vaccine in the field `vaccine` is not given (`until`: the field with
    the day from which it is again; without it until further notice), each vaccine by its own newest record;
    `mother_hbsag`: the mother is HBsAg positive or it is not known. The kind may be one of mothers: then of the
    pregnancy that ended in this birth.
    """

    kind: Name
    field: Name
    said: Annotated[tuple[str, ...], Field(min_length=1)]
    means: Literal["contraindicated", "deferred", "mother_hbsag"]
    vaccine: Name | None = None
    until: Name | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.vaccine is None) != (self.means == "mother_hbsag"):
            raise MisplacedError("vaccine 写在禁忌和暂缓上：哪个字段说是哪种疫苗", at=("vaccine",))
        if self.until is not None and self.means != "deferred":
            raise MisplacedError("until 只和 means: deferred 一起写", at=("until",))
        return self


class Schedule(Content):
    """What is due over a life or a pregnancy, item by item in the order of age; or by a published norm.

    `kinds`: of a norm's schedule, the events that hold its doses; `changed_by`: what else the norm asks about.
    An item without a source of its own has the
    schedule's. `until`: the age from which what was not done by age is made up no more.
    """

    id: Name
    label: Label
    subject: Literal["child", "mother"] = "child"
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    items: tuple[ScheduleItem, ...] = ()
    norm: Literal["immunisation"] | None = None
    kinds: tuple[Name, ...] = ()
    changed_by: tuple[ChangedBy, ...] = ()
    until: LifeInterval | None = None
    source: Source
    serves: tuple[Id, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.items) == (self.norm is not None):
            raise MisplacedError("items 和 norm 要写且只写一个", at=("id",))
        if (self.norm is not None) != bool(self.kinds):
            raise MisplacedError("kinds 只和 norm 一起写；items 各写各的 kinds", at=("kinds",))
        if self.changed_by and self.norm is None:
            raise MisplacedError("changed_by 只和 norm 一起写", at=("changed_by",))
        ids = [i.id for i in self.items]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise MisplacedError(f"items 的 id 重复：{'、'.join(twice)}", at=("items",))
        return self

    def every_kind(self) -> tuple[str, ...]:
        """Every kind of event that satisfies something of it, each once."""
        return tuple(dict.fromkeys((*self.kinds, *(k for i in self.items for k in i.kinds))))

    def looks_at(self) -> frozenset[str]:
        """Every kind of event whose records can change the state of something of it."""
        read = {k for i in self.items for k in (*i.kinds, *i.after, *i.until)}
        return frozenset(read | set(self.kinds) | {c.kind for c in self.changed_by})

    def setting(self, item: ScheduleItem) -> str:
        """The name under which a county sets an item's interval, in `intervals` of its policy."""
        return f"{self.id}.{item.id}"

    def interval(self, item: ScheduleItem, policy: Policy) -> LifeInterval | None:
        """The interval of an item; None where it has none, or the county has not set it."""
        return None if item.interval is None else item.interval.set_to(policy.intervals.get(self.setting(item)))
