"""The home of a site and its database, for whichever process works on them: locks, the embedded server, Django."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import blank, postgres
from qingmiao.site.config.environment import Environment, accounts_file

SELDOM = (100_000, 20, 20)
"""After how many new objects a heavy process looks for cycles; Python's own 700 are for programs with few objects."""


class database:  # noqa: N801 - a context manager used like a function
    """The embedded server while the block runs, or nothing where DATABASE_URL names another.

    It is stopped at the end only by whom started it; `own=True` (the site itself) also takes over one that an earlier,
    killed site left running. Only the site itself and `new=True` make one where there is none: anybody else has
    mistaken the folder (UserError). `begin`: how the folder of a new server is filled (`postgres.start`).
    """

    def __init__(
        self,
        environment: Environment,
        *,
        own: bool = False,
        new: bool = False,
        say: Callable[[str], None] = lambda _: None,
        begin: Callable[[Path], bool] | None = blank.begin,
    ) -> None:
        self.home = environment.home
        self.folder = environment.home / "postgres"
        self.url = environment.database_url
        """The address of the database; of the embedded one once the block has begun."""
        self.embedded = not self.url
        self.own = own
        self.new = new or own
        self.say = say
        self.begin = begin

    def __enter__(self) -> database:
        if self.embedded:
            running = postgres.is_running(self.folder)
            if not (running or self.new or postgres.is_made(self.folder)):
                raise UserError(
                    f"{self.home} 里没有站点：还没有启动过（qingmiao serve），或者文件夹写错了（--home 或 QINGMIAO_HOME）"
                )
            self.own = self.own or not running
            if not running:
                self.say(f"启动自带的 PostgreSQL（{self.folder}）")
            self.url = postgres.start(self.folder, self.begin).url
        else:
            _reach(self.url)
        if (self.home / "restore.json").exists():
            from qingmiao.site.config import restore

            restore.finish(self.url, self.home, say=self.say)
        return self

    def __exit__(self, *_: object) -> None:
        _close_connections()
        if self.embedded and self.own:
            postgres.stop(self.folder)


def require_running(environment: Environment) -> None:
    """UserError unless the site's database takes connections already, whoever runs it."""
    if environment.database_url:
        _reach(environment.database_url)
    elif not postgres.is_running(environment.home / "postgres"):
        raise UserError(
            f"{environment.home} 的数据库没有在运行：先启动站点（qingmiao serve 已经带着后台任务）；"
            "数据库在别处的，用 DATABASE_URL 指明"
        )


def _reach(url: str) -> None:
    """UserError, without the password, when the database of DATABASE_URL takes no connection."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=10):
            return
    except psycopg.Error as e:
        raise UserError(
            f"数据库连不上（DATABASE_URL）：{e}。检查地址、账号和口令，确认数据库在运行，再试一次"
        ) from None


class one_site:  # noqa: N801 - a context manager used like a function
    """The lock of a home folder: one site at a time; a killed site gives it back by itself."""

    def __init__(self, environment: Environment) -> None:
        self.path = environment.home / "site.lock"

    def __enter__(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file = self.path.open("a")
        except OSError as e:
            raise UserError(
                f"站点文件夹 {self.path.parent} 不能写（{e.strerror}）；检查文件夹的权限、磁盘是不是满了或只读，再启动"
            ) from None
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise UserError(f"{self.path.parent} 已经有一个站点在运行；先停下它，或用 --home 换一个文件夹") from None

    def __exit__(self, *_: object) -> None:
        self.file.close()


def forget(environment: Environment) -> None:
    """Delete a demonstration site: server, files, accounts. UserError for any other site, or a running one."""
    if environment.mode != "demo":
        raise UserError("只有演示站点可以这样清空")
    with one_site(environment):
        if not environment.database_url:
            postgres.remove(environment.home / "postgres")
        shutil.rmtree(environment.home)
    accounts_file(environment).unlink(missing_ok=True)


def set_up(settings: str = "settings") -> None:
    """Load Django once; afterwards its models can be imported. Which settings (a module here) no child inherits."""
    import django
    from django.conf import settings as loaded

    from qingmiao.site.config.logging import hear_uncaught

    given = os.environ.get("DJANGO_SETTINGS_MODULE")
    os.environ["DJANGO_SETTINGS_MODULE"] = given or f"qingmiao.site.config.{settings}"
    try:
        assert loaded.SETTINGS_MODULE
        django.setup()
    finally:
        if given is None:
            del os.environ["DJANGO_SETTINGS_MODULE"]
    hear_uncaught()


def heavy() -> None:
    """A process that works much and soon ends: see `SELDOM` (it costs some 20 MB), and `without_pandas`."""
    gc.set_threshold(*SELDOM)
    without_pandas()


def without_pandas() -> None:
    """Before anything is loaded: Arrow shall not load pandas, which the site never uses, where it happens to be there.

    At the first value that it is given Arrow looks for pandas, once, only to know its frames by sight; that costs 40 MB
    and half a second.
    """
    if "pandas" in sys.modules:
        return
    hidden = _Hidden("pandas")
    sys.meta_path.insert(0, hidden)
    try:
        import pyarrow as pa

        pa.scalar(0)
    finally:
        sys.meta_path.remove(hidden)


class _Hidden:
    """Says of one module that it is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """See `importlib.abc.MetaPathFinder`: None leaves all others to those that really look."""
        if name == self._name:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def migrate() -> None:
    """Bring the database's tables to this version, and collect the static files."""
    structure()
    _collect_static()


def structure() -> None:
    """Bring the database's tables to this version; where no migration is missing there is nothing to do."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    else:
        from qingmiao.site.apps.shelf import api as shelf

        shelf.grant()  # a database that was restored or moved has no role of its own yet


def _collect_static() -> None:
    """Collect the static files when they are not those of the last time (names, sizes, times)."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    found = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            found.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    digest = hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
    mark = Path(settings.STATIC_ROOT) / ".collected"
    if mark.exists() and mark.read_text("ascii") == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    mark.write_text(digest, "ascii")


def _close_connections() -> None:
    if "django" in sys.modules:
        from django.apps import apps

        if not apps.ready:
            return
        from django.db import connections

        for connection in connections.all(initialized_only=True):
            connection.close()
            getattr(connection, "close_pool", lambda: None)()
