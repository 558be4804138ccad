"""Who looked at a woman's file; her number or phone in full, for a purpose that is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import looking as records_looking
from qingmiao.site.apps.records import purposes, sealing
from qingmiao.site.apps.records.mothers import exposure
from qingmiao.site.apps.records.mothers.models import MotherFile

MOTHER, REVEAL = "mother", "records.mother.reveal"
SEE, LIST = "records.mother.see", "records.mother.list"
KEPT = {sealing.NUMBER: "number_sealed", sealing.PHONE: "phone_sealed"}
"""What may be asked for in full → its column of the grown-up."""


def seen(reach: Reach, file: MotherFile, *, record: int = 0) -> None:
    """Write down a look into a mother's file, and for what; somebody who looks at very many is told of."""
    used = purposes.told(exposure.maybe(reach).purposes(file))
    detail = {**used, **({"record": record} if record else {})}
    audit.seen(reach.person, SEE, object_type=MOTHER, object_id=file.pk, detail=detail)
    records_looking.watch_files(reach.person, SEE, "孕产妇")


def seen_rows(reach: Reach, detail: Mapping[str, Any]) -> None:
    """Write down that rows about women were shown (`rows` of the detail: how many); somebody who is shown very many is
    told of."""
    said = {"purposes": purposes.daily(reach, "mother"), **detail}
    audit.seen(reach.person, LIST, object_type="mothers", detail=said)
    records_looking.watch_rows(reach.person, (LIST,), "从名单和查找得到", "孕产妇")


def reveal(reach: Reach, number: int, what: str, *, purpose: str) -> str:
    """A woman's number or phone (`what`: number, phone) in full, for a stated purpose; the sight is written down.
    AbsentError for who sees neither."""
    file = exposure.get(exposure.sights(reach), number)
    if not exposure.sights(reach).identity(file) or what not in KEPT:
        raise access.AbsentError("没有这一步")
    if len(purpose.strip()) < access.LEAST_WORDS:
        raise UserError(f"请写明查看的用途（不少于 {access.LEAST_WORDS} 个字）")
    revealed(reach, file, what, purpose.strip()[:200])
    return sealing.opened(sealing.RELATIVE, what, file.pk, getattr(file.relative, KEPT[what]))


def revealed(reach: Reach, file: MotherFile, what: str, purpose: str) -> None:
    """Write down that a number or a phone was shown in full, and for what."""
    used = purposes.told(exposure.sights(reach).purposes(file))
    detail = {**used, "purpose": purpose, "what": what}
    audit.seen(reach.person, REVEAL, object_type=MOTHER, object_id=file.pk, detail=detail)


def looked(reach: Reach, number: int) -> list[audit.EventShown]:
    """Who looked at a file, opened its numbers or changed it, newest first: for everybody who sees the file."""
    file = exposure.get(exposure.sights(reach), number)
    return audit.of_object(MOTHER, file.pk, limit=200)
