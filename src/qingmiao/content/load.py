"""Load a pack from its folder: read every file, check every value, layer it over what it extends.

Each kind of content has one folder (see `kinds.KINDS`); a file holds one entry or, where the kind is a list, many.
Everything that is wrong is collected and raised together as one `PackError`.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from qingmiao.content.checklists import Checklist
from qingmiao.content.deadlines import Deadline
from qingmiao.content.heads import Head, read_heads
from qingmiao.content.inline import expand
from qingmiao.content.kinds import KINDS
from qingmiao.content.leads import Lead
from qingmiao.content.links import SharedLink
from qingmiao.content.messages import faults_of_entry, first_message
from qingmiao.content.outcome_indicators import add_indicators
from qingmiao.content.pack import ANY, EntryPlace, Pack
from qingmiao.content.pack_files import content_files, shown_path, unknown_file
from qingmiao.content.plan import PlanField, PlanHead
from qingmiao.content.policy import Policy
from qingmiao.content.programme_changes import taken_in
from qingmiao.content.programme_codes import with_named, with_programmes
from qingmiao.content.switched import switched
from qingmiao.content.yaml_source import YamlDocument, read_text, read_yaml
from qingmiao.kernel.errors import Fault, UserError


class PackError(UserError):
    """A pack that is not whole; `faults` lists everything found."""


@dataclass
class _Layer:
    """What one folder holds, before merging."""

    head: dict[str, Any]
    plan: PlanHead | None = None
    policy: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, dict[str, BaseModel]] = field(default_factory=dict)
    lists: dict[str, list[BaseModel]] = field(default_factory=dict)
    places: dict[tuple[str, str], EntryPlace] = field(default_factory=dict)
    lent: set[str] = field(default_factory=set)

    def lend(self, text: str) -> None:
        """The words of a file with a fault count as known ids, so that one mistake is told once."""
        self.lent.update(w for word in _WORD.findall(text) for w in (word, word.rpartition(":")[2]))


_WORD = re.compile(r"[^\s,\[\]{}\"'，：#]+")


def load_pack(root: Path | str) -> Pack:
    """Load and layer a pack. Raises PackError with every fault of form; see `check_pack` for the faults of meaning."""
    pack, faults = read_pack(Path(root))
    if faults or pack is None:
        raise PackError(f"内容包 {root} 有 {len(faults)} 处错误", faults)
    return pack


def read_pack(root: Path) -> tuple[Pack | None, list[Fault]]:
    """Load what can be loaded and list what is wrong; the pack is None only when its head cannot be read."""
    faults: list[Fault] = []
    heads = read_heads(root, faults)
    digest = hashlib.sha256()
    away = bool(faults)
    loaded = [_read_layer(folder, head, faults, digest) for folder, head in heads]
    if away and loaded:
        loaded[-1].lent.add(ANY)
    if not loaded or heads[-1][0] != root.resolve():
        return None, faults
    return _merge(root, [folder for folder, _ in heads], loaded, digest.hexdigest(), faults), faults


def digest_of(root: Path) -> str:
    """The `digest` that the pack of a folder would have, without reading what its files say; empty where its heads or
    folders have faults."""
    faults: list[Fault] = []
    digest = hashlib.sha256()
    for folder, _ in read_heads(root, faults):
        for path in content_files(folder, KINDS, faults).files:
            _take(digest, folder, path)
    return "" if faults else digest.hexdigest()


def _take(digest: Any, root: Path, path: Path) -> None:
    """A file of a layer, with its place, is part of a pack's digest."""
    digest.update(os.fsencode(path.relative_to(root).as_posix()) + b"\0" + _bytes(path) + b"\0")


