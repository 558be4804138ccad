"""Made-up children for tests: every number is of an area that does not exist (79…)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

CASES = Path(__file__).resolve().parents[2] / "content" / "china" / "tests" / "records"
KIND = "child_check_12_30"
SERIAL = count(1)
HOME = "141029100"


def born(days: int = 560) -> date:
    """A birth so many days before today."""
    return timezone.localdate() - timedelta(days=days)


def a_number(birth: date, sex: str) -> str:
    """A made-up identity number of that birth and sex, with its check character."""
    from qingmiao.identity.numbers import check_character

    order = next(SERIAL) % 490 * 2 + (1 if sex == "M" else 0) + 10
    body = f"790000{birth:%Y%m%d}{order:03d}"
    return body + check_character(body)


def keeper(make_person: Callable, unit: str = "township.141029100") -> Any:
    """Somebody who keeps children's files at a unit: the village director of a township."""
    from website.role_ids import Role

    return make_person(unit, Role.VILLAGE_DIRECTOR, f"keeper-{unit.replace('.', '-')}")


def a_clinic() -> str:
    """A second unit of the county that treats, examines and delivers."""
    from qingmiao.site.apps.directory.models import Organisation

    beside = Organisation.objects.get(pk="mch_hospital")
    named = {"label": "演示卫生院", "short": "演示卫生院", "kind": "clinic", "area": beside.area, "path": "/clinic/"}
    return str(Organisation.objects.get_or_create(id="clinic", defaults=named)[0].pk)


def held_anywhere() -> None:
    """From now on a role may be given at a unit of any kind: for tests of people who hold several at one unit."""
    from qingmiao.site.apps.directory.models import RoleKept

    RoleKept.objects.update(held_by=[])


def doctor(make_person: Callable, unit: str = "mch_hospital") -> Any:
    """A child health doctor: sees the children of the unit's area, keeps and settles files."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.directory.models import Organisation, Person

    make_person("health", _any())
    username = f"doctor-{unit.replace('.', '-')}"
    known = Person.objects.filter(username=username).first()
    if known is not None:
        return known
    at = Organisation.objects.get(pk=unit)
    person = api.make_person(
        audit.SYSTEM, username=username, name=f"演示医生·{at.short}", unit=at, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    api.grant(audit.SYSTEM, person, "child_health_doctor", on=date(2024, 1, 1), area=at.area_id)
    return person


def _any() -> Any:
    from website.role_ids import Role

    return Role.LIAISON


def said(name: str = "演示娃", *, sex: str = "F", birth: date | None = None, number: str = "", **more: str) -> Any:
    """Who a child is, as the form reads it."""
    from qingmiao.site.apps.records import given

    day = birth or born()
    return given.identity(
        name=name, sex=sex, birth_date=day.isoformat(), certainty="day", number=number,
        certificate=more.get("certificate", ""), former=more.get("former", ""),
    )  # fmt: skip


def home(area: str = HOME, village: str = "演示村", day: date | None = None, address: str = "演示路1号") -> Any:
    """Where a child lives."""
    from qingmiao.site.apps.records import given

    return given.stay(
        kind="residence", area=area, village=village, address=address, from_date=(day or born()).isoformat()
    )


def mother(name: str = "演示母", *, phone: str = "13800000000", number: str = "") -> Any:
    """A mother who is the guardian."""
    from qingmiao.site.apps.records import given

    return given.relative(
        name=name, kind="mother", number=number, phone=phone, guardian=True, carer=False, sealed=False,
        from_date=born().isoformat(),
    )  # fmt: skip


def a_child(by: Any, name: str = "演示娃", **more: Any) -> int:
    """The number of a child that somebody registered."""
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import api

    stay = home(more.pop("area", HOME), more.pop("village", "演示村"), more.get("birth"))
    relatives = more.pop("relatives", (mother(),))
    reason = more.pop("reason", "")
    return api.register(Reach(by), said(name, **more), stays=[stay], relatives=relatives, reason=reason)


def answers(**more: str) -> dict[str, Any]:
    """A child of 18 months that is well, as a browser sends it."""
    case = yaml.safe_load((CASES / f"{KIND}.yaml").read_text("utf-8"))
    today = timezone.localdate()
    days = {"checked_on": today.isoformat(), "next_on": (today + timedelta(days=90)).isoformat()}
    return {**case["answers"], **days, **more}


def a_kept_child(tested: Any, unit: str, make_person: Callable, *, near: bool) -> Any:
    """A child whose file a unit keeps. `near`: it lives in the tested person's village and attends the unit."""
    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.records import filing
    from qingmiao.site.apps.records.event_models import Charge
    from qingmiao.site.apps.records.given import IdentityGiven
    from qingmiao.site.apps.records.models import Child

    area = HOME if near else {"other.health": "141030100"}.get(unit, "141029200")
    known = Child.objects.filter(unit=unit, area=area).first()
    if known is None:
        keeps = Organisation.objects.get(pk=unit)
        known = Child(
            unit=keeps, area=area, village="演示村", school_unit=keeps, made_by=tested, made_at=timezone.now()
        )
        for name, value in filing.identity_columns(0, IdentityGiven("演示娃", "F", born())).items():
            setattr(known, name, value)
        known.save()
    if near and not Charge.objects.filter(person=tested).exists():
        Charge.objects.create(person=tested, area=HOME, from_date=date(2024, 1, 1))
    return known


def a_kept_record(child: int) -> Any:
    """A check of a child, made by the unit that keeps the file."""
    from qingmiao.site.apps.records import kinds, versions
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
    from qingmiao.site.apps.records.models import Child

    of, now = Child.objects.get(pk=child), timezone.now()
    by = of.made_by
    made = HealthRecord.objects.create(
        kind=KIND, child=of, on_date=timezone.localdate(), unit=of.unit, by=by, made_at=now,
        operation=f"kept-{next(SERIAL)}",
    )  # fmt: skip
    RecordVersion.objects.create(
        record=made, number=1, form=versions.form_kept(kinds.kinds()[KIND].form), on_date=made.on_date,
        filled_date=made.on_date, answers=answers(), by=by, at=now,
    )  # fmt: skip
    return made


def a_kept_list(tested: Any, unit: str) -> Any:
    """A list of pupils' sight without a row that a unit uploaded."""
    import base64

    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.records import sealing
    from qingmiao.site.apps.records.list_models import ChildList

    known = ChildList.objects.filter(unit=unit).first()
    if known is None:
        known = ChildList(
            layout="sight_screening", name="演示.csv", file_digest="0" * 64, size=1,
            unit=Organisation.objects.get(pk=unit),
            made_by=tested, made_at=timezone.now(),
        )  # fmt: skip
        known.pk = sealing.next_row("records_list")
        data = base64.b64encode("姓名,性别,出生日期\n".encode()).decode()
        known.file_sealed = sealing.seal("records_list", "file", known.pk, data)
        known.save()
    return known
