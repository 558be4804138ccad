"""Mothers' files for the matrices of permissions, steps and posts; every woman is made up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.records import kinds, sealing
from qingmiao.site.apps.records.models import Relative
from qingmiao.site.apps.records.mothers.doors import identity_columns
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.models import MotherFile
from website.filed import HOME

BORN = date(1996, 5, 1)
WHO = MotherGiven("演示丽", BORN, HOME, "演示村")
BODY = {"name": "演示丽", "birth_date": BORN.isoformat(), "area": HOME, "village": "演示村"}
REASON = {"reason": "写清楚了的话"}
SENT: dict[str, tuple[str, dict[str, str]]] = {
    "amend": ("here", {**BODY, **REASON}),
    "move_out": ("here", {"to": "演示省演示市"}),
    "return": ("moved_out", REASON),
    "die": ("here", REASON),
    "reopen": ("died", REASON),
    "merge": ("here", REASON),
    "unmerge": ("merged", REASON),
}
"""Step of a file → the state in which it is posted, and the body."""


def keepers() -> frozenset[str]:
    """The roles that keep mothers' files."""
    return frozenset(id_ for id_, rule in kinds.mothers_rules().items() if rule.keeps)


def a_mother(world: Any, unit: Organisation) -> MotherFile:
    """A woman of a unit, whose file is not saved yet."""
    number = sealing.next_row(sealing.RELATIVE)
    return MotherFile(
        relative_id=number, birth_date=BORN, unit=unit, area=HOME, village="演示村", made_by=world.maker,
        made_at=timezone.now(),
    )  # fmt: skip


def is_there(world: Any, file: MotherFile) -> None:
    """The grown-up of a file that stands already."""
    if file.state != "here" or file.version:
        Relative.objects.get_or_create(
            id=file.relative_id, defaults={"made_at": timezone.now(), **identity_columns(file.relative_id, WHO)}
        )
    if file.state == "merged" and file.merged_into is None:
        file.merged_into = another(world, file)


def mother_said(world: Any, file: MotherFile) -> dict[str, Any]:
    """What the steps of a file are told."""
    return {"mother": WHO, "to": "演示省演示市", "reason": "写清楚了的话", "into": another(world, file).pk}


def another(world: Any, like: MotherFile) -> MotherFile:
    """A second file of a woman born on the same day, kept by the same unit."""
    number = sealing.next_row(sealing.RELATIVE)
    relative = Relative.objects.create(id=number, made_at=timezone.now(), **identity_columns(number, WHO))
    return MotherFile.objects.create(
        relative=relative, birth_date=BORN, unit=like.unit, area=like.area, village=like.village,
        made_by=world.maker, made_at=timezone.now(),
    )  # fmt: skip


def a_kept_mother(maker: Any, unit: str) -> MotherFile:
    """A woman whose file a unit keeps."""
    known = MotherFile.objects.filter(unit=unit).first()
    if known is not None:
        return known
    keeps = Organisation.objects.get(pk=unit)
    number = sealing.next_row(sealing.RELATIVE)
    relative = Relative.objects.create(id=number, made_at=timezone.now(), **identity_columns(number, WHO))
    return MotherFile.objects.create(
        relative=relative, birth_date=BORN, unit=keeps, area=f"{keeps.area_id}100", village="演示村", made_by=maker,
        made_at=timezone.now(),
    )  # fmt: skip
