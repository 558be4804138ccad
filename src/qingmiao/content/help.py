"""Topics of the help page: what somebody with a role does in a year, step by step.

Adding one is one file in `help/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from qingmiao.content.base import Content, Label, Name
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.content.roles import all_roles
from qingmiao.kernel.errors import Fault


class HelpStep(Content):
    """One step: what is done, in one or two sentences, and the page where it is done."""

    text: Label
    page: Annotated[str, Field(pattern=r"^([a-z]+\.[a-z_]+)?$")] = ""
    """The name of a page of the site that its readers may open (as `returns.home`); empty: no page."""


class HelpTopic(Content):
    """What somebody with one of the roles (none named: everybody) does. `order`: where it stands, low first."""

    id: Annotated[Name, Field(max_length=60)]
    label: Label
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    roles: tuple[Name, ...] = ()
    steps: Annotated[tuple[HelpStep, ...], Field(min_length=1)]


def check_help(pack: Pack) -> Iterator[Fault]:
    """Every role that a topic is for exists (in a pack that has roles at all)."""
    known = all_roles(pack)
    for topic in pack.entries("help", HelpTopic).values():
        for n, role in enumerate(topic.roles if pack.roles else ()):
            if unknown(pack, known, role):
                message = f"roles 提到没有的角色「{role}」"
                yield fault_at(
                    pack, "help", topic.id, "dangling_id", message, near(role, known), at=("roles", n),
                    subject=f"roles/{role}",
                )  # fmt: skip
