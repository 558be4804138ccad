"""Files of one woman: merged into one and taken apart again, with nothing lost; who she was said to be at each
version.

A merged file keeps its rows and its own number; its page leads to the surviving one, which shows the records of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.records import sealing, words
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.merging import one_at_a_time
from qingmiao.site.apps.records.mothers.family import every_number
from qingmiao.site.apps.records.mothers.family import family as family
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.models import ChildBorn, MotherFile, MotherVersion, SameMother

DAYS_APART = 370
"""Births of two files of one woman are not further apart: a slip of the pen in day, month or year."""


def into_fits(file: MotherFile, into: int) -> str:
    """Why a file cannot be merged into another; "" where it can."""
    other = MotherFile.objects.select_related("relative").filter(pk=into).first()
    if other is None or other.pk == file.pk or other.state == "merged":
        return "请选择要并入的另一份在册的孕产妇档案"
    if abs((other.birth_date - file.birth_date).days) > DAYS_APART:
        return "两份档案的出生日期差得太多；确是同一人的，请先更正身份信息"
    mine, theirs = numbers_of(file), numbers_of(other)
    if mine and theirs and mine != theirs:
        return "两份档案的证件号码不同；确是同一人的，请先更正写错的证件号码"
    return ""


def numbers_of(file: MotherFile) -> str:
    """The identity number of a woman's file in full, for comparing; "" where it has none."""
    return sealing.opened(sealing.RELATIVE, sealing.NUMBER, file.pk, file.relative.number_sealed)


def who(file: MotherFile) -> MotherGiven:
    """Who a woman is said to be, her number and phone opened, for comparing."""
    woman = file.relative
    phone = sealing.opened(sealing.RELATIVE, sealing.PHONE, file.pk, woman.phone_sealed)
    return MotherGiven(
        woman.name, file.birth_date, file.area, file.village, woman.papers, numbers_of(file), phone
    )  # fmt: skip


def joined(pair: SameMother, doing: Doing) -> Mapping[str, Any]:
    """The younger file of the two goes into the older one."""
    assert doing.person is not None
    one_at_a_time()
    older, younger = pair.left.survivor, pair.right
    seen = access.Seen(younger.state, younger.version)
    access.perform(doing.person, younger, "merge", seen, {"into": older.pk, "reason": doing.said("reason")})
    return {"into": older.pk}


def merged(file: MotherFile, doing: Doing) -> Mapping[str, Any]:
    """Its records are published anew under the surviving file's pseudonym."""
    return {"into": file.merged_into_id, "records": _moved(file, (file.survivor.pk,), doing.at)}


def unmerged(file: MotherFile, doing: Doing) -> Mapping[str, Any]:
    """Its records are its own again; the file that it had been merged into loses them."""
    before = doing.answers.get("survivor")
    return {"records": _moved(file, tuple(n for n in (file.pk, before) if n), doing.at)}


def _moved(file: MotherFile, told: tuple[int, ...], at: datetime) -> int:
    """Publish the records of a file and of those merged into it, count what is due of the children born, and repeat
    beside the files `told` what their records say; how many records there are."""
    from qingmiao.site.apps.records import due_counting, publishing
    from qingmiao.site.apps.records.mothers import known

    numbers, day = every_number(file.pk), timezone.localdate(at)
    rows = HealthRecord.objects.filter(mother__in=numbers).exclude(state="withdrawn").select_related("mother__file")
    found = list(rows.order_by("pk"))
    for record in found:
        publishing.publish(record, day)
    born = list(ChildBorn.objects.filter(record__mother__in=numbers).order_by("pk").values_list("child", flat=True))
    due_counting.count_each(born)
    for number in told:
        known.repeat(number)
    return len(found)


def kept(file: MotherFile, doing: Doing) -> None:
    """Who the woman is said to be now is a version of its own."""
    now = file.relative
    MotherVersion.objects.create(
        file=file, number=MotherVersion.objects.filter(file=file).count() + 1, name=now.name,
        birth_date=file.birth_date, area=file.area, village=file.village, papers=now.papers,
        number_sealed=now.number_sealed, phone_sealed=now.phone_sealed, by=doing.person, at=doing.at,
    )  # fmt: skip


@dataclass(frozen=True)
class MotherVersionShown:
    """Who she was said to be at a version; of number and phone only whether they were changed. `changed`: the words of
    what differs from the version before."""

    number: int
    name: str
    birth_date: date
    home: str
    by: str
    at: datetime
    changed: tuple[str, ...]


def versions_of(file: MotherFile, *, masked: bool) -> tuple[MotherVersionShown, ...]:
    """Every version of who she is, the newest first. `masked`: this person sees numbers (masked), and so hears that
    they changed."""
    rows, found = list(file.versions.select_related("by").order_by("number")), list[MotherVersionShown]()
    before: dict[str, Any] | None = None
    for v in rows:
        now = {"姓名": v.name, "出生日期": v.birth_date, "住址": (v.area, v.village)}
        if masked:
            now |= {
                "证件号码": sealing.opened(sealing.RELATIVE, sealing.NUMBER, file.pk, v.number_sealed),
                "电话": sealing.opened(sealing.RELATIVE, sealing.PHONE, file.pk, v.phone_sealed),
            }
        changed = tuple(w for w, said in now.items() if before is not None and before[w] != said)
        home = f"{words.area_name(v.area)} {v.village}".strip()
        found.append(MotherVersionShown(v.number, v.name, v.birth_date, home, v.by.name if v.by else "", v.at, changed))
        before = now
    return tuple(reversed(found))