def _read_layer(root: Path, head: Head, faults: list[Fault], digest: Any) -> _Layer:
    layer = _Layer(head)
    read = content_files(root, KINDS, faults)
    for path in read.unread:
        layer.lend(read_text(path)[0])
    if read.closed:
        layer.lent.add(ANY)
    for path in read.files:
        relative = path.relative_to(root).as_posix()
        _take(digest, root, path)
        if relative == "pack.toml":
            continue
        folder = next((f for f in KINDS if relative.startswith(f + "/") or relative == f + path.suffix), None)
        document = read_yaml(path, shown_path(path))
        before = len(faults)
        faults.extend(document.faults)
        own: list[Fault] = []
        if document.data is None:
            if not document.faults:
                hint = "删去文件或补上内容"
                own.append(Fault(shown_path(path), 1, "empty_file", "文件是空的", hint=hint))
            if not document.text.strip():
                layer.lent.add(ANY)
        elif relative == "plan/plan.yaml":
            plan = _validate(PlanHead, document.data, document, (), own)
            layer.plan = plan if isinstance(plan, PlanHead) else None
            layer.places[("plan", "plan")] = EntryPlace(shown_path(path), 1, document.lines)
        elif relative == "policy.yaml":
            if _validate(Policy, document.data, document, (), own) is not None:
                layer.policy = dict(document.data)
                layer.places[("policy", "policy")] = EntryPlace(shown_path(path), 1, document.lines)
        elif folder is None:
            own.append(unknown_file(path, root, KINDS))
        else:
            _read_entries(layer, folder, document, own)
        if not document.faults:  # what is wrong with its form is the mistake; the rest may only follow from it
            faults.extend(own)
        if len(faults) > before:
            layer.lend(document.text)
    return layer


