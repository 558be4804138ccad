"""Before the servers start, in processes that end: the database's structure and the first loading (decision 0019).

`python -m qingmiao.site.prepare [DATA]`, with the site's environment. At a first start the data are read in this
process while another makes the structure and the accounts: neither needs what the other makes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import environment, process
from qingmiao.site.config.environment import Environment
from qingmiao.site.config.parts import Parts
from qingmiao.site.parenthood import die_with


class Beside:
    """Work in a forked process, from when it is made until `join`; fork before threads and connections are there."""

    def __init__(self, work: Callable[[], int]) -> None:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if not self._pid:
            code = 1
            try:
                die_with(parent)
                code = work()
            except BaseException:  # never back into the parent's code, whatever it was; the log has the whole of it
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(code)

    def join(self) -> int:
        """Wait for its end: its exit code, negative when a signal ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def main() -> int:
    """0 when the site is ready to start; 2 when it has said in Chinese why not."""
    parts = Parts(lambda text: print(f"[青苗] {text}", file=sys.stderr, flush=True))
    return said(lambda: _prepare(environment.read(), Path(sys.argv[1]) if sys.argv[1:] else None, parts))


def said(work: Callable[[], int]) -> int:
    """The exit code of work; 2, and its reason in Chinese on standard error, where it raised a UserError."""
    try:
        return work()
    except UserError as e:
        print(f"错误：{e}", file=sys.stderr, flush=True)
        return 2


def _prepare(settings: Environment, data: Path | None, parts: Parts) -> int:
    process.heavy()
    process.set_up()
    from qingmiao.site import first_start, pack
    from qingmiao.site.apps.audit import api as audit

    def structure() -> None:
        parts.begin("更新数据库结构")
        process.migrate()
        first_start.people(settings, parts=parts)

    def aside() -> int:
        structure()
        parts.summary()
        return 0

    pack.pack()  # read once, for both
    collected = None
    if data is not None and not (settings.home / "runs").exists():
        beside = Beside(lambda: said(aside))
        try:
            collected = first_start.read(settings, data, parts=parts)
        finally:
            code = beside.join()
        if code < 0:
            raise UserError(
                f"更新数据库结构时进程被终止（信号 {-code}，多半是内存不足）；关闭别的程序或增加内存后再启动"
            )
        if code:
            return code
    else:
        structure()
    first_start.load(settings, data=data, collected=collected, parts=parts)
    # From the first start on there is an anchor: a missing file is never a matter of being new.
    audit.seal()
    audit.anchor(settings.home / audit.ANCHORS)
    parts.summary()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
