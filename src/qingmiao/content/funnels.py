"""Funnels (`funnels/`): the steps that every case of a programme should come through, so that it is counted where cases
are lost (应筛 → 采血 → 递送 → …)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Label, Name, Source
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.form_fields import resolved
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_forms import blocks_of, case_fields
from qingmiao.content.programmes import Programme
from qingmiao.kernel.errors import Fault


class FunnelLink(Content):
    """One link. `reached_by`: steps and states of which one brings a case here. `some`: only some cases have to go on
    to here (a result that is suspected), so that it is no loss where others do not."""

    id: Name
    label: Label
    reached_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    some: bool = False


class CaseOf(Content):
    """Cases of which a field, plain for everybody, has this code."""

    field: Name
    code: str


class CaseFunnel(Content):
    """Links in their order, over the cases of one programme; `of`: only some of them."""

    id: Name
    label: Label
    programme: Name
    of: CaseOf | None = None
    links: Annotated[tuple[FunnelLink, ...], Field(min_length=2)]
    source: Source
    note: str = ""

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = [link.id for link in self.links]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"环节的 id 重复：{'、'.join(twice)}")
        named = [s for link in self.links for s in link.reached_by]
        if again := sorted({s for s in named if named.count(s) > 1}):
            raise ValueError(f"环节或状态写了两次：{'、'.join(again)}")
        return self


def check_funnels(pack: Pack) -> Iterator[Fault]:
    """The programme, steps and states that a funnel names are there; the first link is one that every case comes to; a
    field that divides cases is a plain code, because counts are made of it."""
    try:
        every = programmes_of(pack)
    except ValueError:
        return  # `check_changes` says which change does not work
    for id_, funnel in pack.entries("funnels", CaseFunnel).items():
        one = every.get(funnel.programme)
        if one is None:
            if unknown(pack, every, funnel.programme):
                message, hint = f"没有服务项目「{funnel.programme}」", near(funnel.programme, every)
                yield fault_at(pack, "funnels", id_, "dangling_id", message, hint, at=("programme",))
            continue
        known = {*one.states, *(s.do for s in one.steps)}
        for n, link in enumerate(funnel.links):
            for m, name in enumerate(link.reached_by):
                if name not in known:
                    message, hint = f"「{one.label}」没有环节或状态「{name}」", near(name, known)
                    yield fault_at(pack, "funnels", id_, "dangling_id", message, hint, at=("links", n, "reached_by", m))
        yield from _divided(pack, funnel, one)


def _divided(pack: Pack, funnel: CaseFunnel, one: Programme) -> Iterator[Fault]:
    if funnel.of is None:
        return
    field = case_fields(one, blocks_of(pack)).get(funnel.of.field)
    whole = resolved(field, pack.facts, pack.codes) if field is not None else None
    level = (whole.sensitivity or one.secrecy) if whole is not None else "核心"
    if whole is None or whole.type != "code" or whole.multiple or level not in ("公开", "内部"):
        message = f"of 应是不涉密的单选字段，「{funnel.of.field}」不是"
        yield fault_at(pack, "funnels", funnel.id, "wrong_value", message, "换一个字段", at=("of", "field"))
    elif funnel.of.code not in {o.code for o in whole.options}:
        message = f"字段「{whole.words}」没有代码「{funnel.of.code}」"
        hint = near(funnel.of.code, [o.code for o in whole.options])
        yield fault_at(pack, "funnels", funnel.id, "dangling_id", message, hint, at=("of", "code"))
