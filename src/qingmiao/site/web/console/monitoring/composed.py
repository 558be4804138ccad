"""An indicator that is made of another's values: how, and of which values, so that its page never stands empty."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.content.indicators import Combine, Indicator
from qingmiao.kernel.periods import Period
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.web.console.monitoring.shown import Shown, code_label, shown
from qingmiao.site.web.ui.language import t


@dataclass(frozen=True)
class PartRow:
    """One value that goes into it: of which indicator, of which group or area."""

    indicator: Indicator
    group: str
    now: Shown
    before: Shown


def _combined(found: Indicator, year: int) -> Combine | None:
    definition = found.definition_for(year)
    return definition.combine if definition is not None else None


def made_how(state: LoadedRun, found: Indicator, year: int) -> str:
    """How it is made, in a sentence; empty for an indicator that is counted itself."""
    how = _combined(found, year)
    if how is None or how.of not in state.pack.indicators:
        return ""
    of = state.pack.indicators[how.of].label.zh
    words = {
        "difference": t("两组之差", "the difference of two groups"),
        "spread": t("最高与最低之差", "the highest minus the lowest"),
        "minimum": t("各组中的最低值", "the lowest of the groups"),
        "maximum": t("各组中的最高值", "the highest of the groups"),
    }
    return t(f"取“{of}”{words[how.op]}；缺一组即没有数值。", f"{words[how.op]} of {of}; no value where one is missing.")


def parts_of(state: LoadedRun, found: Indicator, area: str, year: int) -> list[PartRow]:
    """The values that it is made of in an area and year, also where one is missing; of groups in the order of their
    list.
    """
    how = _combined(found, year)
    base = state.pack.indicators.get(how.of) if how is not None else None
    if how is None or base is None:
        return []
    if how.by_level is not None:
        areas = state.pack.area_tree.under(area, how.by_level, Period(found.period, year).end)
        return [
            PartRow(base, a.name, shown(state, base.id, a.code, year), shown(state, base.id, a.code, year - 1))
            for a in areas
        ]
    name = how.by or ""
    measured = {c for (i, _, n, c) in state.store.series if (i, n) == (base.id, name)}
    listed = state.pack.code_list(base.id, name)
    codes = [c for c in (listed.codes if listed is not None else sorted(measured)) if c in measured]
    codes = [how.first, how.second] if how.first is not None and how.second is not None else codes
    return [
        PartRow(
            base,
            code_label(state.pack, name, code, base.id),
            shown(state, base.id, area, year, ((name, code),)),
            shown(state, base.id, area, year - 1, ((name, code),)),
        )
        for code in codes
    ]
