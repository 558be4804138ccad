"""The door of entries: what must hold for a step, what each sets, what follows: a version for good, facts, minimums."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from qingmiao.flow import Guard, Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.registers.judging import JudgedEntry, judge
from qingmiao.registers.keys import key_words
from qingmiao.registers.likely import point_of
from qingmiao.registers.yearly import year_of
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.registers import books, hanging, publishing, standing
from qingmiao.site.apps.registers.models import (
    LIVE,
    RegisterEntry,
    RegisterEntryVersion,
    RegisterExcuse,
    RegisterWaiting,
)

Answers = Mapping[str, Any]


def judged(entry: RegisterEntry, answers: Answers | None = None, *, on: date) -> JudgedEntry:
    """The entry with the answers that came (else its own), judged as of a day."""
    given = entry.answers if answers is None else answers
    return judge(books.ready(entry.register), given, on=on, within=entry.within_id, person=entry.person_id)


def _given(entry: RegisterEntry, answers: Answers) -> Answers:
    found: Answers = answers.get("answers", entry.answers)
    return found


def _placed(entry: RegisterEntry, answers: Answers) -> RegisterEntry:
    """The entry where the step puts it: `within` may change with a change."""
    if "within" in answers:
        entry.within = answers["within"]
    return entry


def _whole(entry: RegisterEntry, answers: Answers, who: Who, at: datetime) -> Decision:
    kind, day = books.kind(entry.register), timezone.localdate(at)
    placed = _placed(entry, answers)
    if kind.within is not None and kind.within.required and placed.within is None:
        return no(f"请选择{kind.within.label.zh}")
    if placed.within is not None and (kind.within is None or placed.within.register != kind.within.register_):
        return no("所属的登记不在应属的登记册里")
    if placed.within is not None and placed.within.state not in LIVE:
        return no(f"所属的“{placed.within.name}”已不在册，请重新选择")
    if kind.of == "person" and placed.person is None:
        return no("请填写证件号码，一个人只登记一次")
    found = judged(placed, _given(entry, answers), on=day)
    if found.faults:
        return no(f"还有 {len(found.faults)} 处没有填好，第一处：{found.faults[0].message}")
    begins: date = answers.get("valid_from") or day
    if begins > day:
        return no("生效日期不能在今天以后")
    if entry.pk is not None and begins < entry.valid_from:
        return no(f"生效日期不能早于上一次变更（{entry.valid_from:%Y-%m-%d}）")
    return YES


def _unique_here(entry: RegisterEntry, answers: Answers, who: Who, at: datetime) -> Decision:
    found = judged(_placed(entry, answers), _given(entry, answers), on=timezone.localdate(at))
    there = RegisterEntry.objects.filter(register=entry.register, key=found.key, state__in=LIVE).exclude(pk=entry.pk)
    same = there.first() if found.key else None
    return YES if same is None else no(told_same(same))


def told_same(same: RegisterEntry) -> str:
    """That an entry is there already, and which."""
    ready = books.ready(same.register)
    words = key_words(ready.kind, same.key, ready.labels)
    return f"已经有一条同样的登记：第 {same.pk} 号“{same.name}”（{words}相同），请在那一条上变更"


def _not_yet_confirmed(entry: RegisterEntry, answers: Answers, who: Who, at: datetime) -> Decision:
    year = year_of(books.kind(entry.register), timezone.localdate(at))
    return no(f"{year} 年已经确认过") if entry.confirmed_year == year else YES


def _names_minimum(entry: RegisterEntry, answers: Answers, who: Who, at: datetime) -> Decision:
    named = answers.get("minimum")
    known = {m.id for m in books.kind(entry.register).minimums if m.per == "entry"}
    return YES if named in known else no("请选择是哪一项最低要求")


def _nothing_hangs(entry: RegisterEntry, answers: Answers, who: Who, at: datetime) -> Decision:
    if answers.get("acknowledged"):
        return YES
    left = hanging.of(entry)
    return no(f"还有 {'、'.join(f'{h.label} {h.count}' for h in left)}，请核对后勾选“已知悉”再注销") if left else YES


def _nothing_within(entry: RegisterEntry, answers: Answers, who: Who, at: datetime) -> Decision:
    held = entry.holds.filter(state__in=LIVE).count()
    return no(f"还有 {held} 条登记属于它，不能作废；确已停办的请注销") if held else YES


def _merges_into(entry: RegisterEntry, answers: Answers, who: Who, at: datetime) -> Decision:
    into = answers.get("into")
    if (
        into is None
        or into.pk == entry.pk
        or into.register != entry.register
        or into.state not in ("open", "suspended")
    ):
        return no("请写明并入同一登记册里哪一条在册的登记")
    return YES


GUARDS: Mapping[str, Guard] = {
    "whole": _whole, "unique_here": _unique_here, "not_yet_confirmed": _not_yet_confirmed,
    "names_minimum": _names_minimum, "nothing_hangs": _nothing_hangs, "nothing_within": _nothing_within,
    "merges_into": _merges_into,
}  # fmt: skip
FILLING = ("enter", "propose", "change")


def _changes(entry: RegisterEntry, doing: Doing) -> dict[str, Any]:
    day = timezone.localdate(doing.at)
    found: dict[str, Any] = {**next_version(entry, doing), "changed_date": day}
    name, kind = doing.step.name, books.kind(entry.register)
    begins = doing.answers.get("valid_from") or day
    if name in FILLING:
        placed = _placed(entry, doing.answers)
        one = judged(placed, _given(entry, doing.answers), on=day)
        point = point_of(one.values.get("position"))
        found |= {
            "answers": dict(one.answers), "key": one.key, "name": str(one.values["name"])[:120],
            "kind": str(one.values.get("kind", "")), "area": str(one.values["area"]), "expires_date": one.expires,
            "within": placed.within, "latitude": point and point[0], "longitude": point and point[1],
            "valid_from": begins,
        }  # fmt: skip
    elif name != "excuse":
        found["valid_from"] = max(begins, entry.valid_from)
    if name in ("enter", "confirm", "renew"):
        found["confirmed_year"] = year_of(kind, day)
    if name == "merge":
        found["merged_into"] = doing.answers["into"]
    return found


def _keep(entry: RegisterEntry, doing: Doing) -> Mapping[str, Any]:
    """Its new version, its facts; the minimums of the registers that read it wait for the worker."""
    RegisterEntryVersion.objects.create(
        entry=entry, version=entry.version, valid_from=entry.valid_from, state=entry.state, step=doing.step.name,
        within=entry.within, answers=entry.answers, form_version=books.kind(entry.register).version,
        confirmed_year=entry.confirmed_year, reason=doing.said("reason")[:500], by=doing.person, at=doing.at,
    )  # fmt: skip
    rows = publishing.publish(entry, timezone.localdate(doing.at))
    if doing.answers.get("quietly") is not True:
        RegisterWaiting.objects.bulk_create([RegisterWaiting(register=r) for r in publishing.readers(entry.register)])
    said = doing.answers.get("changed")
    return {"register": entry.register, "rows": rows, **({"changed": said} if said else {})}


def _excused(entry: RegisterEntry, doing: Doing) -> Mapping[str, Any]:
    assert doing.person is not None
    year = year_of(books.kind(entry.register), timezone.localdate(doing.at))
    minimum = str(doing.answers["minimum"])
    RegisterExcuse.objects.update_or_create(
        entry=entry, minimum=minimum, year=year,
        defaults={"reason": doing.said("reason")[:500], "by": doing.person, "at": doing.at},
    )  # fmt: skip
    RegisterWaiting.objects.create(register=entry.register)
    return {"minimum": minimum, "year": year}


register(
    Door(
        RegisterEntry,
        lambda entry: books.flow_or_gone(entry.register),
        noun="这条登记",
        kind="register_entry",
        action="registers",
        unit=lambda entry: entry.unit,
        guards=GUARDS,
        effects={"kept": _keep, "excused": _excused},
        changes=_changes,
        relations=standing.relations,
        several=books.flows,
    )
)  # fmt: skip
