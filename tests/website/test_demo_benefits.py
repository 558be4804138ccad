"""The demonstration's benefits: as many children as the scenario says, six who changed, two that came back."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.benefits import api
from qingmiao.site.apps.benefits.models import BenefitRun
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.demo import accounts, benefits

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(datetime(2026, 6, 3, 10))


def test_june_s_run_is_for_214_children_six_of_whom_changed(
    directory: None, pack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    accounts.make(pack, tmp_path / "accounts.json", on=date(2026, 1, 1))
    assert benefits.stage(pack, now=NOW) > 200
    clerk = Reach(Person.objects.get(username="child-protection-officer"))
    (may,) = api.runs(clerk)
    last = api.shown(clerk, may.number)
    assert (may.month, may.state.name, len(last.bounced)) == (date(2026, 5, 1), "booked", 2)
    assert Counter(p.kind for p in last.payments)["补发"] == 2 * benefits.EARLIER
    number = api.make(clerk, "orphan_allowance", "civil_affairs", date(2026, 6, 1))
    june = api.shown(clerk, number)
    assert june.row.children == 214
    assert Counter(c["label"].zh for c in june.changes) == {"新增": 3, "停发": 2, "变化": 1}
    assert {c["now"] for c in june.changes if c["label"].zh == "停发"} == {"满18周岁"}
    assert [e["why"] for e in june.ending] == ["满18周岁"]
    assert {words: n for words, n, _ in june.kinds} == {"当月": 214, "退款补发": 2}
    assert june.held == june.claims == ()
    assert benefits.stage(pack, now=NOW) == 0
    assert BenefitRun.objects.count() == 2
