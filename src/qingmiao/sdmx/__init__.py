"""SDMX 3.0: structures, data as SDMX-CSV 2.0 and SDMX-ML 3.0, files of others checked, ADX for DHIS2; no database."""

from __future__ import annotations

from qingmiao.sdmx.adx import AdxGroup, as_adx
from qingmiao.sdmx.checking import SdmxFileError, check_csv, check_xml
from qingmiao.sdmx.data import as_csv, as_xml
from qingmiao.sdmx.model import CodeNote, SdmxCode, SdmxCodelist, SdmxComponent, SdmxData, SdmxStructure, WrongSdmxError
from qingmiao.sdmx.of_indicators import (
    SUPPRESSED,
    AreaCode,
    IndicatorCode,
    Observation,
    data_of,
    indicator_code,
    structure_of,
)
from qingmiao.sdmx.structures import as_structure_xml

__all__ = [
    "SUPPRESSED",
    "AdxGroup",
    "AreaCode",
    "CodeNote",
    "IndicatorCode",
    "Observation",
    "SdmxCode",
    "SdmxCodelist",
    "SdmxComponent",
    "SdmxData",
    "SdmxFileError",
    "SdmxStructure",
    "WrongSdmxError",
    "as_adx",
    "as_csv",
    "as_structure_xml",
    "as_xml",
    "check_csv",
    "check_xml",
    "data_of",
    "indicator_code",
    "structure_of",
]  # fmt: skip
