"""With which status a page answers what was asked of it."""

from __future__ import annotations

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import ConflictError


def status_of(problem: UserError | None) -> int:
    """200, 409 where somebody else was first, 400 for what cannot be done."""
    return 200 if problem is None else 409 if isinstance(problem, ConflictError) else 400
