"""Somebody forgot a password: the administrators who reset it are told, once a day for each account."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.notices.telling import NoticeText, tell


def ask_reset(username: str, *, address: str, now: datetime) -> None:
    """Tell the administrators that somebody asks for a new password; nothing where there is no such account in use.

    Who asked is never told which. Raises WaitError where too many requests came from the address.
    """
    directory.may_ask_for_reset(address, now=now)
    with transaction.atomic():
        person, administrators = directory.who_resets(username) if username.isprintable() else (None, [])
        detail = {"known": person is not None}
        audit.append(audit.ANONYMOUS, "directory.password.forgotten", object_type="person" if person else "",
            object_id=person.username if person else "", detail=detail)  # fmt: skip
        if person is None:
            return
        unit = person.organisation.label
        told = NoticeText(
            "directory.password.forgotten",
            f"{unit} {person.name}（{person.username}）申请重置口令，请核实本人身份后办理",
            f"/people/{person.username}",
            f"person {person.pk}",
        )
        tell(administrators, told)
