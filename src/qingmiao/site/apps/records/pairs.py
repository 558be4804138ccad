"""Children's files that may be of one child: found when a child is registered and by night, settled by a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, listing, looking, paired, sealing, words
from qingmiao.site.apps.records.doors import twins_flow
from qingmiao.site.apps.records.event_models import HealthRecord, SameChild
from qingmiao.site.apps.records.given import IdentityGiven
from qingmiao.site.apps.records.models import Child, Relation
from qingmiao.site.apps.records.paired import PairRow as PairRow
from qingmiao.site.apps.records.paired import PairSaid
from qingmiao.site.apps.records.twice import LikelyFile, all_pairs, likely_files

ChildPair = PairRow[listing.ChildRow]


def alike(reach: Reach, said: IdentityGiven, *, area: str, guardian: str, phone: str) -> tuple[
    tuple[listing.ChildRow | None, LikelyFile], ...
]:  # fmt: skip
    """The likely files for whoever registers: with the file's line where the person sees it."""
    of, day = exposure.sights(reach), timezone.localdate()
    found = []
    for one in likely_files(said, area=area, guardian=guardian, phone=phone):
        child = Child.objects.select_related("unit", "school_unit").get(pk=one.file)
        found.append((listing.row(child, day) if of.sees(child) else None, one))
    return tuple(found)


def may_settle(reach: Reach) -> bool:
    """Whether this person settles pairs of files."""
    return any(h.rule.settles for h in exposure.maybe(reach).held)


def _said(reach: Reach, children: Sequence[Child]) -> paired.Said:
    """What is put side by side. Of a number only its masked form, and only for who sees that in the file; of guardians
    none whose relation is protected."""
    of, numbers = exposure.sights(reach), [c.pk for c in children]
    kept = Counter(HealthRecord.objects.filter(child__in=numbers).values_list("child", flat=True))
    guardians = defaultdict[int, list[str]](list)
    relations = Relation.objects.filter(child__in=numbers, guardian=True, to_date=None, sealed=False)
    for child, name in relations.order_by("pk").values_list("child", "relative__name"):
        guardians[child].append(name)
    return {c.pk: tuple(_lines(c, of.identity(c), guardians[c.pk], kept[c.pk])) for c in children}


def _lines(c: Child, numbered: bool, guardians: list[str], kept: int) -> Iterator[PairSaid]:
    shown, sure = listing.row(c, timezone.localdate()), c.birth_certainty
    number = sealing.opened(sealing.CHILD, sealing.NUMBER, c.pk, c.number_sealed) if numbered else ""
    yield PairSaid(Label(zh="姓名", en="Name"), c.name)
    yield PairSaid(Label(zh="性别", en="Sex"), shown.sex)
    how = "" if sure == "day" else f"（{words.CERTAINTY[sure].zh}）"
    yield PairSaid(Label(zh="出生日期", en="Born"), f"{c.birth_date}{how}", c.birth_date.isoformat())
    yield PairSaid(Label(zh="证件号码", en="Number"), sealing.masked(sealing.NUMBER, number), number)
    yield PairSaid(Label(zh="监护人", en="Guardian"), "、".join(guardians))
    yield PairSaid(Label(zh="现住址", en="Home"), f"{shown.area} {shown.village}".strip())
    yield PairSaid(Label(zh="学校、班级", en="School, class"), f"{shown.school_unit} {shown.school_class}".strip())
    yield PairSaid(Label(zh="管理单位", en="Kept by"), shown.unit)
    yield PairSaid(Label(zh="建档日期", en="File opened"), timezone.localdate(c.made_at).isoformat())
    yield PairSaid(Label(zh="已有记录", en="Records"), str(kept))


def _shown(reach: Reach, rows: int) -> None:
    looking.seen_rows(reach, looking.LIST, {"pairs": True, "rows": rows})


CHILDREN = paired.Pairing[Child, listing.ChildRow](
    SameChild, Child, twins_flow, may_settle, lambda reach: exposure.sights(reach).where,
    lambda reach, child: exposure.sights(reach).sees(child), lambda child: listing.row(child, timezone.localdate()),
    _said, _shown, all_pairs, ("unit", "school_unit"),
)  # fmt: skip


def suspect(child: Child, like: LikelyFile) -> None:
    """Put two children's files before those who settle such pairs."""
    paired.suspect(CHILDREN, child, like)


def look_through() -> int:
    """All children's files against each other; how many pairs are new."""
    return paired.look_through(CHILDREN)


def pairs(reach: Reach, *, before: int = 0, size: int = 50) -> tuple[ChildPair, ...]:
    """The open pairs of which this person sees both files, the newest first. AbsentError for who settles none."""
    return paired.rows(CHILDREN, reach, before=before, size=size)


def decide_pair(reach: Reach, number: int, *, same: bool, version: int, reason: str) -> None:
    """Two files are of one child (the younger goes into the older), or of two."""
    paired.decide(CHILDREN, reach, number, same=same, version=version, reason=reason)
