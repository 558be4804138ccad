"""The port of a site: chosen, and held from before the start to the end, so that two sites never share one.

The web server listens with SO_REUSEPORT: without the holding, a second site on the same port would start and silently
take half of the requests of the first.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from qingmiao.kernel.errors import UserError


@contextmanager
def hold(host: str, port: int) -> Iterator[None]:
    """While the block runs, only this user's web server can listen at `host` and `port`. UserError when it is taken."""
    try:
        family, kind, number, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise UserError(f"监听地址 {host} 认不出来；本机写 127.0.0.1，所有网卡写 0.0.0.0") from None
    with socket.socket(family, kind, number) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of before that are still closing
        try:
            held.bind(place)
        except OSError as e:
            raise UserError(_why(e, host, port)) from None
        # Only now: bound without it, this socket was alone; with it, the web server may listen beside it.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已经被别的程序占用（也许是另一个站点）；先停下它，或用 --port 换一个端口"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"没有权限监听端口 {port}（1024 以下要管理员权限）；用 --port 换一个，例如 8000"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"本机没有 {host} 这个地址；本机写 127.0.0.1，所有网卡写 0.0.0.0"
    return f"不能监听 {host} 端口 {port}：{error.strerror}"


def port_from_environment(default: int = 8000) -> int:
    """PORT, checked."""
    text = os.environ.get("PORT", "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 0 < int(text) < 65536:
        raise UserError(f"PORT={text[:20]!r} 不是端口号（1–65535）")
    return int(text)
