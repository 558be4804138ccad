"""SciPy's special functions, loaded with the first one that is called.

They take sixteen megabytes in every process that knows them; pages read what has been assessed and seldom need one.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:  # SciPy publishes no types
    from scipy import special

    return getattr(special, name)
