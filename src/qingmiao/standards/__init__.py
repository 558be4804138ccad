"""Published norms as pure vectorised functions over columns: growth, fitness, vision, immunisation, screening.

Nothing here opens a socket, knows Django or asks the time. Tables of numbers are read once, when first used.
"""

from __future__ import annotations

import importlib
import importlib.util

from qingmiao.standards.derivation import Derivation

__all__ = ["Derivation", "derivations"]

_DERIVING = ("growth", "fitness", "vision", "immunisation", "screening")


def derivations() -> dict[str, Derivation]:
    """Every derivation of every norm, by name; two norms may not claim one name.

    Each subject package lists its own in ``derive.DERIVATIONS``; a subject without that module has none.
    """
    found: dict[str, Derivation] = {}
    for subject in _DERIVING:
        package = f"{__name__}.{subject}"
        if importlib.util.find_spec(package) is None or importlib.util.find_spec(f"{package}.derive") is None:
            continue
        for name, derivation in importlib.import_module(f"{package}.derive").DERIVATIONS.items():
            if name != derivation.name or name in found:
                raise RuntimeError(f"derivation {name!r} of {package} is named twice or wrongly")
            found[name] = derivation
    return found
