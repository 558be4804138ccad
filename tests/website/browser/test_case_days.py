"""Days of protection in a real browser with a test clock, from a school's report to the court's order and back.

`python tools/days_docs.py` writes what was counted to docs/reference/days-of-casework.md; here it is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from website.browser.case_walking import Day, accessible, finished, goes, lines, shot, written
from website.browser.test_days import Walk

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = (
    ("班主任在手机上报告学生身上的伤", "mandatory_report", ("class_teacher",), 390),
    ("公安机关接报、受案，向学校反馈；民政采取保护措施，两人结案", "mandatory_report",
     ("police_officer", "child_protection_officer"), 1440),
    ("代为申请人身安全保护令：申请、作出、送达、协助执行、回访", "protection_order", (), 1440),
    ("家庭暴力告诫：出警、告诫、送交、通知、三次查访、终结", "dv_warning", (), 1440),
)  # fmt: skip


def test_the_days_of_protection_take_as_many_clicks_as_written_down(
    window: Callable[..., Any], make_person: Any, browser_of: Any, monkeypatch: Any
) -> None:
    from qingmiao.site.apps.cases.models import KeptCase

    day, walks, cases = Day(window, make_person, browser_of, monkeypatch), [], dict[str, str]()
    for name, programme, roles, width in DAYS:
        walk = Walk(programme, None)
        for line in lines(programme):
            role = line["by"] if isinstance(line["by"], str) else line["by"]["role"]
            if not roles or role in roles:
                cases[programme] = goes(day, walk, line, cases.get(programme, ""), width)
        shot(walk.page, f"{programme}-{width}")
        walks.append(finished(walk, name))
    stages = {c.programme: c.stage for c in KeptCase.objects.all()}
    assert stages["mandatory_report"] == "closed"
    assert stages["protection_order"] == "active"
    assert stages["dv_warning"] == "ended"
    teacher = day.page("class_teacher", 390)
    teacher.goto(cases["mandatory_report"])
    assert "已受案" in teacher.get_by_role("main").inner_text() or teacher.get_by_text("反馈").count(), "back to school"
    assert not accessible(teacher, "mandatory_report"), "the case page"
    assert max(w.clicks for w in walks) < 100
    written(walks)
