"""Who is told that dates of entries end: the keeper and who entered them, on the days that the register names."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from qingmiao.registers.expiring import told_before
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.registers import books
from qingmiao.site.apps.registers.models import LIVE, RegisterEntry

KIND = "registers.expiry"


def tell_expiring(today: date | None = None) -> int:
    """Tell of the entries whose first date ends so many days from today as their register says before, and of those
    that ended yesterday; how many notices. One notice a person, register and day that ends, however many entries; told
    again on the same day, nothing is added."""
    day = today or timezone.localdate()
    return sum(_tell(register, day, before) for register in books.every() for before in _days(register))


def _days(register: str) -> tuple[int, ...]:
    """Days before an end on which it is told; -1: the day after."""
    found = told_before(books.every()[register])
    return (*found, -1) if found else ()


def _tell(register: str, day: date, before: int) -> int:
    kind = books.every()[register]
    rows = RegisterEntry.objects.filter(
        register=register, state__in=LIVE, expires_date=day + timedelta(days=before)
    ).order_by("pk")
    ending = list(rows.values_list("name", "entered_unit"))
    if not ending:
        return 0
    keepers, waiting = notices.of_unit(kind.keeper, kind.kept_by), defaultdict[Person, list[str]](list)
    told_of = {unit: {*keepers, *notices.of_unit(unit, kind.entered_by)} for unit in {unit for _, unit in ending}}
    for name, unit in ending:
        for person in told_of[unit]:
            waiting[person].append(name)
    when = f"还有 {before} 天到期" if before >= 0 else "已经到期"
    made = 0
    with transaction.atomic():
        for person, names in sorted(waiting.items(), key=lambda i: i[0].pk):
            told = f"{kind.label.zh}：{names[0]}" + (f"等 {len(names)} 条" if len(names) > 1 else "")
            text = notices.NoticeText(
                KIND, f"{told}的证照或有效期{when}", f"/registers/{register}/?what=expiring", f"{register} {before}"
            )
            made += notices.tell([person], text)
    return made
