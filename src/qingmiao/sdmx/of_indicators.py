"""Our indicators as a structure of SDMX: frequency, area, indicator, year; the value with its counts and status.

What is not shown has no value and the status Q (CL_OBS_STATUS of the SDMX cross-domain code lists: "Missing value;
suppressed"); a year that is not comparable with the one before has B ("Time series break").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qingmiao.sdmx.model import CodeNote, SdmxCode, SdmxCodelist, SdmxComponent, SdmxData, SdmxStructure

NORMAL, BREAK, SUPPRESSED = "A", "B", "Q"
FREQ = SdmxCodelist("CL_FREQ", "频率", "Frequency", (SdmxCode("A", "年度", "Annual"),))
OBS_STATUS = SdmxCodelist("CL_OBS_STATUS", "观测值状态", "Observation status", (
    SdmxCode(NORMAL, "正常", "Normal value"), SdmxCode(BREAK, "口径有变，与上年不可比", "Time series break"),
    SdmxCode(SUPPRESSED, "为保护个人不显示", "Missing value; suppressed"),
))  # fmt: skip
COMPONENTS = (
    SdmxComponent("FREQ", "频率", "Frequency", "dimension", "CL_FREQ"),
    SdmxComponent("REF_AREA", "地区", "Reference area", "dimension", "CL_AREA"),
    SdmxComponent("INDICATOR", "指标", "Indicator", "dimension", "CL_INDICATOR"),
    SdmxComponent("TIME_PERIOD", "年度", "Time period", "time", type="ObservationalTimePeriod"),
    SdmxComponent("OBS_VALUE", "数值", "Observation value", "measure", type="Decimal", mandatory=False),
    SdmxComponent("OBS_STATUS", "观测值状态", "Observation status", "attribute", "CL_OBS_STATUS"),
    SdmxComponent("UNIT_MEASURE", "单位", "Unit of measure", "attribute", "CL_UNIT"),
    SdmxComponent("NUMERATOR", "分子", "Numerator", "attribute", type="Integer", mandatory=False),
    SdmxComponent("DENOMINATOR", "分母", "Denominator", "attribute", type="Integer", mandatory=False),
    SdmxComponent("DEFINITION_VERSION", "指标定义的版本", "Version of the definition", "attribute", type="Integer"),
    SdmxComponent("EDITION", "版次", "Edition", "attribute", type="Integer"),
)


@dataclass(frozen=True)
class IndicatorCode:
    """What the list of indicators says of one; `notes`: its codes in other frameworks."""

    id: str
    zh: str
    en: str
    unit: str
    formula: str
    notes: tuple[CodeNote, ...] = ()


@dataclass(frozen=True)
class AreaCode:
    """An area by its code of GB/T 2260."""

    code: str
    name: str


@dataclass(frozen=True)
class Observation:
    """A year of an indicator in an area; `value` "" where it is not shown."""

    indicator: str
    area: str
    year: int
    value: str
    numerator: int | None
    denominator: int | None
    version: int
    is_break: bool


def indicator_code(id_: str) -> str:
    """The code of an indicator: its id with "-" for "." (a code of SDMX has no point, an id of ours no dash)."""
    return id_.replace(".", "-")


def structure_of(
    county: AreaCode, edition: int, indicators: Sequence[IndicatorCode], areas: Sequence[AreaCode]
) -> SdmxStructure:
    """The structure of a county's edition; its minor version is the edition."""
    units = list(dict.fromkeys(i.unit for i in indicators))
    codes = tuple(
        SdmxCode(indicator_code(i.id), i.zh, i.en, i.formula, (CodeNote("QINGMIAO", i.id, i.zh), *i.notes))
        for i in indicators
    )
    lists = (
        FREQ,
        SdmxCodelist("CL_AREA", "地区（GB/T 2260）", "Areas", tuple(SdmxCode(a.code, a.name) for a in areas)),
        SdmxCodelist("CL_INDICATOR", "指标", "Indicators", codes),
        OBS_STATUS,
        SdmxCodelist("CL_UNIT", "单位", "Units", tuple(SdmxCode(f"U{n}", u) for n, u in enumerate(units, 1))),
    )
    title = f"{county.name}儿童发展监测指标"
    return SdmxStructure(
        f"QM{county.code}", f"1.{edition}.0", "CHILDREN", title, f"Children's development indicators, {county.code}",
        lists, COMPONENTS,
    )  # fmt: skip


def data_of(
    structure: SdmxStructure,
    indicators: Iterable[IndicatorCode],
    observations: Iterable[Observation],
    *,
    edition: int,
    prepared: datetime,
    is_test: bool,
) -> SdmxData:
    """The rows of an edition."""
    units = {code.zh: code.id for c in structure.codelists if c.id == "CL_UNIT" for code in c.codes}
    unit = {i.id: units[i.unit] for i in indicators}
    rows = tuple(
        {
            "FREQ": "A",
            "REF_AREA": o.area,
            "INDICATOR": indicator_code(o.indicator),
            "TIME_PERIOD": str(o.year),
            "OBS_VALUE": o.value,
            "OBS_STATUS": SUPPRESSED if not o.value else BREAK if o.is_break else NORMAL,
            "UNIT_MEASURE": unit[o.indicator],
            "NUMERATOR": "" if o.numerator is None else str(o.numerator),
            "DENOMINATOR": "" if o.denominator is None else str(o.denominator),
            "DEFINITION_VERSION": str(o.version),
            "EDITION": str(edition),
        }
        for o in observations
    )
    return SdmxData(structure, rows, prepared, is_test)
