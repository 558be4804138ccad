"""What goes beside every flow: a note to a case, a list that is uploaded, a number that a unit states.

Nothing of it is a step of a thing, so no table says who may; the app that asks has answered that. That it is written
in one transaction with its event, or not at all, is said here once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.refusals import AbsentError


@contextmanager
def beside(
    by: Reach | Person | audit.NamedActor, action: str, *, object_type: str = "", object_id: str | int = "",
    detail: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """One transaction for what is written inside and its event, which is appended at the end.

    Yields the event's detail, to which may be added what is known only then. Raises AbsentError for an account that is
    no longer in use; whatever is raised inside leaves neither writes nor event.
    """
    actor: audit.Actor = by.person if isinstance(by, Reach) else by
    if isinstance(actor, Person) and not actor.is_active:
        raise AbsentError("账号已停用")
    said = dict(detail or {})
    with transaction.atomic(), audit.through(action.rpartition(".")[0]):
        yield said
        audit.append(actor, action, object_type=object_type, object_id=object_id, detail=said)
