"""Structured logs: one JSON object a line on standard error, without personal data.

A message of an exception may hold what somebody typed, a row ("DETAIL: Key (name)=(…)") or a file's name; so of
exceptions only the kinds and the places in the code are written, with SQLSTATE and constraint where there are any.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

FIELDS = ("request", "method", "path", "status", "milliseconds", "person", "job", "task")
"""What a record may carry beside its message (`extra=`)."""

ABOUT_CODE = (ImportError, NameError)
"""Their messages name what stands in the code, nothing that anybody sent: they are written whole."""


class JsonLines(logging.Formatter):
    """One JSON object a record: at, level, logger, message, the known extra fields, the traceback without messages."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        request = line.get("request")
        if request is not None and not isinstance(request, str):  # Django's own records carry the request itself
            line |= {"request": str(getattr(request, "number", "")), "path": route(request)}
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=lambda thing: type(thing).__name__)


def route(request: Any) -> str:
    """The pattern of a request's address ("returns/<int:filing>"), never what stood in its place; "" for no page."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else ""


def told(error: BaseException) -> str:
    """The kinds of an exception and of those it came from, first cause last, each with its places in the code."""
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        places = [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(one.__traceback__)]
        parts.append("\n".join([kind(one), *places]))
        one = one.__cause__ or one.__context__
    return "\n".join(parts)


def kind(error: BaseException) -> str:
    """The class of an exception, with SQLSTATE and constraint of a database's."""
    state = getattr(error, "sqlstate", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    known = " ".join(str(part) for part in (state, constraint) if part)
    if isinstance(error, ABOUT_CODE):
        known = str(error)
    return f"{type(error).__module__}.{type(error).__qualname__}" + (f" ({known})" if known else "")


def _message(record: logging.LogRecord) -> str:
    """The message; exceptions among its arguments become their kinds, and Django's of a request loses the address."""
    if isinstance(record.msg, BaseException):
        return kind(record.msg)
    if record.name.startswith("django.") and hasattr(record, "status_code"):
        return f"status {record.status_code}"
    if isinstance(record.args, tuple):
        plain = tuple(kind(a) if isinstance(a, BaseException) else a for a in record.args)
        record = logging.makeLogRecord(record.__dict__ | {"args": plain})
    return record.getMessage()


def hear_uncaught() -> None:
    """What nothing catches, in the main thread or another, goes to the log like everything else."""

    def main(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        logging.getLogger("qingmiao").critical("the process ends by a fault", exc_info=error)

    def thread(given: threading.ExceptHookArgs) -> None:
        logging.getLogger("qingmiao").critical("a thread ends by a fault", exc_info=given.exc_value)

    sys.excepthook, threading.excepthook = main, thread


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "qingmiao": {"level": "INFO"},
        # What people send may stand in these warnings; the request has its line, faults have theirs.
        "django": {"level": "ERROR", "handlers": [], "propagate": True},
        "django.security": {"level": "CRITICAL"},
        "django.server": {"level": "ERROR", "handlers": [], "propagate": True},
        "procrastinate": {"level": "WARNING"},
    },
}
