"""Is it possible now? By the return's state, its figures and who did the step before."""

from __future__ import annotations

from datetime import date

from qingmiao.flow import Who
from qingmiao.kernel.deadlines import days_overdue
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.returns.models import Dunning, Filing, Version
from qingmiao.site.apps.returns.sheet import Returned, Sheet
from qingmiao.site.apps.returns.workflow import EDITABLE, ReturnState

SHOWN = 5


def can_edit(filing: Returned) -> Decision:
    """Figures change only in a draft, or in a return that was sent back."""
    if filing.state in EDITABLE:
        return YES
    return no(f"这张表{ReturnState(filing.state).label}，不能再改；要改先退回或更正")


def can_submit(sheet: Sheet) -> Decision:
    """No error rule broken, every broken query rule really explained, no cell empty without a word."""
    if not any(v is not None for v in sheet.values.values()):
        return no("整张表还是空的")
    blocking = sheet.blocking
    if not blocking:
        return YES
    told = [f"{m.rule} {m.message}" + (f"（{m.hint}）" if m.hint else "") for m in blocking[:SHOWN]]
    more = f"；另有 {len(blocking) - SHOWN} 处" if len(blocking) > SHOWN else ""
    return no("还不能上报：" + "；".join(told) + more)


def can_dun(filing: Filing, on: date) -> Decision:
    """Only what is overdue and was never submitted."""
    if filing.submitted_at is not None:
        return no("这张表已经上报过，不用催报")
    return YES if days_overdue(filing.due_date, on) > 0 else no(f"还没有到期（截止 {filing.due_date}），不用催报")


def can_dun_today(already: Dunning | None) -> Decision:
    """Once a day is enough."""
    if already is None:
        return YES
    who = already.by.name if already.by is not None else "系统"
    return no(f"今天已由{who}催报过；一张表一天只催一次")


def can_sign(version: Version, username: str) -> Decision:
    """Two people: who submitted does not sign."""
    by = version.submitted_by
    return no("上报人不能自己签发") if by is not None and by.username == username else YES


def can_abandon(filing: Filing, version: Version, who: Who) -> Decision:
    """Only a correction is withdrawn, by the unit that fills it in or by who began it."""
    if filing.accepted_version is None:
        return no("第一版还没有验收过，没有可以回到的数")
    began = version.begun_by is not None and version.begun_by.username == who.id
    return YES if began or "own_unit" in who.relations else no("更正由填报单位或开始更正的人撤回")


def can_accept(version: Version, username: str) -> Decision:
    """Who submitted or signed does not accept: a unit's figures are audited by somebody else."""
    names = {p.username for p in (version.submitted_by, version.signed_by) if p is not None}
    return no("上报或签发的人不能自己验收") if username in names else YES
