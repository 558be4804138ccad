"""Before the servers start, in processes that end: the database's structure and the first loading (decision 0019).

`python -m qingmiao.site.prepare [--tell=HANDLE] [DATA]`, with the site's environment. At a first start the data are
read in this process while another makes the structure and the accounts: neither needs what the other makes. The site
answers as soon as the figures stand; what people's files need is loaded while it does (decision 0039).
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import environment, preparation, process
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


class Teller:
    """Tells the site that started this process how far it is (`config/preparation.py`), if any did."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    def tell(self, mark: bytes) -> None:
        """One of the marks of `preparation`; a site that is gone hears nothing, and ends this process anyway."""
        if self._handle is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._handle, mark)


def main() -> int:
    """0 when all is loaded; 2 when it has said in Chinese why not."""
    parts = Parts(lambda text: print(f"[青苗] {text}", file=sys.stderr, flush=True))
    words = sys.argv[1:]
    handle = (
        int(words.pop(0).removeprefix(preparation.TELL))
        if words[:1] and words[0].startswith(preparation.TELL)
        else None
    )
    return said(lambda: _prepare(environment.read(), Path(words[0]) if words else None, parts, Teller(handle)))


def said(work: Callable[[], int]) -> int:
    """The exit code of work; 2, and its reason in Chinese on standard error, where it raised a UserError."""
    try:
        return work()
    except UserError as e:
        print(f"错误：{e}", file=sys.stderr, flush=True)
        return 2


def _prepare(settings: Environment, data: Path | None, parts: Parts, teller: Teller) -> int:
    process.heavy()
    process.set_up()
    from qingmiao.site import first_start, pack

    def structure() -> None:
        parts.begin("更新数据库结构")
        process.migrate()
        first_start.people(settings, parts=parts)
        first_start.begin(data=data)
        teller.tell(preparation.STRUCTURE)

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
    start = first_start.FirstStart(settings, data, parts, collected)
    collected = None
    more = start.figures()
    # From the first start on there is an anchor: a missing file is never a matter of being new.
    _anchored(settings)
    if more:
        teller.tell(preparation.ANSWERS)
        start.rest()
        _anchored(settings)
    teller.tell(preparation.WHOLE)
    parts.summary()
    return 0


def _anchored(settings: Environment) -> None:
    """What was written is sealed, and the chain's head stands outside the database."""
    from qingmiao.site.apps.audit import api as audit

    audit.seal()
    audit.anchor(settings.home / audit.ANCHORS)


if __name__ == "__main__":
    raise SystemExit(main())
