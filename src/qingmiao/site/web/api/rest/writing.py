"""A write is done once: the caller's own id of it, and the answer to a second arrival."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from qingmiao.site.apps.directory.api import operations
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.problems import RestError
from qingmiao.site.web.api.rest.shapes import WrittenShape


def once(request: HttpRequest, operation: str, act: Callable[[], str]) -> WrittenShape:
    """Do a write that gives the address of what it made or changed, unless it was done before under this id.

    The write and the note of it are one transaction: of two at once the second waits, a refused one leaves nothing.
    RestError where the id belongs to a write that said something else.
    """
    who = bearer(request).reach.person
    key = _hash(json.dumps([who.pk, request.method, request.path, operation]).encode())
    said = _hash(request.body)
    with transaction.atomic():
        earlier = operations.begin(who, key, now=timezone.now())
        if earlier:
            before, _, href = earlier.partition(" ")
            if before != said:
                raise RestError(422, "这个 X-Operation-Id 已经用于内容不同的写入，请换一个新的编号")
            return WrittenShape(href=href, again=True)
        href = act()
        operations.end(key, f"{said} {href}")
    return WrittenShape(href=href, again=False)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
