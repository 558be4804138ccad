"""The pack's areas, units and roles as the directory keeps them, brought up to date when a pack is loaded."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaNode
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import kept_roles
from qingmiao.site.apps.directory.models import Area, AreaVersion, Organisation


def _end(area: AreaNode, kind: str, before: AreaVersion | None, *, seen: bool) -> int:
    """Close the version of an area that no longer exists (closed at once where unknown); 1 if anything changed."""
    assert area.last is not None
    ends = area.last + timedelta(days=1)
    if before is not None:
        before.to_date = max(ends, before.from_date + timedelta(days=1))
        before.save()
    elif not seen:
        AreaVersion.objects.create(
            area_id=area.code, name=area.name, parent_id=area.parent, kind=kind,
            from_date=area.first or date(1900, 1, 1), to_date=ends,
        )  # fmt: skip
    return int(before is not None or not seen)


@transaction.atomic
def load_pack(actor: audit.Actor, pack: Pack, *, on: date) -> None:
    """Bring areas and units to what the pack says: new ones are added, changed names become dated versions."""
    present = {v.area_id: v for v in AreaVersion.objects.filter(to_date=None)}
    known = set(Area.objects.values_list("code", flat=True))
    changed = 0
    tree = pack.area_tree
    for old, former in tree.former.items():
        AreaVersion.objects.filter(area_id=old, to_date=None, from_date__lte=former.last).update(
            to_date=former.last + timedelta(days=1)
        )
    for area in sorted(tree, key=lambda a: a.level.depth):
        item = pack.areas[area.code]
        if item.code not in known:
            full = item.code.ljust(12, "0") if item.code.isdigit() else item.code
            Area.objects.create(code=item.code, full_code=full, level=item.level.value)
        before = present.get(item.code)
        if area.last is not None and area.last < on:
            changed += _end(area, item.kind, before, seen=item.code in known)
            continue
        if before and (before.name, before.parent_id, before.kind) == (item.name, area.parent, item.kind):
            continue
        if before and before.from_date == on:
            before.delete()
        elif before:
            before.to_date = on
            before.save()
        # The first version holds from the beginning of what the site knows.
        AreaVersion.objects.create(
            area_id=item.code,
            name=item.name,
            parent_id=area.parent,
            kind=item.kind,
            from_date=on if before else date(1900, 1, 1),
        )
        changed += 1
    site = pack.root_area
    Area.objects.exclude(pk=site.code if site else "").filter(is_site=True).update(is_site=False)
    if site is not None:
        Area.objects.filter(pk=site.code).update(is_site=True)
    kept_roles.keep(pack)
    paths: dict[str, str] = {}
    waiting = dict(pack.organisations)
    while waiting:
        ready = [o for o in waiting.values() if o.parent is None or o.parent in paths]
        for o in ready:
            paths[o.id] = f"{paths[o.parent] if o.parent else '/'}{o.id}/"
            Organisation.objects.update_or_create(
                id=o.id,
                defaults={
                    "label": o.label.zh, "label_en": o.label.en or "", "short": o.short or o.label.zh, "kind": o.kind,
                    "area_id": o.area, "parent_id": o.parent, "path": paths[o.id],
                },
            )  # fmt: skip
            del waiting[o.id]
    audit.append(
        actor,
        "directory.load",
        object_type="pack",
        object_id=pack.id,
        detail={"digest": pack.digest, "areas_changed": changed, "units": len(paths)},
    )
