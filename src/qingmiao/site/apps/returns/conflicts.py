"""Somebody else was first: said with who and when."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.returns.models import Filing
from qingmiao.site.apps.returns.workflow import State


class ConflictError(UserError):
    """The return is not what the person saw: `who` did something at `when`, and it is now in `state`."""

    def __init__(self, filing: Filing) -> None:
        self.who = filing.moved_by.name if filing.moved_by else "系统"
        self.when: datetime = filing.moved_at
        self.state = State(filing.state)
        at = timezone.localtime(self.when)
        super().__init__(
            f"{self.who} 已在 {at:%Y-%m-%d %H:%M:%S} 处理了这张表（现在：{self.state.zh}，第 {filing.version} 版）。请刷新后再看。"
        )


class NotAllowedError(UserError):
    """What was asked is not possible now; the message says why."""
