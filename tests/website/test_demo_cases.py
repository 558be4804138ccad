"""The demonstration's cases: all programmes, spread over the year, some late, each as its door would have left it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.cases import keeping, programmes
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.demo import accounts, cases

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(datetime(2026, 11, 2, 10))


def test_every_programme_has_cases_and_some_are_late(directory: None, pack: Any, tmp_path: Path) -> None:
    accounts.make(pack, tmp_path / "accounts.json", on=NOW.date())
    made = cases.stage(pack, now=NOW)
    rows = list(KeptCase.objects.order_by("pk"))
    assert made == len(rows) > 200
    assert {c.programme for c in rows} == set(programmes.every())
    states = Counter(c.state for c in rows)
    assert states["open"] > 50 < states["ended"] + states["sealed"]
    assert sum(c.due_at is not None and c.due_at < NOW for c in rows if c.state == "open") > 5
    assert all(c.opened_at <= c.moved_at <= NOW for c in rows)
    for case in rows[::7]:
        file = keeping.file_of(case)
        assert (file.state, file.revision, file.secrecy) == (case.stage, case.version, case.secrecy)
    assert cases.stage(pack, now=NOW) == 0
