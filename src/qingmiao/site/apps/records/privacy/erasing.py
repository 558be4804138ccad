"""How long files are kept, and what happens after: blocked (kept and used for nothing), or erased of all content.

A file's time is over when the time of every purpose for which the content says that files are kept is over. Where one
of them has no time yet (the county has not set it), no file is over: nothing is erased by guess (个人信息保护法第十九条、第四十七条).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from qingmiao.content.purposes import Purpose
from qingmiao.kernel.days import add_months
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.records import due_counting, purposes
from qingmiao.site.apps.records.event_models import HealthRecord, OpenDue, RecordVersion, SameChild
from qingmiao.site.apps.records.exposure import family
from qingmiao.site.apps.records.list_models import ListedRow
from qingmiao.site.apps.records.models import Child, ChildVersion, Relation, Relative, SchoolAttendance, Stay
from qingmiao.site.apps.records.mothers.models import MotherFile
from qingmiao.site.apps.records.privacy.models import Consent, Erasure, FileRequest

ADULT = 18 * 12
ERASED = "（已删除）"
"""What stands in place of a name."""


@dataclass(frozen=True)
class KeptUntil:
    """Until when a file is kept for one purpose; `last` None: no time is set, or its beginning has not come."""

    purpose: Purpose
    last: date | None


def keeping() -> tuple[Purpose, ...]:
    """The purposes of law for which children's files are kept in daily work."""
    found = purposes.every().values()
    return tuple(p for p in found if p.use == "work" and p.basis == "law" and "child" in p.of)


def unset() -> tuple[Purpose, ...]:
    """Of these, the ones without a time: as long as there is one, no file's time is over."""
    policy = site_pack.pack().policy
    return tuple(p for p in keeping() if p.kept(policy) is None)


def kept_until(child: Child) -> tuple[KeptUntil, ...]:
    """Until when a file is kept, by purpose."""
    last = HealthRecord.objects.filter(child__in=family(child)).aggregate(Max("on_date"))["on_date__max"]
    begun: Mapping[str, date | None] = {
        "last_record": last or timezone.localdate(child.made_at), "left": child.left_date,
        "adult": add_months(child.birth_date, ADULT),
    }  # fmt: skip
    policy, found = site_pack.pack().policy, []
    for purpose in keeping():
        time, start = purpose.kept(policy), begun[purpose.keep.after]
        found.append(KeptUntil(purpose, None if time is None or start is None else time.after(start)))
    return tuple(found)


def over(child: Child, day: date) -> date | None:
    """The day on which the last of a file's times was over, if all are over on a day; else None."""
    ends = [k.last for k in kept_until(child)]
    whole = [e for e in ends if e is not None]
    return max(whole) if ends and len(whole) == len(ends) and max(whole) < day else None


def find(day: date, *, most: int = 1000) -> list[tuple[Child, date]]:
    """The files whose times are all over on a day and that are not listed yet, at most so many: what `list_over` would
    list."""
    if unset() or not keeping():
        return []
    rows = Child.objects.filter(merged_into=None, erasure=None).select_related("unit")
    found = []
    for child in rows.filter(_may_be_over(day)).order_by("pk").iterator(1000):
        last = over(child, day)
        if last is not None:
            found.append((child, last))
            if len(found) == most:
                break
    return found


def _may_be_over(day: date) -> Q:
    """A coarse condition that every file past its times meets; each is looked at exactly afterwards."""
    where, policy = Q(), site_pack.pack().policy
    for purpose in keeping():
        time = purpose.kept(policy)
        assert time is not None
        months = {"years": 12, "months": 1}.get(time.unit)
        begun = day - timedelta(days=time.value) if months is None else add_months(day, -time.value * months)
        if purpose.keep.after == "adult":
            where &= Q(birth_date__lte=add_months(begun, -ADULT))
        elif purpose.keep.after == "left":
            where &= Q(left_date__lte=begun)
        else:
            where &= ~Q(records__on_date__gt=begun)
    return where


