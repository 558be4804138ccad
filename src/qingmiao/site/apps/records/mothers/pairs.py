"""Mothers' files that may be of one woman: found when she is registered and by night, settled by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import kinds, paired, sealing
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.mothers import exposure, listing, looking, twice
from qingmiao.site.apps.records.mothers.doors import twice_filed_flow
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.models import MotherFile, SameMother
from qingmiao.site.apps.records.paired import PairSaid
from qingmiao.site.apps.records.twice import LikelyFile

MotherPair = paired.PairRow[listing.MotherRow]


def may_settle(reach: Reach) -> bool:
    """Whether this person settles pairs of mothers' files: who keeps them merges them."""
    return any(h.rule.keeps for h in exposure.maybe(reach).held)


def alike(reach: Reach, said: MotherGiven, *, but: int = 0) -> tuple[tuple[listing.MotherRow | None, LikelyFile], ...]:
    """The files that may be of a woman (not that of number `but`), the likeliest first: with the file's line where the
    person sees it."""
    of, day, found = exposure.sights(reach), timezone.localdate(), twice.likely_files(said, but=but)
    files = MotherFile.objects.select_related("relative", "unit").in_bulk([one.file for one in found])
    return tuple((listing.row(files[one.file], day) if of.over(files[one.file]) else None, one) for one in found)


def suspect(file: MotherFile, like: LikelyFile) -> None:
    """Put two women's files before those who settle such pairs."""
    paired.suspect(MOTHERS, file, like)


def _said(reach: Reach, files: Sequence[MotherFile]) -> paired.Said:
    """What is put side by side; of number and phone only the masked form, and only for who sees that in the file."""
    of = exposure.sights(reach)
    records = HealthRecord.objects.filter(mother__in=[f.pk for f in files], kind__in=[k.id for k in kinds.of_mothers()])
    kept = Counter(records.values_list("mother", flat=True))
    return {f.pk: tuple(_lines(f, of.identity(f), kept[f.pk])) for f in files}


def _lines(file: MotherFile, masked: bool, kept: int) -> Iterator[PairSaid]:
    row, woman = listing.row(file, timezone.localdate()), file.relative
    yield PairSaid(Label(zh="姓名", en="Name"), row.name)
    yield PairSaid(Label(zh="出生日期", en="Born"), row.birth_date.isoformat())
    for what, label, data in (
        (sealing.NUMBER, Label(zh="证件号码", en="Number"), woman.number_sealed),
        (sealing.PHONE, Label(zh="电话", en="Telephone"), woman.phone_sealed),
    ):
        text = sealing.opened(sealing.RELATIVE, what, file.pk, data) if masked else ""
        yield PairSaid(label, sealing.masked(what, text), text)
    yield PairSaid(Label(zh="现住址", en="Home"), f"{row.area} {row.village}".strip())
    yield PairSaid(Label(zh="管理单位", en="Kept by"), row.unit)
    for label, day in (
        (Label(zh="预产期", en="Expected"), row.expected_on), (Label(zh="分娩日期", en="Delivered"), row.delivered_on),
    ):  # fmt: skip
        yield PairSaid(label, day.isoformat() if day else "")
    yield PairSaid(Label(zh="建档日期", en="File opened"), timezone.localdate(file.made_at).isoformat())
    yield PairSaid(Label(zh="已有记录", en="Records"), str(kept))


def _shown(reach: Reach, rows: int) -> None:
    looking.seen_rows(reach, {"pairs": True, "rows": rows})


MOTHERS = paired.Pairing[MotherFile, listing.MotherRow](
    SameMother, MotherFile, twice_filed_flow, may_settle, lambda reach: exposure.sights(reach).where,
    lambda reach, file: bool(exposure.sights(reach).over(file)), lambda file: listing.row(file, timezone.localdate()),
    _said, _shown, twice.all_pairs, ("unit", "relative"),
)  # fmt: skip


def look_through() -> int:
    """All mothers' files against each other; how many pairs are new."""
    return paired.look_through(MOTHERS)


def pairs(reach: Reach, *, before: int = 0, size: int = 50) -> tuple[MotherPair, ...]:
    """The open pairs of which this person sees both files, the newest first. AbsentError for who settles none."""
    return paired.rows(MOTHERS, reach, before=before, size=size)


def decide(reach: Reach, number: int, *, same: bool, version: int, reason: str) -> None:
    """Two files are of one woman (the younger goes into the older), or of two."""
    paired.decide(MOTHERS, reach, number, same=same, version=version, reason=reason)
