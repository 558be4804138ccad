"""How many events there are in a span of days, by what they were and by whom: for yearly reports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Count, F, Func, IntegerField, QuerySet, Sum, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from qingmiao.site.apps.audit.models import Event


def _within(actions: Collection[str], since: date, until: date) -> QuerySet[Event]:
    """The events of these actions from one day to another, both included, by the calendar of China."""
    return Event.objects.filter(action__in=list(actions), at__date__gte=since, at__date__lte=until)


def by_actor(actions: Collection[str], since: date, until: date) -> dict[tuple[str, str], int]:
    """(action, user name) → how many events."""
    rows = _within(actions, since, until).values_list("action", "actor").annotate(n=Count("id")).order_by()
    return {(action, actor): n for action, actor, n in rows}


def by_listed(key: str, actions: Collection[str], since: date, until: date) -> dict[tuple[str, str], int]:
    """(action, value) → how many events have the value in the list `key` of their detail."""
    held = Func(F(f"detail__{key}"), function="jsonb_array_elements_text", output_field=TextField())
    rows = _within(actions, since, until).filter(detail__has_key=key).annotate(value=held)
    return {(a, v): n for a, v, n in rows.values_list("action", "value").annotate(n=Count("id")).order_by()}


def rows_told(actions: Collection[str], since: date, until: date) -> int:
    """How many rows events of these actions showed (`rows` of their detail)."""
    rows = _within(actions, since, until).filter(detail__has_key="rows")
    return int(rows.aggregate(n=Sum(Cast(KT("detail__rows"), IntegerField())))["n"] or 0)
