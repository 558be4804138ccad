"""Who gives others a password on this site, and what if there is only one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.models import Assignment, Person
from qingmiao.site.apps.directory.roles import SYSTEM_ADMIN


def system_administrators() -> QuerySet[Person]:
    """Who may give others a new password: accounts in use that hold the system administrator's role today."""
    day = timezone.localdate()
    held = Assignment.objects.filter(Q(to_date=None) | Q(to_date__gt=day), role=SYSTEM_ADMIN, from_date__lte=day)
    return Person.objects.filter(pk__in=held.values("person"), is_active=True).order_by("username")


def alone(person: Person, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """Whether the person is the only system administrator in use, so that nobody on the site can help."""
    in_use = {p.username for p in system_administrators()}
    if person.username not in in_use:
        return no(f"{person.username} 不是在用的系统管理员：口令由系统管理员在“账号”里重置")
    others = "、".join(sorted(in_use - {person.username}))
    return no(f"还有别的系统管理员（{others}）：请由其在“账号”里重置，不用这条命令") if others else YES
