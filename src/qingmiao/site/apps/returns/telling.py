"""What a unit's people are told of a return's steps."""

from __future__ import annotations

from collections.abc import Iterable

from qingmiao.site.apps.directory.access import Doing
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.returns import forms
from qingmiao.site.apps.returns.models import Filing


def tell(filing: Filing, doing: Doing, roles: Iterable[str], sentence: str) -> int:
    """Tell whoever holds one of the roles at the return's unit; how many were told.

    `sentence`: Chinese, with {form} for the return's name, period and area.
    """
    form = forms.pack().returns.get(filing.form)
    name = f"《{form.label.zh}》（{forms.period_name(form, filing.year)}）" if form is not None else filing.form
    told = notices.NoticeText(
        f"returns.{doing.step.name}",
        sentence.format(form=f"{forms.area_name(filing.area_id)}{name}"),
        f"/returns/{filing.pk}",
        f"filing {filing.pk} {filing.revision}",
    )
    return notices.tell(notices.of_unit(filing.unit_id, roles), told, by=doing.person)
