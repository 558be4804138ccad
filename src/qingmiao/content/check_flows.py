"""Does a flow of content name roles, guards and effects that there are? That it works, its model has seen to."""

from __future__ import annotations

from collections.abc import Container, Iterator

from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.flows import ContentFlow
from qingmiao.content.pack import Pack
from qingmiao.content.roles import WORDS as MANY_ROLES
from qingmiao.content.roles import all_roles
from qingmiao.flow.words import FlowWords
from qingmiao.kernel.errors import Fault


def check_flow(
    pack: Pack, folder: str, id_: str, flow: ContentFlow, words: FlowWords, at: tuple[str | int, ...] = ("flow",)
) -> Iterator[Fault]:
    """Every role, guard and effect that a flow names is there; `at`: where it stands in the entry `id_` of `folder`."""
    roles: Container[str] = {*all_roles(pack), *MANY_ROLES}
    known = {"guards": ("条件", words.guards), "effects": ("后果", words.effects)}
    for n, step in enumerate(flow.steps):
        here = (*at, "steps", n)
        for m, role in enumerate(step.roles if pack.roles else ()):
            if unknown(pack, roles, role):
                message = f"环节「{step.label}」提到没有的角色「{role}」"
                hint, subject = near(role, all_roles(pack)), f"roles/{role}"
                yield fault_at(pack, folder, id_, "dangling_id", message, hint, at=(*here, "roles", m), subject=subject)
        for key, (kind, registered) in known.items():
            for m, word in enumerate(getattr(step, key)):
                if word not in registered:
                    message, hint = f"环节「{step.label}」的{kind}「{word}」没有登记", near(word, list(registered))
                    yield fault_at(pack, folder, id_, "dangling_id", message, hint, at=(*here, key, m))