def list_over() -> int:
    """The nightly job: list the files past their times for a person's decision; how many are listed anew."""
    found = find(timezone.localdate())
    for child, last in found:
        told = [[k.purpose.id, k.last.isoformat()] for k in kept_until(child) if k.last is not None]
        made = Erasure(child=child, unit=child.unit, over_date=last, purposes=told, found_at=timezone.now())
        access.create(audit.NamedActor("records", child.unit_id), made, "list")
    return len(found)


def past_today() -> list[tuple[int, str, date]]:
    """(file, unit that keeps it, last day) of every file that would be listed today."""
    return [(child.pk, child.unit.label, last) for child, last in find(timezone.localdate())]


def without_time() -> list[str]:
    """The purposes for which nobody has said how long files are kept, in words."""
    return [p.label.zh for p in unset()]


def block(child: Child, doing: Doing) -> Mapping[str, Any]:
    """A file is used for nothing any more, and kept (个人信息保护法第四十七条第二款)."""
    return _set(child.survivor, doing, "block", doing.at)


def unblock(child: Child, doing: Doing) -> Mapping[str, Any]:
    """It is used again."""
    return _set(child.survivor, doing, "unblock", None)


def _set(child: Child, doing: Doing, what: str, at: Any) -> Mapping[str, Any]:
    Child.objects.filter(pk=child.pk).update(blocked_at=at)
    audit.append(doing.actor, f"records.child.{what}", object_type="child", object_id=child.pk)
    due_counting.count_again(Child.objects.get(pk=child.pk))
    return {"child": child.pk}


def erase(child: Child, doing: Doing) -> Mapping[str, Any]:
    """Take all content out of a file and those merged into it: who the child is, addresses, relatives whom no other
    file knows, answers of records. What stays: that there was a file, kinds and days of its records, who looked, facts.

    The database lets this be done only to a file whose erasure stands (migration 0010).
    """
    files = family(child)
    blank: dict[str, Any] = {
        "name": ERASED, "former_names": [], "birth_certainty": "year", "papers": "none", "number_sealed": None,
        "certificate_sealed": None,
    }  # fmt: skip
    for one in Child.objects.filter(pk__in=files):
        year = one.birth_date.replace(month=1, day=1)
        Child.objects.filter(pk=one.pk).update(
            **blank,
            birth_date=year,
            name_key="",
            pinyin="",
            initials="",
            number_index=None,
            certificate_index=None,
            phone_index=None,
            village="",
            school_class="",
            grade="",
            left_to="",
            blocked_at=doing.at,
        )
        ChildVersion.objects.filter(child=one).update(**blank, birth_date=year)
    Stay.objects.filter(child__in=files).update(village="", address_sealed=None)
    SchoolAttendance.objects.filter(child__in=files).update(school_class="", grade="")
    relatives = _relatives_of_nobody_else(files)
    Relative.objects.filter(pk__in=relatives).update(
        name=ERASED, name_key="", papers="none", number_sealed=None, number_index=None, phone_sealed=None
    )
    records = RecordVersion.objects.filter(record__child__in=files)
    count = records.update(answers={}, explanations={}, reason="")
    ListedRow.objects.filter(child__in=files).update(said={}, candidates=[])
    SameChild.objects.filter(Q(left__in=files) | Q(right__in=files)).update(reasons=[])
    Consent.objects.filter(child__in=files).update(form="")
    FileRequest.objects.filter(child__in=files).update(applicant="", asked="", document="")
    OpenDue.objects.filter(child__in=files).delete()
    return {"files": len(files), "versions": count, "relatives": len(relatives)}


def _relatives_of_nobody_else(files: list[int]) -> list[int]:
    """The grown-ups of these files who stand in no other file and have none of their own."""
    mine = Relation.objects.filter(child__in=files).values("relative")
    others = Relation.objects.exclude(child__in=files).filter(child__erasure=None).values("relative")
    rows = Relative.objects.filter(pk__in=mine).exclude(pk__in=others)
    return list(rows.exclude(pk__in=MotherFile.objects.values("pk")).values_list("pk", flat=True))
