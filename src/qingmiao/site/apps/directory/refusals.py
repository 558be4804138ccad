"""How a door says no: somebody was first, it is not possible now, it is as if it were not there."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404
from django.utils import timezone

from qingmiao.kernel.decisions import Decision
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Person


class ConflictError(UserError):
    """Somebody else was first: `who`, `when` and what stands now."""

    def __init__(self, what: str, *, who: str, when: datetime) -> None:
        self.who, self.when = who, when
        at = timezone.localtime(when)
        super().__init__(f"{who} 已在 {at:%Y-%m-%d %H:%M:%S} 先办了：{what}。请刷新后再看。")


class NotAllowedError(UserError):
    """What was asked is not possible now; the message says why."""


class AbsentError(Http404):
    """Not this person's to do: a refusal looks like absence."""


def allow(decision: Decision) -> None:
    """Raises NotAllowedError with the decision's reason where it is a refusal."""
    if not decision:
        raise NotAllowedError(decision.reason)


def conflict(kind: str, number: int | str, what: str) -> ConflictError:
    """The error for a thing that somebody changed meanwhile: the last event about it names who and when."""
    last = next(iter(audit.of_object(kind, number, limit=1)), None)
    if last is None:
        return ConflictError(what, who="别人", when=timezone.now())
    person = Person.objects.filter(username=last.actor).first()
    return ConflictError(what, who=person.name if person else "系统", when=last.at)
