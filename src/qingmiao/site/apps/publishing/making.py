"""Making and finishing an edition, in a child. Each may run again after a kill: it goes on from the edition's state."""

from __future__ import annotations

import logging

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.publishing.editions import move
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.workflow import EditionState
from qingmiao.site.apps.publishing.writing import render, with_public

log = logging.getLogger("qingmiao.publishing")


def _told(number: int, what: str, done: int, of: int) -> None:
    Edition.objects.filter(pk=number).update(progress=what[:60], done=done, of=of)


def make(edition: int) -> None:
    """Resolve every number and write the draft's files."""
    found = Edition.objects.get(pk=edition)
    if found.state != EditionState.MAKING:
        return
    try:
        _told(edition, "核对数字", 0, 1)
        folder, files = render(found, progress=lambda what, done, of: _told(edition, what, done, of))
    except UserError as e:
        log.warning("edition %s not made", edition)
        move(audit.SYSTEM, found, "fail", version=found.version, note=str(e))
        return
    move(
        audit.SYSTEM,
        found,
        "made",
        version=found.version,
        folder=folder,
        files=files,
    )


def prepare(edition: int) -> None:
    """Write the final files of an edition that was handed in: what the second person reads is what is released."""
    found = Edition.objects.get(pk=edition)
    if found.state != EditionState.PREPARING:
        return
    try:
        folder, files = render(found, progress=lambda what, done, of: _told(edition, what, done, of))
        files |= with_public(found, folder)
    except UserError as e:
        move(audit.SYSTEM, found, "break", version=found.version, note=str(e))
        return
    move(
        audit.SYSTEM,
        found,
        "prepared",
        version=found.version,
        folder=folder,
        files=files,
    )


def gave_up(edition: int, why: str) -> None:
    """The child of `make` or `prepare` came to no end: the edition says why and can be tried again."""
    found = Edition.objects.get(pk=edition)
    step = {EditionState.MAKING: "fail", EditionState.PREPARING: "break"}.get(EditionState(found.state))
    if step is not None:
        move(audit.SYSTEM, found, step, version=found.version, note=why)
