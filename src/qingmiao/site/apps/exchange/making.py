"""A county's state out of its newest run: totals with what changed them last, returns, warnings."""

from __future__ import annotations

from qingmiao.exchange import CountyState, ExchangedFigure, ExchangedReturn, ExchangedWarning
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.apps.returns import api as returns


class NothingToSendError(UserError):
    """Nothing has been measured here."""


def county_state() -> CountyState:
    """What the site tells its superior, as of the newest run. Raises `NothingToSendError` before the first run."""
    run = monitoring.current()
    if run is None:
        raise NothingToSendError("还没有测算过，没有可以报送的数")
    due = (
        ExchangedReturn(s.return_id, s.area, s.year, s.due.isoformat(), s.received.isoformat() if s.received else "")
        for s in run.run.statuses
    )
    warned = (
        ExchangedWarning(w.key, w.kind, w.severity, w.indicator, w.area, w.year or 0, w.told, w.first_at.isoformat())
        for w in monitoring.warnings()
    )
    return CountyState.made(run.root, run.pack.digest, _figures(run), due, warned)


def _figures(run: LoadedRun) -> list[ExchangedFigure]:
    changes = monitoring.figure_changes()
    corrected = returns.correction_reasons({one for change in changes.values() for one in change.taken})
    found = []
    for (indicator, area, dimension, _), series in run.store.series.items():
        if dimension or area not in run.pack.areas:
            continue
        for point in series.points:
            change = changes.get((indicator, area, point.year))
            why = "" if change is None else change.reason
            if change is not None:
                written = dict.fromkeys(corrected[one] for one in change.taken if one in corrected)
                why += "".join(f"；更正的理由：{reason}" for reason in written)
            text = run.text(indicator, area, point.year)
            definition = run.pack.indicators[indicator].definition_for(point.year)
            version = 0 if definition is None else definition.version
            if text or point.numerator is not None:
                found.append(
                    ExchangedFigure(
                        indicator, area, point.year, text, point.numerator, point.denominator, version, why[:500]
                    )
                )
    return found
