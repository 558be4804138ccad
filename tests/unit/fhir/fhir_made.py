"""Makes resources at random from the table of elements: each is right by the table, of any depth and choice."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from qingmiao.fhir.elements import Element, types

SKIPPED = {"contained", "extension", "modifierExtension", "implicitRules", "language", "meta", "id"}
TEXTS = {
    "string": "青苗", "markdown": "说明", "uri": "urn:x:y", "url": "http://example.org/a", "canonical": "urn:x:y|1",
    "code": "ab", "id": "a-1.B", "date": "2024-02", "dateTime": "2024-02-29T08:00:00+08:00", "time": "08:30:00",
    "instant": "2024-02-29T08:00:00.5Z", "base64Binary": "YWJj", "oid": "urn:oid:1.2.3",
    "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
}  # fmt: skip


def made(kind: str, rng: random.Random, *, depth: int = 0, chance: float = 0.4) -> dict[str, Any]:
    """One resource or data type of that name."""
    elements = types()[kind]
    found: dict[str, Any] = {"resourceType": kind} if depth == 0 else {}
    groups: dict[str, list[Element]] = {}
    for one in elements.values():
        if one.name in SKIPPED or one.of == "Narrative":
            continue
        if one.choice:
            groups.setdefault(one.choice, []).append(one)
        elif one.required or (rng.random() < chance and depth < 4):
            _put(found, one, rng, depth)
    for group in groups.values():
        plain = [g for g in group if g.primitive or depth < 3]
        if plain and (group[0].choice_required or (rng.random() < chance and depth < 4)):
            _put(found, rng.choice(plain), rng, depth)
    if len(found) <= (depth == 0):
        simple = next((e for e in elements.values() if e.primitive and e.name not in SKIPPED), None)
        if simple is not None:
            _put(found, simple, rng, depth)
    return found


def _put(found: dict[str, Any], one: Element, rng: random.Random, depth: int) -> None:
    if one.of == "Resource":
        return
    values = [_value(one, rng, depth) for _ in range(rng.randint(1, 2) if one.many else 1)]
    values = [v for v in values if v != {}]
    if values:
        found[one.name] = values if one.many else values[0]


def _value(one: Element, rng: random.Random, depth: int) -> Any:
    if one.of == "Reference":
        kind = rng.choice(sorted(one.targets - {"Resource"}) or ["Patient"])
        return {"reference": f"{kind}/{rng.randint(1, 99)}"}
    if not one.primitive:
        return made(one.of, rng, depth=depth + 1, chance=0.15)
    if one.codes:
        return rng.choice(sorted(one.codes))
    match one.of:
        case "boolean":
            return rng.random() < 0.5
        case "decimal":
            return Decimal(f"{rng.randint(0, 999)}.{rng.randint(0, 9)}0")
        case "integer" | "unsignedInt" | "positiveInt":
            return rng.randint(1, 500)
    return TEXTS[one.of]
