"""Each thing is made once: a form carries the id of its operation, and a second arrival gets the first one's result."""

from __future__ import annotations

from datetime import datetime, timedelta

from qingmiao.site.apps.directory.models import Operation, Person

KEPT = timedelta(days=30)
"""So long a repeated form is known (local setting); a page that was open longer makes a new thing."""


def begin(person: Person, key: str, *, now: datetime) -> str:
    """The result of an operation that was done before; "" where it begins now.

    `key`: 64 hexadecimal digits that say whose form, which, and with what in it. Call it inside a transaction: whoever
    comes second waits for the end of the first, and goes on where that one came to nothing.
    """
    Operation.objects.filter(person=person, at__lt=now - KEPT).delete()
    Operation.objects.bulk_create([Operation(key=key, person=person, at=now)], ignore_conflicts=True)
    return Operation.objects.select_for_update().get(key=key).result


def end(key: str, result: str) -> None:
    """Keep the result (the address of what was made); with "" nothing was done, and the same form may come again."""
    if result:
        Operation.objects.filter(key=key).update(result=result)
    else:
        Operation.objects.filter(key=key).delete()
