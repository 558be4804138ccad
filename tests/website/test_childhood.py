"""Who is eighteen, has left or was merged is on no list and no roll; the file stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from qingmiao.kernel.days import add_months
from qingmiao.site.apps.directory.permissions import Reach
from website.filed import a_child, doctor


@pytest.mark.parametrize(
    ("birth", "last"),
    [
        (date(2008, 5, 6), date(2026, 5, 5)),
        (date(2008, 2, 29), date(2026, 2, 27)),  # no 29 February 2026: eighteen on the month's last day
        (date(2008, 2, 28), date(2026, 2, 27)),
        (date(2008, 3, 1), date(2026, 2, 28)),
        (date(2006, 2, 28), date(2024, 2, 27)),
    ],
)
def test_a_child_is_one_until_the_day_before_eighteen_full_years(birth: date, last: date) -> None:
    from qingmiao.site.apps.records import childhood

    assert not childhood.of_age(birth, last)
    assert childhood.of_age(birth, last + timedelta(days=1))
    assert childhood.last_birth_of_age(last) < birth <= childhood.last_birth_of_age(last + timedelta(days=1))


@pytest.mark.django_db
def test_who_turns_eighteen_is_off_work_lists_and_rolls_and_still_to_be_read(make_person: Callable) -> None:
    from qingmiao.site.apps.facts import api as facts
    from qingmiao.site.apps.monitoring import api as monitoring
    from qingmiao.site.apps.records import api, due_counting, dueness, kinds, sealing
    from qingmiao.site.apps.records.event_models import OpenDue
    from qingmiao.site.apps.records.models import Child
    from qingmiao.site.apps.records.rolls import publishing

    who, today = doctor(make_person), timezone.localdate() + timedelta(days=1)
    adult = a_child(who, "演示大", birth=add_months(today, -216))  # seventeen on the day of registering
    young = a_child(who, "演示小", birth=add_months(today, -14))
    due_counting.count_all(today)
    assert set(OpenDue.objects.values_list("child", flat=True)) == {young}
    every = frozenset(kinds.kinds())
    shown = {n: dueness.due_now(Child.objects.get(pk=n), today, reading=every, writing=every) for n in (adult, young)}
    assert (shown[adult], bool(shown[young])) == ((), True)
    assert api.work_page(Reach(who), "overdue").counts["overdue"] > 0
    publishing.publish_waiting(today)
    listed = facts.current(monitoring.pack(), "managed_children", today.year)["child_id"].to_pylist()
    assert listed == [sealing.pseudonym(young)]
    before = facts.current(monitoring.pack(), "vaccinations", today.year)["child_id"].to_pylist()
    assert sealing.pseudonym(adult) not in before
    assert {r.id for r in api.listed(Reach(who))} >= {adult, young}
    Child.objects.filter(pk=young).update(state="moved_out", left_date=today)
    publishing.every()
    publishing.publish_waiting(today)
    assert facts.current(monitoring.pack(), "managed_children", today.year).num_rows == 0
