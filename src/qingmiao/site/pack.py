"""The county's pack, loaded once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from qingmiao.collect.areas import AreaColumns
from qingmiao.content import load_pack
from qingmiao.content.pack import Pack


@cache
def _loaded(root: Path) -> Pack:
    return load_pack(root)


@cache
def _areas(root: Path) -> AreaColumns:
    return AreaColumns(_loaded(root))


def pack() -> Pack:
    """The pack that the settings name. A changed pack counts after a restart, as one version for all processes."""
    return _loaded(settings.ENVIRONMENT.pack)


def area_columns() -> AreaColumns:
    """The pack's areas as columns."""
    return _areas(settings.ENVIRONMENT.pack)


def forget() -> None:
    """Load anew when it is next asked for (for tests)."""
    _loaded.cache_clear()
    _areas.cache_clear()
