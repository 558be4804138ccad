"""The child's side of `children`: reads requests, calls functions, answers; ends with its input or after idle
seconds."""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import logging
import os
import select
import sys
from typing import Any

from qingmiao.kernel.errors import UserError

log = logging.getLogger("qingmiao.child")


def main() -> int:
    """`python -m qingmiao.site.child --line=NAME --stay=SECONDS`: serve requests from standard input."""
    stay = float(sys.argv[2].partition("=")[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not between the answers
    from qingmiao.site.config import process

    process.without_pandas()
    process.set_up()
    while asked := os.read(0, 2**20) if not stay or select.select([0], [], [], stay)[0] else b"":
        request: dict[str, Any] = json.loads(asked)
        print(json.dumps({"error": answer(request["do"], request["with"])}), file=answers, flush=True)
        if not stay:
            break
        _give_back()
    return 0


def answer(function: str, arguments: dict[str, Any]) -> str:
    """Call `module:function`; the empty text when it returned, else in Chinese why not."""
    from django.db import close_old_connections

    module, _, name = function.partition(":")
    close_old_connections()
    try:
        getattr(importlib.import_module(module), name)(**arguments)
    except UserError as e:
        return str(e)
    except Exception as e:  # the worker's job records it; the log has the whole of it
        log.exception("%s failed", function)
        return f"程序出错（{type(e).__name__}），详情见站点日志；请把日志交给维护人员"
    finally:
        close_old_connections()
    return ""


def _give_back() -> None:
    """Return to the system what a finished job no longer needs."""
    gc.collect()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    raise SystemExit(main())
