"""The child's side of `children`: reads requests, calls functions, answers; ends with its input or after idle
seconds.

A child that stays has loaded what its line needs and does each job in a process of its own, forked from it: the job
begins at once, and all that it took is given back when it ends.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import select
import signal
import sys
from typing import Any

from qingmiao.kernel.errors import UserError
from qingmiao.site.parenthood import die_with

log = logging.getLogger("qingmiao.child")


def main() -> int:
    """`python -m qingmiao.site.child --line=NAME --stay=SECONDS [--warm=module:function]`: serve requests from standard
    input. `warm` loads what jobs need; it must open no connection and start no thread."""
    given = dict(word.lstrip("-").split("=", 1) for word in sys.argv[1:])
    stay = float(given["stay"])
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints goes to the log, not between the answers
    from qingmiao.site.config import process

    process.without_pandas()
    process.set_up()
    if given.get("warm"):
        _function(given["warm"])()
    if not stay:
        if asked := os.read(0, 2**20):
            _do(asked, answers)
        return 0
    gc.collect()
    gc.freeze()  # the jobs' own collections shall not write into pages that they share with this process
    while select.select([0], [], [], stay)[0] and (asked := os.read(0, 2**20)):
        _forked(asked, answers)
    return 0


def _forked(asked: bytes, answers: int) -> None:
    """Do one job in a process of its own. However that one dies, this one ends the same way, so that the worker tells
    it."""
    parent = os.getpid()
    job = os.fork()
    if not job:
        try:
            die_with(parent, signal.SIGKILL)
            _do(asked, answers)
            logging.shutdown()
        except BaseException:
            log.exception("a job could not be answered")
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(parent, -code)
    if code:
        os._exit(code)


def _do(asked: bytes, answers: int) -> None:
    request: dict[str, Any] = json.loads(asked)
    os.write(answers, json.dumps({"error": answer(request["do"], request["with"])}).encode() + b"\n")


def _function(name: str) -> Any:
    """`module:function`, whatever it takes and gives."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def answer(function: str, arguments: dict[str, Any]) -> str:
    """Call `module:function`; the empty text when it returned, else in Chinese why not."""
    from django.db import close_old_connections

    close_old_connections()
    try:
        _function(function)(**arguments)
    except UserError as e:
        return str(e)
    except Exception as e:  # the worker's job records it; the log has the whole of it
        log.exception("%s failed", function)
        return f"程序出错（{type(e).__name__}），详情见站点日志；请把日志交给维护人员"
    finally:
        close_old_connections()
    return ""


if __name__ == "__main__":
    raise SystemExit(main())
