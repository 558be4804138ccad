"""Chains (`chains/`): links that the work of several programmes hangs together by, so that cases are counted across.

The five links of protection (监测预防、强制报告、应急处置、评估帮扶、监护干预) are one, the four stages of a call (接收、评估、处置、帮扶)
another. A chain says which states of which programme belong to which link; it changes no case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Label, Name, Source
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.kernel.errors import Fault


class ChainLink(Content):
    """One link. `states`: programme → those of its states that belong here."""

    id: Name
    label: Label
    states: Mapping[Name, Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(default_factory=dict)


class Chain(Content):
    """Links in their order. A state belongs to one link at most; a case that is at its end belongs to none."""

    id: Name
    label: Label
    links: Annotated[tuple[ChainLink, ...], Field(min_length=2)]
    source: Source
    note: str = ""

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = [link.id for link in self.links]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"环节的 id 重复：{'、'.join(twice)}")
        placed = [(p, s) for link in self.links for p, states in link.states.items() for s in states]
        if again := sorted({f"{p}.{s}" for p, s in placed if placed.count((p, s)) > 1}):
            raise ValueError(f"状态写了两次：{'、'.join(again)}")
        return self

    @cached_property
    def placed(self) -> Mapping[tuple[str, str], str]:
        """(programme, state) → the id of its link."""
        return {(p, s): link.id for link in self.links for p, states in link.states.items() for s in states}

    @property
    def programmes(self) -> tuple[str, ...]:
        """The programmes that it names, in the order in which they stand."""
        return tuple(dict.fromkeys(p for link in self.links for p in link.states))


def check_chains(pack: Pack) -> Iterator[Fault]:
    """Every programme and state that a chain names is there, and of a named programme every state that is not final has
    its link: no open case is left out of the count."""
    try:
        every = programmes_of(pack)
    except ValueError:
        return  # `check_changes` says which change does not work
    for id_, chain in pack.entries("chains", Chain).items():
        for n, link in enumerate(chain.links):
            for name, states in link.states.items():
                at: tuple[str | int, ...] = ("links", n, "states", name)
                if name not in every:
                    if unknown(pack, every, name):
                        message, hint = f"没有服务项目「{name}」", near(name, every)
                        yield fault_at(pack, "chains", id_, "dangling_id", message, hint, at=at)
                    continue
                for state in states:
                    if state not in every[name].states:
                        message, hint = f"「{every[name].label}」没有状态「{state}」", near(state, every[name].states)
                        yield fault_at(pack, "chains", id_, "dangling_id", message, hint, at=at)
        for name in chain.programmes:
            one = every.get(name)
            left = [s for s, state in one.states.items() if not state.final] if one is not None else []
            left = [s for s in left if (name, s) not in chain.placed]
            if one is not None and left:
                words = "、".join(f"{one.states[s].label}（{s}）" for s in left)
                message = f"「{one.label}」的状态没有写进「{chain.label}」：{words}"
                hint = "每个没有结束的状态写进一个环节，或整个项目不写"
                yield fault_at(pack, "chains", id_, "missing_value", message, hint, at=("links",))
