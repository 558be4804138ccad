"""Rules over deadlines: the flow is there, what starts, meets and pauses them exists in it, a setting fits its
deadline."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.deadlines import SET_BY_HAND, STARTS_OF_RETURNS, Deadline
from qingmiao.content.documents import DocumentKind
from qingmiao.content.faults import fault_at, near
from qingmiao.content.pack import Pack
from qingmiao.content.programmes import Programme
from qingmiao.content.roles import all_roles
from qingmiao.flow import Flow
from qingmiao.flow.house import HOUSE, RETURNS
from qingmiao.kernel.errors import Fault


def flows_of(pack: Pack) -> dict[str, Flow]:
    """What a deadline may be of: "flow:NAME" of the house, "document:ID" of a kind of document."""
    kinds = pack.entries("documents", DocumentKind)
    return {f"flow:{name}": flow for name, flow in HOUSE.items()} | {
        f"document:{id_}": kind.workflow for id_, kind in kinds.items()
    }


def check_deadlines(pack: Pack) -> Iterator[Fault]:
    """Every deadline of the pack, and every setting of one in its policy."""
    flows = flows_of(pack)
    for deadline in pack.deadlines.values():
        flow = flows.get(deadline.of)
        if flow is None:
            if pack.lends(deadline.of.rpartition(":")[2]):
                continue
            message = f"时限的对象「{deadline.of}」不存在；有：{'、'.join(flows)}"
            yield fault_at(pack, "deadlines", deadline.id, "dangling_id", message, near(deadline.of, flows), at=("of",))
            continue
        yield from _names(pack, deadline, flow)
        yield from _roles(pack, deadline, flows)
    yield from _settings(pack)


def _names(pack: Pack, deadline: Deadline, flow: Flow) -> Iterator[Fault]:
    steps, states = {s.name for s in flow.steps}, {s.name for s in flow.states}
    more = {SET_BY_HAND} | (STARTS_OF_RETURNS if flow is RETURNS else frozenset())
    known = {"starts": steps | states | more, "met_by": steps, "paused_in": states}
    kinds = {"starts": "状态或环节", "met_by": "环节", "paused_in": "状态"}
    for key, allowed in known.items():
        for n, name in enumerate(getattr(deadline, key)):
            if name not in allowed:
                message = f"{key} 提到「{name}」，流程「{flow.label}」没有这个{kinds[key]}"
                hint = near(name, allowed)
                yield fault_at(pack, "deadlines", deadline.id, "dangling_id", message, hint, at=(key, n))


def _roles(pack: Pack, deadline: Deadline, flows: dict[str, Flow]) -> Iterator[Fault]:
    """Whoever is told holds a role of the pack, or one that some flow names (`check_roles` says where a pack lacks
    it)."""
    roles = {*all_roles(pack), *(role for flow in flows.values() for step in flow.steps for role in step.roles)}
    for n, escalation in enumerate(deadline.escalate):
        if escalation.to not in roles:
            message, hint = f"升级给没有的角色「{escalation.to}」", near(escalation.to, roles)
            yield fault_at(pack, "deadlines", deadline.id, "dangling_id", message, hint, at=("escalate", n, "to"))


def _settings(pack: Pack) -> Iterator[Fault]:
    """A setting is of a deadline that is there and is the county's to set."""
    place = pack.place("policy", "policy")
    of_programmes = {f"{p.id}.{d.id}": d for p in pack.entries("programmes", Programme).values() for d in p.deadlines}
    every: dict[str, Deadline] = {**pack.deadlines, **of_programmes}
    for id_ in pack.policy.deadlines:
        deadline = every.get(id_)
        line = place.at("deadlines", id_)
        if deadline is None and not pack.lends(id_):
            message = f"policy.yaml 的 deadlines 提到没有的时限「{id_}」"
            yield Fault(place.file, line, "dangling_id", message, place=id_, hint=near(id_, every))
        elif deadline is not None and not deadline.local:
            message = f"时限「{id_}」有来源（{deadline.origin}），不由县里设置"
            yield Fault(place.file, line, "wrong_value", message, place=id_, hint="删去这一项；要改就用新的一版时限")
