"""A decision: may this person, or is it possible now — always with a reason that can be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """`allowed`, and for a refusal the reason in Chinese; usable as a truth value."""

    allowed: bool
    reason: str = ""

    def __post_init__(self) -> None:
        if not self.allowed and not self.reason:
            raise ValueError("a refusal needs a reason")

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def no(reason: str) -> Decision:
    """A refusal with its reason."""
    return Decision(False, reason)
