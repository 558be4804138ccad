"""Made-up inspections for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

CASES = Path(__file__).resolve().parents[2] / "content" / "china" / "tests" / "checklists"
CHECKLIST = "school.meals"


def good_answers(checklist: str = CHECKLIST) -> dict[str, Any]:
    """The answers of a visit in which everything is in order."""
    found: dict[str, Any] = yaml.safe_load((CASES / f"{checklist}.yaml").read_text("utf-8"))["good"]
    return found


def posted(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as a browser sends them: the rows of a repeated section numbered."""
    found: dict[str, Any] = {}
    for name, value in answers.items():
        if isinstance(value, list):
            found |= {f"{name}.{n}.{k}": v for n, row in enumerate(value, start=1) for k, v in row.items()}
        else:
            found[name] = value
    return found


def an_inspection(
    unit: Any, maker: Any, *, checklist: str = CHECKLIST, responsible: Any = None, state: str = ""
) -> Any:
    """A visit of a unit, not saved: two inspectors are named when it is planned."""
    from qingmiao.content.checklists import Checklist
    from qingmiao.site import pack as site_pack
    from qingmiao.site.apps.inspections.frozen import freeze
    from qingmiao.site.apps.inspections.models import Inspection

    pack, day = site_pack.pack(), timezone.localdate()
    frozen = freeze(pack, pack.entries("checklists", Checklist)[checklist])
    return Inspection(
        checklist=checklist, frozen=frozen, unit=unit, responsible=responsible or unit, place="演示学校",
        place_kind=frozen["checklist"]["places"][0], area="141029100", planned_date=day + timedelta(days=1),
        made_by=maker,
        made_at=timezone.now(),
        visited_at=None if state in ("", "planned") else timezone.now(), answers=good_answers(checklist),
        state=state or "planned",
    )  # fmt: skip


def two_inspectors(make_person: Callable, unit: str = "education") -> tuple[Any, Any]:
    """Two people of a unit who may inspect."""
    from website.role_ids import Role

    return make_person(unit, Role.LIAISON, "inspector-one"), make_person(unit, Role.LIAISON, "inspector-two")
