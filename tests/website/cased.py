"""Cases to look at: a school's report as it goes from the teacher to the police, with whoever has to do with it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from qingmiao.site.apps.cases import api
from qingmiao.site.apps.cases.models import CaseDocument, KeptCase
from qingmiao.site.apps.directory.permissions import Reach
from website.filed import HOME
from website.role_ids import Role

SERIAL = count(1)
SEATS = {
    "teacher": ("education", Role.CLASS_TEACHER), "police": ("public_security", Role.POLICE_OFFICER),
    "office": ("civil_affairs", Role.CHILD_PROTECTION_OFFICER),
    "office2": ("civil_affairs", Role.CHILD_PROTECTION_OFFICER), "supervisor": (f"township.{HOME}", Role.SUPERVISOR),
    "liaison": ("health", Role.LIAISON),
}  # fmt: skip
"""Who has to do with a report, and a liaison who has not: the unit and role of each."""
PLAIN = {
    "child_name": "演示甲", "child_sex": "F", "child_birth_date": "2014-05-01", "child_place": HOME,
    "unit_type": "school", "situations": ["R4"], "danger_now": False, "risk": "orange",
}  # fmt: skip
SEEN = {
    "found_at": "2024-03-01 08:40", "facts_seen": "手臂多处瘀伤", "danger_now": False, "reporter_name": "演示乙",
    "reporter_phone": "15400000001",
}  # fmt: skip


def people(make_person: Callable[..., Any], *names: str) -> dict[str, Any]:
    """Those of `SEATS` who are named, or all."""
    return {n: make_person(unit, role, n) for n, (unit, role) in SEATS.items() if not names or n in names}


def a_kept_case(tested: Any, unit: str, make_person: Callable[..., Any]) -> KeptCase:
    """A report that was begun at a unit, by the tested person where that one is of the unit and may begin one."""
    own = tested.organisation_id == unit and any(
        o.programme.id == "mandatory_report" for o in api.offered(Reach(tested))
    )
    opener = tested if own else make_person(unit, Role.LIAISON, f"opener-{unit.replace('.', '-')}")
    known = KeptCase.objects.filter(owner=unit, made_by=opener).first()
    return known or KeptCase.objects.get(pk=drafted(opener, child_place=""))


def a_kept_paper(number: int, key: str) -> str:
    """The key of a photograph among the documents of a case."""
    case = KeptCase.objects.get(pk=number)
    known = CaseDocument.objects.filter(case=case).first()
    if known is None:
        known = CaseDocument.objects.create(case=case, key=key, label="演示照片", by=case.made_by, at=case.opened_at)
    return known.key


def op() -> str:
    """An operation id that no other step has."""
    return f"cased-{next(SERIAL)}"


def drafted(teacher: Any, **more: Any) -> int:
    """The number of a report that was begun and not sent in."""
    made = api.open_case(Reach(teacher), "mandatory_report", PLAIN | more, operation=op())
    assert made.done, made
    return made.number


def reported(teacher: Any, **more: Any) -> int:
    """The number of a report that stands with the police."""
    number = drafted(teacher, **more)
    taken(teacher, number, "reported", SEEN)
    return number


def taken(who: Any, number: int, step: str, said: dict[str, Any] | None = None) -> api.StepDone:
    """A step of a case, taken as it stands now."""
    seen = api.case(Reach(who), number).version
    done = api.take_step(Reach(who), number, step, said or {}, seen=seen, operation=op())
    assert not (done.reason and not done.waits_for), done
    return done
