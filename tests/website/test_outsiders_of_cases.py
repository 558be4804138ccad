"""A sealed case, a 核心 case and who reported are found by no outsider: by every page that needs nothing or takes the
case's number, the search, the interface for other programs, notices and tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from qingmiao.site.apps.cases import api
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.cases.showing import title
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.apps.tasks.models import Task
from website import cased
from website.addresses import every
from website.filed import HOME
from website.rest_calling import caller
from website.role_ids import CaseRole, Role

pytestmark = pytest.mark.django_db
SEALED, CORE, REPORTER = "雀封甲演示", "雀核乙演示", "雀报丙演示"
MARKS = (SEALED, CORE, REPORTER)
OUTSIDERS = {
    "leader": ("government", Role.LEADER), "office": ("committee_office", Role.COMMITTEE_OFFICE),
    "liaison": ("health", Role.LIAISON), "auditor": ("committee_office", Role.AUDITOR),
    "women": ("womens_federation", CaseRole.WOMENS_FEDERATION_OFFICER),
}  # fmt: skip
"""Nobody of these has to do with the two cases: the first four see none, the last one those of her own programmes."""
CHILD = {"child_sex": "M", "child_birth_date": "2012-05-01", "child_place": HOME}


def a_sealed_case(make_person: Callable[..., Any]) -> int:
    """Graded intervention from what the police saw to its seal."""
    police = make_person("public_security", Role.POLICE_OFFICER, "police")
    said: dict[str, Any] = CHILD | {
        "child_name": SEALED, "seen_on": "2024-03-01", "channel": "police", "grade_of_conduct": "serious",
        "serious_conduct": ["S3"], "times": "1",
    }  # fmt: skip
    made = api.open_case(Reach(police), "graded_intervention", said, step="seen", operation=cased.op())
    assert made.done, made
    measures = {
        "police_measures": ["M1"], "adult_present": True, "guardian_heard": True, "detention_planned": False,
        "period_to": "2024-09-01",
    }  # fmt: skip
    cased.taken(police, made.number, "grade2_police", measures)
    cased.taken(police, made.number, "done", {"result": "improved"})
    cased.taken(police, made.number, "sealed")
    assert KeptCase.objects.get(pk=made.number).state == "sealed"
    return made.number


def a_core_case(make_person: Callable[..., Any]) -> int:
    """A report of sexual harm, with who reported it."""
    teacher = make_person("education", Role.CLASS_TEACHER, "teacher")
    number = cased.drafted(teacher, child_name=CORE, situations=["R2"], danger_now=False)
    cased.taken(teacher, number, "reported", cased.SEEN | {"reporter_name": REPORTER, "facts_seen": REPORTER})
    assert KeptCase.objects.get(pk=number).secrecy == "核心"
    return number


def addresses(numbers: tuple[int, ...]) -> Iterator[str]:
    """Every address that needs nothing, and every one that takes a number, with those of the cases."""
    for pattern in every():
        wanted = tuple(pattern.pattern.converters)
        if not wanted and pattern.name not in ("rest.nothing", "portal.page"):
            yield reverse(str(pattern.name))
        elif wanted == ("number",):
            yield from (reverse(str(pattern.name), kwargs={"number": n}) for n in numbers)


def shown(browser: Client, url: str) -> str:
    """What a GET of an address gives, as text; a page that is not theirs gives what a missing one gives."""
    return b"".join(browser.get(url)).decode("utf-8", "replace")


def test_no_outsider_finds_them_anywhere(make_person: Callable[..., Any], browser_of: Callable[..., Any]) -> None:
    sealed, core = a_sealed_case(make_person), a_core_case(make_person)
    titles = [title(case) for case in KeptCase.objects.filter(pk__in=(sealed, core)).order_by("pk")]
    asked = [a for a in addresses((sealed, core)) if "logout" not in a]
    assert len(asked) > 150, "hardly any address was asked"
    insider = browser_of(make_person("public_security", Role.POLICE_OFFICER, "police"))
    assert CORE in shown(insider, f"/cases/{core}"), "who has to do with it reads it"
    found, opened = [], 0
    for name, (unit, role) in OUTSIDERS.items():
        person = make_person(unit, role, f"outsider-{name}")
        browser = browser_of(person)
        searched = [f"{reverse('search.page')}?q={q}" for q in (*MARKS, *titles)] + ["/cases/?queue=all&state=all"]
        for url in [*asked, *searched]:
            text = shown(browser, url)
            words = text.replace(url, "")
            told = [m for m in MARKS if m in words and f"q={m}" not in url]
            told += [t for t in titles if t in words and t not in url and name != "auditor"]
            found += [(name, url, told)] if told else []
            opened += len(text) > 2000
        assert {r.number for r in api.list_cases(Reach(person), api.QueueFilters("all", state="all")).rows} == set()
        assert not any(c.open for c in api.counts(Reach(person)).values())
        for number in (sealed, core):
            with pytest.raises(api.AbsentError):
                api.case(Reach(person), number)
    assert found == []
    assert opened > 100, "the pages were not shown at all"
    rest = caller(make_person("committee_office", Role.COMMITTEE_OFFICE, "program"))
    for path in ("/tasks", "/warnings", "/trail", "/indicators", "/verdicts", "/returns"):
        assert not [m for m in (*MARKS, *titles) if m in rest("GET", path).content.decode()], path
    for row in (*Notification.objects.all(), *Task.objects.all()):
        assert not [m for m in MARKS if m in repr(vars(row))]
