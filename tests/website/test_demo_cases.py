"""The demonstration's cases: all programmes, spread over two years, some late, each as its door would have left it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import api, keeping, programmes
from qingmiao.site.apps.cases.models import CaseReferralKept, KeptCase, RoundStaff
from qingmiao.site.apps.directory import api as people
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.demo import accounts, cases, rounds

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(datetime(2026, 11, 2, 10))


def test_every_programme_has_cases_and_some_are_late(directory: None, pack: Any, tmp_path: Path) -> None:
    accounts.make(pack, tmp_path / "accounts.json", on=NOW.date())
    made = cases.stage(pack, now=NOW)
    rows = list(KeptCase.objects.order_by("pk"))
    assert made == len(rows) > 200
    assert {c.programme for c in rows} == set(programmes.every())
    began = {(c.programme, timezone.localtime(c.opened_at).year) for c in rows}
    assert began >= {(p, year) for p in programmes.every() for year in (NOW.year - 1, NOW.year)}
    states = Counter(c.state for c in rows)
    assert states["sealed"] > 2
    assert CaseReferralKept.objects.values("programme").distinct().count() > 15
    assert states["open"] > 50 < states["ended"] + states["sealed"]
    assert sum(c.due_at is not None and c.due_at < NOW for c in rows if c.state == "open") > 5
    assert all(c.opened_at <= c.moved_at <= NOW for c in rows)
    for case in rows[::7]:
        file = keeping.file_of(case)
        assert (file.state, file.revision, file.secrecy) == (case.stage, case.version, case.secrecy)
    assert cases.stage(pack, now=NOW) == 0


def test_stages_that_follow_each_other_give_no_step_the_same_id(directory: None, pack: Any, tmp_path: Path) -> None:
    accounts.make(pack, tmp_path / "accounts.json", on=NOW.date())
    home = Organisation.objects.get(pk="township.141029100").area
    for n in range(6):
        unit = Organisation.objects.create(
            id=f"demo.school{n}", label=f"演示小学{n}", short=f"演示小学{n}", kind="school", area=home,
            path=f"/demo.school{n}/",
        )  # fmt: skip
        who = people.make_person(
            audit.SYSTEM, username=f"demo-school{n}", name="演示·校长", unit=unit, password="made-up river 4711",
            demo=True, must_change=False,
        )  # fmt: skip
        people.grant(audit.SYSTEM, who, "school", on=NOW.date(), area=home.pk)
    before = cases.stage(pack, now=NOW)
    made = rounds.stage(pack, now=NOW)
    assert made > 6 * rounds.LISTED
    assert KeptCase.objects.count() == before + made


def test_a_school_has_a_list_of_its_staff_some_of_whom_are_due(directory: None, pack: Any, tmp_path: Path) -> None:
    accounts.make(pack, tmp_path / "accounts.json", on=NOW.date())
    home = Organisation.objects.get(pk="township.141029100").area
    school = Organisation.objects.create(
        id="demo.school", label="演示小学", short="演示小学", kind="school", area=home, path="/demo.school/"
    )
    who = people.make_person(
        audit.SYSTEM, username="demo-school", name="演示·校长", unit=school, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    people.grant(audit.SYSTEM, who, "school", on=NOW.date(), area=home.pk)
    made = rounds.stage(pack, now=NOW)
    mine = KeptCase.objects.filter(owner=school, state="open", programme="employment_check").count()
    assert made >= mine == rounds.LISTED
    assert RoundStaff.objects.get(unit=school, programme="employment_check").staff == mine + rounds.UNLISTED
    found = api.round_list(Reach(who), "employment_check", "demo.school")
    standing = Counter(p.standing for p in found.people)
    assert standing["valid"] > 5
    assert standing["under_way"] == 1
    assert standing["overdue"] >= 1
    assert len({p.said[0] for p in found.people}) == mine
    assert rounds.stage(pack, now=NOW) == 0
