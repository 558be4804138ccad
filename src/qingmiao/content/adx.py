"""Data sets of DHIS2 (`adx/`): which of its data elements is which side of which indicator of ours.

The codes are those of one DHIS2, so a county writes them; nothing is shipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, Name
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault

Code = Annotated[str, Field(min_length=1, max_length=50)]


class AdxElement(Content):
    """A data element: its code in DHIS2, the indicator, and which number of it. Rates are made there, of counts."""

    element: Code
    indicator: Id
    side: Literal["numerator", "denominator"]


class AdxSet(Content):
    """A data set of DHIS2. `areas`: our area code → its organisation unit; an area that is not named is not sent."""

    id: Name
    label: Label
    data_set: Code
    areas: Annotated[Mapping[str, Code], Field(min_length=1)]
    elements: Annotated[tuple[AdxElement, ...], Field(min_length=1)]
    note: str = ""

    @model_validator(mode="after")
    def _once(self) -> Self:
        codes = [e.element for e in self.elements]
        if twice := sorted({c for c in codes if codes.count(c) > 1}):
            raise ValueError(f"数据元代码重复：{'、'.join(twice)}")
        units = list(self.areas.values())
        if again := sorted({u for u in units if units.count(u) > 1}):
            raise ValueError(f"两个地区对应同一个机构：{'、'.join(again)}")
        return self


def check_adx(pack: Pack) -> Iterator[Fault]:
    """Every indicator and area that a data set names is there; the indicators of one data set share a period."""
    for id_, one in pack.entries("adx", AdxSet).items():
        for n, element in enumerate(one.elements):
            if element.indicator not in pack.indicators and unknown(pack, pack.indicators, element.indicator):
                at: tuple[str | int, ...] = ("elements", n, "indicator")
                hint = near(element.indicator, pack.indicators)
                yield fault_at(pack, "adx", id_, "dangling_id", f"没有指标「{element.indicator}」", hint, at=at)
        for area in one.areas:
            if area not in pack.areas and unknown(pack, pack.areas, area):
                why, hint = f"没有地区「{area}」", near(area, pack.areas)
                yield fault_at(pack, "adx", id_, "dangling_id", why, hint, at=("areas", area))
        periods = {pack.indicators[e.indicator].period for e in one.elements if e.indicator in pack.indicators}
        if len(periods) > 1:
            hint = "分成几个数据集"
            yield fault_at(pack, "adx", id_, "periods", "一个数据集里的指标统计年度要相同", hint, at=("elements",))
