"""What a new version of a pack changes, and what it makes recompute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from qingmiao.content.indicators import Definition
from qingmiao.content.kinds import KINDS
from qingmiao.content.pack import Pack
from qingmiao.content.reading import RETURN_PREFIX, made_of, readers


@dataclass(frozen=True)
class EntryChange:
    """One entry added, removed or changed; `details` are "path: old → new" lines; `edits_released` = a defect."""

    kind: str
    id: str
    what: str
    label: str
    details: tuple[str, ...] = ()
    edits_released: bool = False


@dataclass(frozen=True)
class PackDiff:
    """All changes, the indicators to recompute, and the targets whose verdict may change."""

    changes: tuple[EntryChange, ...]
    recompute: tuple[str, ...]
    reassess: tuple[str, ...]


WITHIN = {"fields": "领域", "goals": "主要目标", "targets": "目标值", "measures": "策略措施"}
"""What stands inside the fields of a plan and is compared for itself."""
_BESIDE = {"policy": "阈值", "plan": "规划"}


def words() -> dict[str, str]:
    """The kinds of a difference in Chinese: those within the plan, every kind of content, the policy and the plan's
    head."""
    return WITHIN | {kind.name: kind.title for kind in KINDS.values() if kind.name not in WITHIN} | _BESIDE


def diff_packs(old: Pack, new: Pack) -> PackDiff:
    """Compare two loaded packs entry by entry."""
    changes: list[EntryChange] = []
    for name in WITHIN:
        changes.extend(_compare(name, _within(old, name), _within(new, name)))
    for kind in KINDS.values():
        if kind.name not in WITHIN:
            changes.extend(_compare(kind.name, kind.entries(old), kind.entries(new)))
    changes.extend(_compare("policy", {"policy": old.policy}, {"policy": new.policy}))
    changes.extend(_compare("plan", _plan(old), _plan(new)))
    touched = {(c.kind, c.id) for c in changes if c.what != "removed"}
    recompute = _recompute(new, touched)
    reassess = {t for i in recompute for t in new.indicators[i].implements} | {
        id_ for k, id_ in touched if k == "targets"
    }
    reassess |= {t for t in new.targets if t in old.targets and _left_to(old, t) != _left_to(new, t)}
    if any(c.kind == "references" for c in changes):
        reassess |= {id_ for id_, t in new.targets.items() if t.relative_to is not None}
    if ("policy", "policy") in touched or any(kind == "plan" for kind, _ in touched):
        reassess |= set(new.targets)
    return PackDiff(tuple(changes), tuple(sorted(recompute)), tuple(sorted(reassess)))


def _within(pack: Pack, name: str) -> Mapping[str, BaseModel]:
    found: dict[str, Mapping[str, BaseModel]] = {
        "fields": {f.id: f for f in pack.fields},
        "goals": pack.goals,
        "targets": pack.targets,
        "measures": pack.measures,
    }
    return found[name]


def _plan(pack: Pack) -> dict[str, BaseModel]:
    return {"plan": pack.plan} if pack.plan is not None else {}


def _left_to(pack: Pack, target: str) -> str:
    return pack.left_to(pack.goal_of(target).id)


SHALLOW = {"fields": {"goals", "measures"}, "goals": {"targets"}}


def _compare(kind: str, old: Mapping[str, BaseModel], new: Mapping[str, BaseModel]) -> Iterable[EntryChange]:
    for id_ in [*new, *(i for i in old if i not in new)]:
        before, after = old.get(id_), new.get(id_)
        label = _label(after if after is not None else before)
        if before is None:
            yield EntryChange(kind, id_, "added", label)
        elif after is None:
            yield EntryChange(kind, id_, "removed", label)
        elif before != after:
            left = before.model_dump(mode="json", by_alias=True, exclude=SHALLOW.get(kind))
            right = after.model_dump(mode="json", by_alias=True, exclude=SHALLOW.get(kind))
            details = tuple(_paths(left, right))
            if details:
                yield EntryChange(kind, id_, "changed", label, details, _edits_released(kind, before, after))


def _edits_released(kind: str, before: BaseModel, after: BaseModel) -> bool:
    """An indicator's definition changed without a new version."""
    if kind != "indicators":
        return False
    old: dict[int, Definition] = {d.version: d for d in getattr(before, "definitions", ())}
    body = {"version", "last_year"}
    return any(
        d.version in old and old[d.version].model_dump(exclude=body) != d.model_dump(exclude=body)
        for d in getattr(after, "definitions", ())
    )


def _paths(old: Any, new: Any, path: str = "") -> Iterable[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*new, *(k for k in old if k not in new)]:
            yield from _paths(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _paths(a, b, f"{path}[{i}]")
    elif old != new:
        yield f"{path}：{_short(old)} → {_short(new)}"


def _short(value: Any) -> str:
    text = "（无）" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "…"


def _label(entry: BaseModel | None) -> str:
    return str(
        getattr(entry, "label", None)
        or getattr(entry, "title", None)
        or getattr(entry, "name", None)
        or getattr(entry, "text", "")
        or ""
    )[:40]


def _recompute(new: Pack, touched: set[tuple[str, str]]) -> set[str]:
    """Changed indicators, those that read a changed fact or return (or its codes), and those combined from them."""
    codes = {id_ for kind, id_ in touched if kind == "codes"}
    facts = {id_ for kind, id_ in touched if kind == "facts"}
    for fact in new.facts.values():
        used = {c.codes for c in fact.columns.values()} | {d.codes for d in fact.derived.values()}
        if used & codes:
            facts.add(fact.id)
    sources = facts | {f"{RETURN_PREFIX}{id_}" for kind, id_ in touched if kind == "returns"}
    if any(kind == "areas" for kind, _ in touched):
        return set(new.indicators)
    changed = {id_ for kind, id_ in touched if kind == "indicators"}
    return set(made_of(new, (*changed, *readers(new, sources))))
