"""What a norm adds to a fact table: named functions from input columns to derived columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from qingmiao.standards.columns import Column

OutputType: TypeAlias = Literal["boolean", "number", "text"]
Compute: TypeAlias = Callable[[Mapping[str, Column]], Mapping[str, Column]]


@dataclass(frozen=True, slots=True)
class Derivation:
    """Derived columns of one norm, computed in one call.

    ``function`` gets a mapping with every column of ``inputs`` and those of ``optional`` that the fact has, in
    the forms of :mod:`qingmiao.standards.columns`, and returns exactly the columns named in ``outputs``.
    A missing input gives a missing output (NaN, masked or ``None``), never ``False``.
    ``standard`` names the norm, so that WHO and Chinese labels never mix silently.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: Mapping[str, OutputType]
    function: Compute
    optional: tuple[str, ...] = ()
    standard: str = ""
    description: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.name or not self.inputs or not self.outputs:
            raise ValueError(f"derivation {self.name!r} needs a name, inputs and outputs")

    def __call__(self, columns: Mapping[str, Column]) -> Mapping[str, Column]:
        missing = [name for name in self.inputs if name not in columns]
        if missing:
            raise KeyError(f"{self.name} needs the columns {', '.join(missing)}")
        result = self.function(columns)
        if set(result) != set(self.outputs):
            raise RuntimeError(f"{self.name} promised {sorted(self.outputs)} but gave {sorted(result)}")
        return result