def _bytes(path: Path) -> bytes:
    """What the digest sees; a file that cannot be read is a fault of its own."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _read_entries(layer: _Layer, folder: str, document: YamlDocument, faults: list[Fault]) -> None:
    kind = KINDS[folder]
    shown = shown_path(document.path)
    items: list[tuple[tuple[str | int, ...], Any]]
    if isinstance(document.data, list):
        items = [((i,), item) for i, item in enumerate(document.data)]
    else:
        items = [((), document.data)]
    for path, item in items:
        entry = _validate(kind.model, item, document, path, faults)
        if entry is None:
            if not isinstance(item, Mapping):
                layer.lent.add(ANY)
            continue
        if kind.key is None:
            layer.lists.setdefault(folder, []).append(entry)
            here = EntryPlace(shown, document.line(path), document.lines, path)
            led = str(getattr(entry, kind.told_apart[0]))
            layer.places.update({(folder, led): here, (folder, kind.named(entry)): here})
            continue
        id_ = str(getattr(entry, kind.key))
        bucket = layer.entries.setdefault(folder, {})
        line = document.line((*path, kind.key))
        if id_ in bucket:
            layer.lent.add(ANY)
            first = layer.places[(folder, id_)]
            faults.append(
                Fault(
                    shown,
                    line,
                    "duplicate_id",
                    f"{kind.key}「{id_}」重复（{first.file}:{first.line} 已有）",
                    hint="改一个 id",
                )
            )
            continue
        bucket[id_] = entry
        layer.places[(folder, id_)] = EntryPlace(shown, line, document.lines, path)
        if isinstance(entry, PlanField):
            _place_plan(layer, entry, document, path)


def _place_plan(layer: _Layer, entry: PlanField, document: YamlDocument, path: tuple[str | int, ...]) -> None:
    shown = shown_path(document.path)
    for g, goal in enumerate(entry.goals):
        here = (*path, "goals", g)
        layer.places[("goal", goal.id)] = EntryPlace(shown, document.line(here), document.lines, here)
        for t, target in enumerate(goal.targets):
            where = (*path, "goals", g, "targets", t)
            layer.places[("target", target.id)] = EntryPlace(shown, document.line(where), document.lines, where)
    for m, measure in enumerate(entry.measures):
        layer.places[("measure", measure.id)] = EntryPlace(shown, document.line((*path, "measures", m)))


def _validate(
    model: type[BaseModel],
    data: Any,
    document: YamlDocument,
    path: tuple[str | int, ...],
    faults: list[Fault],
) -> BaseModel | None:
    try:
        return model.model_validate(data)
    except ValidationError as e:
        faults.extend(faults_of_entry(e, model, data, document, path, shown_path(document.path)))
        return None


def _merge(root: Path, layers: list[Path], loaded: list[_Layer], digest: str, faults: list[Fault]) -> Pack:
    def merged(folder: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for layer in loaded:
            found.update(layer.entries.get(folder, {}))
        return found

    def joined(folder: str) -> tuple[Any, ...]:
        return tuple(x for layer in loaded for x in layer.lists.get(folder, []))

    own = loaded[-1]
    plan = next((layer.plan for layer in reversed(loaded) if layer.plan is not None), None)
    policy_keys: dict[str, Any] = {}
    for layer in loaded:
        joined_keys = {
            key: {**policy_keys.get(key, {}), **layer.policy.get(key, {})}
            for key in ("deadlines", "intervals", "limits", "evaluation_weights")
        }
        policy_keys.update(layer.policy | {key: settings for key, settings in joined_keys.items() if settings})
    try:
        policy = Policy.model_validate(policy_keys)
    except ValidationError as e:
        faults.append(
            Fault(
                shown_path(root / "policy.yaml"),
                0,
                "wrong_value",
                f"合并后的阈值不成立：{first_message(e)}",
            )
        )
        policy = Policy()
    fields = tuple(sorted(merged("plan/fields").values(), key=lambda f: (f.order, f.id)))
    places: dict[tuple[str, str], EntryPlace] = {}
    for layer in loaded:
        places.update(layer.places)
    lent = frozenset(word for layer in loaded for word in layer.lent)
    leads = _latest_leads(loaded)
    expanded = expand(fields, plan=plan, areas=merged("areas"), leads=leads, known=merged("indicators"), places=places)
    if not lent:  # a lead that is not found may stand in a file that could not be read
        faults.extend(expanded.faults)
    lent |= {f.place for f in expanded.faults}
    own_entries = {f: merged(f) for f in _LINKED.values()}
    own_entries["indicators"] |= expanded.indicators
    programmes = taken_in(merged("programmes"), merged("programme_changes"))
    faults.extend(add_indicators(own_entries["indicators"], programmes, places))
    entries = _linked(own_entries, joined("links"), places, lent, faults)
    kept: dict[str, Any] = {
        kind.name: merged(folder) if kind.key is not None else joined(folder) for folder, kind in KINDS.items()
    }  # by attribute of a pack; Any, since each has its own type
    kept |= entries | {"fields": expanded.fields, "leads": (*leads, *expanded.leads)}
    kept["codes"] = with_programmes(kept["codes"], programmes)
    kept["codes"] = with_named(kept["codes"], kept["registers"], kept["checklists"])
    kept["deadlines"] = _set(kept["deadlines"], policy, places, faults)
    kept["checklists"] = _limited(kept["checklists"], policy, places, faults)
    faults.extend(_waiting(kept, places, lent))
    kept["indicators"] = switched(kept["indicators"], policy)
    own_attributes = {f.name for f in fields_of(Pack)}
    return Pack(
        id=str(own.head.get("id", root.name)),
        title=str(own.head.get("title", root.name)),
        version=str(own.head.get("version", "0")),
        root=root,
        layers=tuple(layers),
        plan=plan,
        policy=policy,
        places=places,
        lent=lent,
        digest=digest,
        others={f: kept[k.name] for f, k in KINDS.items() if k.name not in own_attributes and k.name != "links"},
        **{name: held for name, held in kept.items() if name in own_attributes},
    )


_SHARED = (
    "indicators", "returns", "forms", "facts", "checklists", "documents", "records", "schedules", "programmes",
    "registers",
)  # fmt: skip
_LINKED = {kind.word: folder for folder, kind in KINDS.items() if folder in _SHARED}


def _linked(
    entries: dict[str, dict[str, Any]],
    links: tuple[SharedLink, ...],
    places: dict[tuple[str, str], EntryPlace],
    lent: frozenset[str],
    faults: list[Fault],
) -> dict[str, dict[str, Any]]:
    """The entries (folder → id → entry) with what the plan's links add to them."""
    for link in links:
        word, _, id_ = link.content.partition(":")
        group = entries[_LINKED[word]]
        known = group.get(id_)
        if known is None and (id_ in lent or ANY in lent):
            continue
        if known is None:
            where = places.get(("links", link.content), EntryPlace(""))
            hint = "、".join(difflib.get_close_matches(id_, group, n=1)) or "检查 id"
            message = f"links 提到没有的「{link.content}」"
            faults.append(Fault(where.file, where.line, "dangling_id", message, place=link.content, hint=hint))
            continue
        keys = ("implements", "informs", "serves") if word == "indicator" else ("serves",)
        added = {k: tuple(dict.fromkeys((*getattr(known, k), *getattr(link, k)))) for k in keys}
        group[id_] = known.model_copy(update=added)
    return entries


