"""The pack's purposes, as this app asks for them: for what somebody with some roles reads files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from qingmiao.content.purposes import Purpose, purposes_of
from qingmiao.content.records import Subject
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.permissions import Reach


def every() -> dict[str, Purpose]:
    """Every purpose by id, in the pack's order."""
    return purposes_of(site_pack.pack())


def of_roles(roles: Iterable[str], subject: Subject = "child") -> tuple[Purpose, ...]:
    """The purposes of the daily work of somebody with these roles."""
    held = set(roles)
    return tuple(p for p in every().values() if p.use == "work" and subject in p.of and held & set(p.roles))


def daily(reach: Reach, subject: Subject = "child") -> list[str]:
    """The purposes of law for which somebody works with files, by id: what a trail keeps with a list or a table."""
    mine = of_roles((g for h in reach.held for g in h.grants), subject)
    return [p.id for p in mine if p.basis == "law"]


def of_use(use: Literal["emergency", "request"]) -> Purpose:
    """The purpose of an urgent look, or of answering a guardian (`check` says that there is one)."""
    return next(p for p in every().values() if p.use == use)


def told(found: Iterable[Purpose], also: str = "") -> Mapping[str, Any]:
    """How a trail keeps purposes: in words for people, by id to be counted."""
    listed = tuple(found)
    words = [p.label.zh for p in listed] + ([also] if also else [])
    return {"purpose": "、".join(words), "purposes": [p.id for p in listed]}
