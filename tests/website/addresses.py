"""All addresses of the site, and what the permission files say of each."""

from __future__ import annotations

from pathlib import Path

import yaml
from django.urls import URLPattern, URLResolver, get_resolver

MATRIX: dict[str, dict] = {}
for file in sorted((Path(__file__).parent / "permissions").glob("*.yaml")):
    for name, row in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
        assert name not in MATRIX, f"{name} stands in two files"
        MATRIX[name] = row


def patterns() -> list[URLPattern]:
    """All addresses of pages; those of interfaces for other programs (`interfaces`) are tried with tokens."""
    return [p for p in every() if not _for_programs(p)]


def interfaces() -> list[URLPattern]:
    """All addresses that another program calls with a token."""
    return [p for p in every() if _for_programs(p)]


def _for_programs(pattern: URLPattern) -> bool:
    return bool(getattr(getattr(pattern.callback, "access", None), "token", False))


def every(resolver: URLResolver | None = None) -> list[URLPattern]:
    """All addresses, whatever file of addresses they stand in; each has a name."""
    found: list[URLPattern] = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found += every(entry)
        else:
            assert entry.name, f"address {entry.pattern} has no name"
            found.append(entry)
    return found
