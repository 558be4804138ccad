"""Which one mistake is behind several faults of meaning, and where it really stands.

A fault about something missing carries `subject` "folder/id". Where several places want an id that nothing defines, and
something much like it is defined and wanted nowhere, the definition is the mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from qingmiao.content.check_kinds import serves
from qingmiao.content.faults import fault_at
from qingmiao.content.kinds import KINDS
from qingmiao.content.pack import Pack
from qingmiao.content.reading import RETURN_PREFIX
from qingmiao.kernel.errors import Fault

ORPHAN = "target_without_indicator"


def settled(pack: Pack, faults: list[Fault]) -> list[Fault]:
    """The faults without those that only follow from another one, each at the place where the mistake is."""
    doubled = any(f.code == "duplicate_id" for f in faults)
    faults = [f for f in faults if not (doubled and _is_about_plan(f))]
    faults = _without_orphans(faults)
    groups: dict[str, list[Fault]] = {}
    for fault in faults:
        if fault.subject:
            groups.setdefault(fault.subject, []).append(fault)
    defined = _defined(pack)
    moved: dict[str, Fault] = {}
    for subject, group in groups.items():
        folder, _, wanted = subject.partition("/")
        places = {(f.file, f.line) for f in group}
        if len(places) < 2:
            continue
        here = {id_: kind for kind, id_ in defined.get(folder, ())}
        close = difflib.get_close_matches(wanted, here, n=1, cutoff=0.6)
        if close and close[0] not in set(_wanted(pack, folder)):
            moved[subject] = _at_definition(pack, here[close[0]], close[0], wanted, group)
    return [f for f in faults if f.subject not in moved] + list(moved.values())


def named(pack: Pack, fault: Fault) -> Fault:
    """A fault of form whose value is the name of something gets that thing's id as its fix."""
    if fault.code != "wrong_form":
        return fault
    given = fault.message.partition("「")[2].partition("」")[0]
    found = [
        id_
        for kind in KINDS.values()
        for id_, entry in kind.entries(pack).items()
        if given and given in (getattr(getattr(entry, "label", None), "zh", ""), getattr(entry, "short", ""))
    ]
    return replace(fault, hint=f"写编号「{found[0]}」，不写名称") if len(found) == 1 else fault


def _at_definition(pack: Pack, kind: str, id_: str, wanted: str, group: list[Fault]) -> Fault:
    places = "、".join(dict.fromkeys(f.where for f in group[:3])) + ("……" if len(group) > 3 else "")
    message = f"「{id_}」没有任何地方用到，而 {len(group)} 处用到的「{wanted}」不存在"
    hint = f"两边写成一样；用到「{wanted}」的是 {places}"
    return fault_at(pack, kind, id_, "dangling_id", message, hint)


def _is_about_plan(fault: Fault) -> bool:
    return fault.code == ORPHAN or fault.subject.startswith("plan/")


def _without_orphans(faults: list[Fault]) -> list[Fault]:
    """A target without indicator is no second mistake where an indicator names a target that is none, and means this
    one."""
    meant = [f.subject.partition("/")[2] for f in faults if f.code == "dangling_id" and ".implements" in f.place]
    orphans = [f for f in faults if f.code == ORPHAN]
    dropped: set[Fault] = set()
    for id_ in meant:
        close = difflib.get_close_matches(id_, [f.place for f in orphans], n=1, cutoff=0.5)
        dropped |= {f for f in orphans if close and f.place == close[0]}
    if len(meant) == 1 and len(orphans) == 1:
        dropped = set(orphans)
    return [f for f in faults if f not in dropped]


def _defined(pack: Pack) -> dict[str, list[tuple[str, str]]]:
    """Folder of a subject → (kind of place, id) of what is defined there."""
    keyed = {folder: kind for folder, kind in KINDS.items() if not folder.startswith("plan/")}
    found = {folder: [(folder, id_) for id_ in kind.entries(pack)] for folder, kind in keyed.items()}
    plan: dict[str, Mapping[str, object]] = {
        "goal": pack.goals, "target": pack.targets, "measure": pack.measures,
        "plan/systems": pack.systems, "plan/duties": pack.duties,
    }  # fmt: skip
    found["plan"] = [(kind, id_) for kind, group in plan.items() for id_ in group]
    return found


def _wanted(pack: Pack, folder: str) -> Iterator[str]:
    """Every id of this folder that something refers to."""
    for kind in KINDS.values():
        referring = [r for r in kind.refers if r.folder == folder]
        for entry in kind.entries(pack).values() if referring else ():
            yield from (wanted for r in referring for _, wanted in r.wanted(entry))
    if folder == "areas":
        yield from (a.parent for a in pack.areas.values() if a.parent is not None)
        if pack.plan is not None:
            yield pack.plan.area
    elif folder == "organisations":
        yield from (x for lead in pack.leads for x in (lead.lead, *lead.with_units))
    elif folder == "codes":
        yield from (x.codes for f in pack.forms.values() for x in f.all_fields() if x.codes is not None)
    elif folder in ("facts", "returns"):
        yield from (s.removeprefix(RETURN_PREFIX) for i in pack.indicators.values() for s in i.sources)
        for form in pack.forms.values():
            yield from (x.column.partition(".")[0] for x in form.all_fields() if x.column is not None)
    elif folder == "indicators":
        yield from (d.combine.of for i in pack.indicators.values() for d in i.definitions if d.combine is not None)
    elif folder == "plan":
        yield from (lead.of for lead in pack.leads)
        yield from (g.parent for g in pack.goals.values() if g.parent is not None)
        for i in pack.indicators.values():
            yield from (*i.implements, *i.informs, *i.serves)
        for kind in KINDS.values():
            yield from (s for entry in kind.entries(pack).values() if kind.serving is not None for s in serves(entry))
