"""Files of one child: merged into one and taken apart again, with nothing lost.

A merged file keeps its rows and its own number; its page leads to the surviving one, which shows the records of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.records import publishing
from qingmiao.site.apps.records.event_models import HealthRecord, SameChild
from qingmiao.site.apps.records.exposure import family as family
from qingmiao.site.apps.records.models import Child


def one_at_a_time() -> None:
    """Wait until nobody else merges files or takes them apart, in the whole county and to the end of this transaction:
    each of two who merge the same files the other way round would wait for the file that the other one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('files merged', 0))")


def merged(child: Child, doing: Doing) -> Mapping[str, Any]:
    """Its records are published anew under the surviving file's pseudonym."""
    return {"into": child.merged_into_id, "records": _republished(child, doing)}


def unmerged(child: Child, doing: Doing) -> Mapping[str, Any]:
    """Its records are its own again."""
    return {"records": _republished(child, doing)}


def _republished(child: Child, doing: Doing) -> int:
    day, rows = timezone.localdate(doing.at), HealthRecord.objects.filter(child__in=family(child))
    found = list(rows.exclude(state="withdrawn").select_related("child", "child__merged_into"))
    for record in found:
        publishing.publish(record, day)
    return len(found)


def joined(pair: SameChild, doing: Doing) -> Mapping[str, Any]:
    """The younger file of the two goes into the older one."""
    assert doing.person is not None
    one_at_a_time()
    older, younger = pair.left.survivor, pair.right
    seen = access.Seen(younger.state, younger.version)
    access.perform(doing.person, younger, "merge", seen, {"into": older.pk, "reason": doing.said("reason")})
    return {"into": older.pk}
