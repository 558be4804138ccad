"""Commands that work in a site's database: which site, opened and of the present structure."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

home_option: Callable[[Any], Any] = click.option(
    "--home", type=click.Path(exists=True, file_okay=False, path_type=Path), help="站点的文件夹（默认 var/site）"
)
"""Which site a command works in."""


@contextmanager
def open_site(home: Path | None = None) -> Iterator[None]:
    """Django and the database of a site, for what is done inside. Raises UserError for a site of an older structure."""
    if home is not None:
        os.environ["QINGMIAO_HOME"] = str(home.resolve())
    from qingmiao.site.config import environment, process

    with process.database(environment.read()):
        process.set_up()
        require_present_structure()
        yield


def require_present_structure() -> None:
    """UserError when the site has not been started since it was updated (Django is set up)."""
    from django.db import ProgrammingError

    from qingmiao.kernel.errors import UserError
    from qingmiao.site.apps.audit import api as audit

    try:
        audit.unsealed()
    except ProgrammingError:
        raise UserError(
            "数据库的结构还是旧版本的，或者还没有建立；先启动一次站点（qingmiao serve 会更新结构），再做这一步"
        ) from None
