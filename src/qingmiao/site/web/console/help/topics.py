"""Which topics of help are for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from qingmiao.content.base import Label
from qingmiao.content.help import HelpTopic
from qingmiao.site.pack import pack


@dataclass(frozen=True)
class StepShown:
    """One step with the address of its page ("" for none)."""

    text: Label
    address: str


@dataclass(frozen=True)
class TopicShown:
    """A topic as the help page shows it."""

    id: str
    label: Label
    mine: bool
    """It is for a role of the person, not for everybody."""
    steps: tuple[StepShown, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """Every text of it, in both languages."""
        return tuple(x for s in self.steps for x in (s.text.zh, s.text.en))


def topics(roles: Iterable[str]) -> list[TopicShown]:
    """The topics for somebody who holds these roles (and what they stand for), the own ones first."""
    held = set(roles)
    found = [t for t in pack().entries("help", HelpTopic).values() if not t.roles or held & set(t.roles)]
    return [
        TopicShown(
            t.id,
            t.label,
            bool(t.roles),
            tuple(StepShown(s.text, reverse(s.page) if s.page else "") for s in t.steps),
        )
        for t in sorted(found, key=lambda t: (t.order, t.id))
    ]
