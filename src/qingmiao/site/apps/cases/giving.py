"""The cases of a programme as the engine reads them, all at once, for whoever sees them whole: what benefits are worked
out from."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.casework.case import CaseFile, replay
from qingmiao.site.apps.cases import keeping, programmes, standing
from qingmiao.site.apps.cases.models import CaseStep, KeptCase
from qingmiao.site.apps.directory.permissions import Reach


@dataclass(frozen=True)
class CaseOnFile:
    """A case with its number. `child`: one mark for one child of the register, else the case's own."""

    number: int
    child: str
    case: CaseFile


def files_of(reach: Reach, programme: str) -> tuple[CaseOnFile, ...]:
    """The cases of a programme that this person sees whole, open and ended, in the order in which they were opened."""
    if programme not in programmes.every():
        return ()
    ready = programmes.ready(programme)
    found = KeptCase.objects.filter(standing.sights(reach).where, programme=programme).order_by("pk")
    kept = {case.pk: case for case in found}
    steps: dict[int, list[CaseStep]] = {number: [] for number in kept}
    for row in (
        CaseStep.objects.filter(case__in=kept).select_related("by", "confirmed_by").order_by("case_id", "number")
    ):
        steps[row.case_id].append(row)
    return tuple(
        CaseOnFile(
            number, f"c{case.child_id}" if case.child_id is not None else f"n{number}",
            replay(ready, [keeping.taken_of(row) for row in steps[number]]),
        )
        for number, case in kept.items()
    )  # fmt: skip
