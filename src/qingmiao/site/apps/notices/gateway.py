"""Notices taken outside the site: by default a file each in a folder, whole, at least once.

An adapter (SMS, e-mail) of a county is a class with `take`; the setting `NOTICE_GATEWAY` names it. What it is given
holds no more than it needs: who it is for (the user name), one sentence, and a path of the site.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from qingmiao.kernel.whole_files import write_whole
from qingmiao.site.apps.notices.models import Notification

AT_ONCE = 200
"""Notices taken in one transaction."""


class Gateway(Protocol):
    """Takes one notice outside."""

    def take(self, number: int, to: str, subject: str, address: str) -> None:
        """Take one whole notice, or raise OSError: then it is offered again. The same number may come twice."""


class FileGateway:
    """The default: `notices/{number}.json` under the site's home, each appearing whole."""

    def take(self, number: int, to: str, subject: str, address: str) -> None:
        """Write the file beside its place and move it there."""
        said = {"number": number, "to": to, "subject": subject, "address": address}
        whole = json.dumps(said, ensure_ascii=False) + "\n"
        write_whole(Path(settings.HOME) / "notices" / f"{number}.json", whole.encode())


def send_waiting() -> int:
    """Offer every notice that was not taken yet to the gateway, oldest first; how many were taken.

    One that it does not take stays, and those after it: they are offered again at the next round.
    """
    gateway: Gateway = import_string(settings.NOTICE_GATEWAY)()
    taken = 0
    while True:
        with transaction.atomic():
            waiting = Notification.objects.filter(sent_at=None).select_related("to").order_by("pk")
            rows = list(waiting.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
            for row in rows:
                try:
                    gateway.take(row.pk, row.to.username, row.subject, row.address)
                except OSError:
                    return taken
                Notification.objects.filter(pk=row.pk).update(sent_at=timezone.now())
                taken += 1
        if len(rows) < AT_ONCE:
            return taken
