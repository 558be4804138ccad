"""The rule of publication: which counts are small, and to what the others are rounded.

The rule is the server's: no request, file or option of a command carries it. Source: the project's DESIGN (counts 1–7
suppressed, the rest rounded to 5); the same numbers are in use for published health counts of small areas.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DisclosureRule:
    """Counts from 1 to `small` are suppressed, others are rounded to the nearest `base` (an odd number: no ties)."""

    small: int = 7
    base: int = 5

    def __post_init__(self) -> None:
        if self.small < 1 or self.base < 1 or self.base % 2 == 0 or self.small < self.base // 2:
            raise ValueError(f"no rule of publication: small {self.small}, base {self.base}")

    def is_small(self, count: int) -> bool:
        """Whether a count is suppressed for its size; 0 is not."""
        return 0 < count <= self.small

    def rounded(self, count: int) -> int:
        """A count to the nearest `base`; off by at most half of it (2 for 5)."""
        return (count + self.base // 2) // self.base * self.base


RULE = DisclosureRule()
"""The rule of this server, for everything that is published and for whoever sees less than all."""
