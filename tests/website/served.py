"""The demonstration site as a process of its own: its command and its environment, for tests and benchmarks."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from website.small_county import ROOT


def command(home: Path, data: Path, port: int, pack: Path = ROOT / "content" / "xiangning") -> list[str]:
    """`qingmiao serve --demo` of a home, on made-up data and a pack: the county's, where no other is named."""
    return [
        sys.executable, "-m", "qingmiao.cli", "serve", "--demo", "--home", str(home),
        "--pack", str(pack), "--data", str(data), "--port", str(port),
    ]  # fmt: skip


def surroundings(**own: str) -> dict[str, str]:
    """The environment without what the caller's has of a site, and `own` settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("QINGMIAO", "DJANGO", "DATABASE"))} | own


@contextmanager
def own_database(name: str, *, writers: int = 0) -> Iterator[Path]:
    """A home (its folder is given) and a migrated database of its own in this process, with Django set up over them;
    both are gone afterwards.

    Whatever database and home the caller's environment names are left alone. `writers`: so many connections at once,
    and none of them from a pool.
    """
    home = Path(tempfile.mkdtemp(prefix=f"qingmiao-{name}-"))
    os.environ |= {
        "QINGMIAO_HOME": str(home), "QINGMIAO_MODE": "test", "DJANGO_SETTINGS_MODULE": "qingmiao.site.config.settings",
    }  # fmt: skip
    os.environ.setdefault("QINGMIAO_PACK", str(ROOT / "content" / "xiangning"))
    os.environ.pop("DATABASE_URL", None)
    from qingmiao.site.config import environment, postgres, process

    try:
        with process.database(environment.read(), new=True) as kept:
            if writers:
                with psycopg.connect(kept.url, autocommit=True) as connection:
                    connection.execute(f"ALTER SYSTEM SET max_connections = {writers + 50}")  # type: ignore[arg-type]
                postgres.stop(kept.folder)
                postgres.start(kept.folder)
            process.set_up()
            from django.conf import settings
            from django.db import connections

            if writers:
                settings.DATABASES["default"]["OPTIONS"] = {}
            process.structure()
            connections.close_all()  # a fork would share it
            yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def benchmark(name: str) -> Any:
    """Another benchmark, by its file: `site` is one of Python's own modules too."""
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
