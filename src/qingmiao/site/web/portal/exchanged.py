"""The edition in SDMX: what the portal gives to statisticians' programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingmiao.sdmx import AreaCode, CodeNote, IndicatorCode, Observation, SdmxData, data_of, structure_of
from qingmiao.site.web.portal.publication import EditionInLanguage, PublicIndicator

FIVE_LINES = {
    "python": """# pip install "pysdmx[data,xml]"
from pysdmx.io import get_datasets
site = "ADDRESS"
table = get_datasets(site + "data/sdmx/data.xml", site + "data/sdmx/structure.xml")[0].data
print(table.loc[table["INDICATOR"] == "INDICATOR_CODE", ["REF_AREA", "TIME_PERIOD", "OBS_VALUE"]])""",
    "r": """site <- "ADDRESS"
table <- read.csv(paste0(site, "data/sdmx/data.csv"), fileEncoding = "UTF-8")
one <- subset(table, INDICATOR == "INDICATOR_CODE")
one$OBS_VALUE <- as.numeric(one$OBS_VALUE)
print(one)""",
}
"""What the page of downloads shows; ADDRESS is where the portal stands ("https://…/portal/") or a folder with "/"."""


def sdmx_of(editions: Mapping[str, EditionInLanguage]) -> SdmxData:
    """The newest edition as data of SDMX, names in both languages."""
    zh, en = editions["zh"], editions["en"]
    indicators = [_code(i, en.indicators[i.id]) for i in zh.indicators.values()]
    towns = {t.code: t.name for i in zh.indicators.values() for t in i.towns}
    areas = [AreaCode(zh.code, zh.county), *(AreaCode(code, name) for code, name in sorted(towns.items()))]
    structure = structure_of(areas[0], zh.number, indicators, areas)
    return data_of(
        structure, indicators, _observations(zh), edition=zh.number, prepared=zh.released_at, is_test=zh.is_demo
    )  # fmt: skip


def five_lines(e: EditionInLanguage) -> dict[str, str]:
    """The lines with a code that is there."""
    first = next((i.replace(".", "-") for i in e.indicators), "")
    return {language: lines.replace("INDICATOR_CODE", first) for language, lines in FIVE_LINES.items()}


def _code(zh: PublicIndicator, en: PublicIndicator) -> IndicatorCode:
    notes = tuple(
        CodeNote(a.type, a.code, str(a.label), "" if b.label.chinese else str(b.label))
        for a, b in zip(zh.matches, en.matches, strict=True)
    )
    english = "" if en.label.chinese else str(en.label)
    return IndicatorCode(zh.id, str(zh.label), english, zh.unit, zh.formula, notes)


def _observations(e: EditionInLanguage) -> Iterator[Observation]:
    for i in e.indicators.values():
        for code, years in ((e.code, i.years), *((t.code, t.years) for t in i.towns)):
            for y in years:
                yield Observation(
                    i.id, code, y.year, y.value, y.numerator, y.denominator, y.version, y.year in i.breaks
                )  # fmt: skip
