"""Nothing typed is lost: taken back before the next person begins, shown again when refused, no dead address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.access import ConflictError, Seen, perform
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.returns.models import Version
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Task
from website.addresses import MATRIX, patterns
from website.returns_world import filled, opened, people, seen

pytestmark = pytest.mark.django_db
CAUSE, COUNTER = "产检时间不固定，漏查两人", "与产科门诊逐月核对名单，已补查"


@pytest.fixture
def task(make_person) -> Task:
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    unit = Organisation.objects.get(pk="health")
    due = timezone.localdate() + timedelta(days=20)
    return Task.objects.get(pk=acting.open_task(Reach(office), unit=unit, due_date=due, title="补查漏查的孕产妇"))


def test_an_answer_is_taken_back_until_the_office_has_begun(task, make_person) -> None:
    liaison = make_person("health", Role.LIAISON)
    tasks.answer(Reach(liaison), task, version=1, cause=CAUSE, countermeasure=COUNTER)
    task.refresh_from_db()
    assert [m.label for m in tasks.shown(Reach(liaison), task.pk).moves] == ["撤回"]
    acting_on = Seen("", task.version)
    perform(Reach(liaison), task, "recall", Seen("", task.version))
    task.refresh_from_db()
    assert (task.state, task.answered_by, task.cause) == ("open", None, CAUSE)  # what was written stays to be mended
    tasks.answer(Reach(liaison), task, version=task.version, cause=CAUSE, countermeasure=COUNTER)
    task.refresh_from_db()
    office = make_person("committee_office", Role.COMMITTEE_OFFICE, "verifier")
    tasks.close(Reach(office), task, version=task.version)
    with pytest.raises(ConflictError):
        perform(Reach(liaison), task, "recall", acting_on)


def test_a_return_taken_back_counts_as_not_filed(make_person) -> None:
    filing = opened()
    filing = opened()
    filler, leader, _ = people(make_person, filing.unit_id)
    returns.move(Reach(filler), filled(filing, filler).pk, "submit", seen=seen(filing))
    before = seen(filing)
    assert filing.submitted_at is not None
    returns.move(Reach(filler), filing.pk, "recall", seen=before)
    filing.refresh_from_db()
    assert (filing.state, filing.submitted_at) == ("draft", None)
    assert Version.objects.get(filing=filing.pk, number=1).submitted_by is None
    returns.move(Reach(filler), filing.pk, "submit", seen=seen(filing))
    waiting = seen(filing)
    returns.move(Reach(leader), filing.pk, "sign", seen=waiting)
    with pytest.raises(ConflictError):  # the leader has begun
        returns.move(Reach(filler), filing.pk, "recall", seen=waiting)
    returns.move(Reach(leader), filing.pk, "recall", seen=seen(filing))
    filing.refresh_from_db()
    version = Version.objects.get(filing=filing.pk, number=1)
    assert (filing.state, version.signed_by, version.submitted_by) == ("submitted", None, filler)


def test_a_refused_answer_is_shown_again_with_what_was_typed(task, make_person, browser_of) -> None:
    browser = browser_of(make_person("health", Role.LIAISON))
    url = reverse("acting.task", kwargs={"number": task.pk})
    got = browser.post(url, {"do": "answer", "version": 99, "cause": CAUSE, "countermeasure": COUNTER})
    assert got.status_code == 409
    page = got.content.decode()
    assert CAUSE in page
    assert COUNTER in page


def test_a_refused_reason_is_shown_again(task, make_person, browser_of) -> None:
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE, "second"))
    url = reverse("acting.task", kwargs={"number": task.pk})
    got = browser.post(url, {"do": "withdraw", "version": 99, "reason": "重复下达，与另一任务合并"})
    assert got.status_code == 409
    assert 'value="重复下达，与另一任务合并"' in got.content.decode()


def test_who_opens_an_address_that_takes_posts_only_is_led_to_its_page(make_person, browser_of) -> None:
    """Every such address but what a script asks (JSON) and the drawer's: a link kept or a page reloaded is never dead."""
    posting = {p.name: p.callback.access for p in patterns() if "GET" not in p.callback.access.methods}
    dead = {name for name, access in posting.items() if not access.back}
    assert dead == {"forms.compute"}
    browser = browser_of(make_person("statistics", Role.STATISTICS))
    for name, access in posting.items():
        if name in dead or MATRIX[name].get("args"):
            continue
        got = browser.get(reverse(name))
        assert (got.status_code, got.url) == (302, reverse(access.back)), name