def _set(
    deadlines: dict[str, Deadline], policy: Policy, places: dict[tuple[str, str], EntryPlace], faults: list[Fault]
) -> dict[str, Deadline]:
    """The deadlines with what the policy sets of the local ones (`check_deadlines` refuses a setting of another)."""
    found = dict(deadlines)
    for id_, deadline in deadlines.items():
        if not deadline.local:
            continue
        try:
            found[id_] = deadline.set_to(policy.deadlines.get(id_))
        except ValidationError as e:
            where = places.get(("policy", "policy"), EntryPlace("policy.yaml"))
            message = f"时限「{id_}」的设置不成立：{first_message(e)}"
            faults.append(Fault(where.file, where.at("deadlines", id_), "wrong_value", message, place=id_))
    return found


def _limited(
    checklists: dict[str, Checklist], policy: Policy, places: dict[tuple[str, str], EntryPlace], faults: list[Fault]
) -> dict[str, Checklist]:
    """The checklists with the limits that the county has set (`check_checklists` refuses those that are not its)."""
    found = dict(checklists)
    for id_, checklist in checklists.items():
        try:
            found[id_] = checklist.set_to(policy.limits)
        except ValidationError as e:
            where = places.get(("policy", "policy"), EntryPlace("policy.yaml"))
            message = f"检查单「{id_}」的限值设置不成立：{first_message(e)}"
            faults.append(Fault(where.file, where.at("limits"), "wrong_value", message, place=id_))
    return found


def _waiting(kept: dict[str, Any], places: dict[tuple[str, str], EntryPlace], lent: frozenset[str]) -> list[Fault]:
    """Definitions that wait for a table, register or programme that there is not would wait for ever."""
    found = list[Fault]()
    for id_, indicator in kept["indicators"].items():
        last, at = indicator.definitions[-1], len(indicator.definitions) - 1
        for key, folder, word in _WAITED_FOR:
            wanted, known = getattr(last, key), kept[folder]
            if wanted is None or wanted in known or ANY in lent or wanted in lent:
                continue
            where = places.get(("indicators", id_), EntryPlace(""))
            line = where.at("definitions", at, key)
            hint = "、".join(difflib.get_close_matches(wanted, known, n=1)) or "检查 id"
            message = f"{key} 提到没有的{word}「{wanted}」"
            found.append(Fault(where.file, line, "dangling_id", message, place=f"{id_}.{key}", hint=hint))
    return found


_WAITED_FOR = (
    ("since_records", "facts", "事实表"), ("since_registers", "registers", "登记册"),
    ("since_programme", "programmes", "服务项目"),
)  # fmt: skip


def _latest_leads(loaded: list[_Layer]) -> tuple[Lead, ...]:
    """A later layer's leads come first, so that it may assign again what a shared pack assigned."""
    found: list[Lead] = []
    for layer in reversed(loaded):
        found.extend(x for x in layer.lists.get("leads", []) if isinstance(x, Lead))
    return tuple(found)
