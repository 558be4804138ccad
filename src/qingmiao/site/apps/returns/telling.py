"""What a unit's people are told of a return's steps."""

from __future__ import annotations

from collections.abc import Iterable

from qingmiao.site.apps.directory.access import Doing
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.returns import pack_returns
from qingmiao.site.apps.returns.models import Filing


def tell(filing: Filing, doing: Doing, roles: Iterable[str], sentence: str) -> int:
    """Tell whoever holds one of the roles at the return's unit; how many were told.

    `sentence`: Chinese, with {name} for the return's name, period and area.
    """
    return_ = pack_returns.pack().returns.get(filing.return_id)
    name = (
        f"《{return_.label.zh}》（{pack_returns.period_name(return_, filing.year)}）"
        if return_ is not None
        else filing.return_id
    )
    told = notices.NoticeText(
        f"returns.{doing.step.name}",
        sentence.format(name=f"{pack_returns.area_name(filing.area_id)}{name}"),
        f"/returns/{filing.pk}",
        f"filing {filing.pk} {filing.revision}",
    )
    return notices.tell(notices.of_unit(filing.unit_id, roles), told, by=doing.person)
