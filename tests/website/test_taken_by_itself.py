"""The system takes a step when its time has come: once, as the system, by the same door as people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.cases import api, timely
from qingmiao.site.apps.cases.models import CaseStep, KeptCase
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from website import cased
from website.filed import HOME
from website.role_ids import Role

pytestmark = pytest.mark.django_db
DECIDED = {
    "decision_number": "演示2号", "decision_result": "yes", "decision_reasons": "符合",
    "decision_basis": "国办发〔2010〕54号", "decision_by": "演示局长", "remedy_told": True,
}  # fmt: skip


@pytest.fixture
def paid(make_person: Callable[..., Any]) -> KeptCase:
    """An orphan of nearly eighteen, paid month by month."""
    township = make_person(f"township.{HOME}", Role.SUPERVISOR, "township")
    office = make_person("civil_affairs", Role.CHILD_PROTECTION_OFFICER, "office")
    born = timezone.localdate() - timedelta(days=17 * 365)
    said = {
        "child_name": "演示丁", "child_sex": "F", "child_birth_date": born.isoformat(), "child_place": HOME,
        "applicant": "演示姑母", "applicant_relation": "relative", "father_situation": "Q1", "mother_situation": "Q2",
        "proof_number": "Z1",
    }  # fmt: skip
    made = api.open_case(Reach(township), "orphan", said, operation=cased.op())
    assert made.done, made
    account = {
        "account_holder": "演示姑母",
        "account_number": "0000",
        "account_bank": "演示银行",
        "account_relation": "carer",
    }
    for who, step, answers in (
        (township, "township_check", {"township_finding": "属实"}), (office, "county_decide", DECIDED),
        (office, "approved", {"placement": "relative", "carer": "演示姑母"}),
        (office, "paying", {"account_checked": True, "first_month": "2026-04-01"}),
    ):  # fmt: skip
        form = next(s for s in api.case(Reach(who), made.number).steps if s.name == step).form
        own = {f.id for f in form.fields} if form is not None else set()
        cased.taken(who, made.number, step, {k: v for k, v in (account | answers).items() if k in own})
    return KeptCase.objects.get(pk=made.number)


def eighteen(case: KeptCase, days: int = 0) -> datetime:
    """So many days after the eighteenth birthday."""
    born = timezone.localdate() - timedelta(days=17 * 365)
    day = (
        born.replace(year=born.year + 18)
        if (born.month, born.day) != (2, 29)
        else born.replace(year=born.year + 18, day=28)
    )
    return timezone.make_aware(datetime(day.year, day.month, day.day, 0, 10)) + timedelta(days=days)


def test_nothing_is_taken_before_its_time_and_everything_once_after(paid: KeptCase) -> None:
    assert timely.take_due() == 0
    assert timely.take_due(eighteen(paid, -1)) == 0
    before = CaseStep.objects.count()
    later = eighteen(paid, 1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(timezone, "now", lambda: later)
        assert timely.take_due() == 1
        assert timely.take_due() == 0
    case = KeptCase.objects.get(pk=paid.pk)
    assert (case.stage, case.state, CaseStep.objects.count()) == ("stopped", "ended", before + 1)
    step = CaseStep.objects.order_by("-pk")[0]
    assert (step.step, step.by) == ("adult", None)
    event = Event.objects.filter(action="cases.close", object_id=str(paid.pk)).get()
    assert event.actor == "system"


def test_who_looks_at_the_case_reads_that_the_system_took_it(paid: KeptCase) -> None:
    later = eighteen(paid, 1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(timezone, "now", lambda: later)
        timely.take_due()
    page = api.case(Reach(Person.objects.get(username="office")), paid.pk)
    assert [(r.step, r.by) for r in page.timeline][:1] == [("adult", "系统")]
