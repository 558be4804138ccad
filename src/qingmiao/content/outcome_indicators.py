"""From the outcomes of programmes to ordinary indicators of the daily work."""

from __future__ import annotations

from collections.abc import Mapping

from qingmiao.content.base import EvidenceMark
from qingmiao.content.indicators import Indicator
from qingmiao.content.outcomes import outcome_indicator
from qingmiao.content.pack import EntryPlace
from qingmiao.content.programmes import Programme
from qingmiao.kernel.errors import Fault

OF_DAILY_WORK = "日常办理的指标，由个案得出；规划没有要求，也没有目标值"


def add_indicators(
    indicators: dict[str, Indicator], programmes: Mapping[str, Programme], places: dict[tuple[str, str], EntryPlace]
) -> list[Fault]:
    """Add the indicator of each outcome of each programme; `places` gains where they stand. A fault for each whose id
    another indicator has."""
    found: list[Fault] = []
    for id_, one in programmes.items():
        source = one.source.model_copy(update={"evidence": EvidenceMark.PROPOSAL, "note": OF_DAILY_WORK})
        where = places.get(("programmes", id_), EntryPlace(""))
        for n, outcome in enumerate(one.outcomes):
            made = outcome_indicator(id_, one.label, outcome, serves=one.serves, source=source)
            if made.id in indicators:
                other = places.get(("indicators", made.id), EntryPlace(""))
                message = f"指标编号「{made.id}」是服务项目的办理结果，不能另写一个指标"
                found.append(Fault(other.file, other.line, "duplicate_id", message, made.id, "换一个 id"))
                continue
            indicators[made.id] = made
            places.setdefault(("indicators", made.id), where.below("outcomes", n))
    return found
