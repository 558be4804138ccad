"""The chain's arithmetic: what a row's hash is made of. Pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

START = "0" * 64
"""The hash before the first row."""
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def row_hash(
    *, number: int, at: datetime, actor: str, unit: str, action: str, object_type: str, object_id: str,
    detail: Mapping[str, Any], previous: str, id: int | None = None, sealed_at: datetime | None = None,
) -> str:  # fmt: skip
    """SHA-256 (hex) over the canonical JSON of the row; times in UTC with microseconds.

    A row that was chained as it was written (before decision 0010) has no `sealed_at`, and its hash covers neither that
    nor `id`.
    """
    row = [number, _utc(at), actor, unit, action, object_type, object_id, detail, previous]
    if sealed_at is not None:
        row += [id, _utc(sealed_at)]
    return hashlib.sha256(_CANONICAL.encode(row).encode("utf-8")).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
