"""``qingmiao sdmx``: a pack and a published table in, files out; files of others checked; ADX for DHIS2."""

from __future__ import annotations

import csv
import io
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qingmiao.cli import main

PACKS = Path(__file__).parents[3] / "content"
COLUMNS = "indicator,area,area_name,year,value,unit,numerator,denominator,obs_status,definition_version,edition"
ROWS = (
    "health.imr,141029,乡宁县,2023,3.1,‰,15,4800,A,1,4\n"
    "health.imr,141029100,昌宁镇,2023,,‰,,480,Q,1,4\n"
    "health.imr,141029,乡宁县,2022,3.4,‰,15,4405,A,1,4\n"
)
ADX = """id: mch
label: {zh: 妇幼年报, en: MCH yearly}
data_set: MCH_YEARLY
areas: {"141029": OU_1, "141029100": OU_2}
elements:
  - {element: INFANT_DEATHS, indicator: health.imr, side: numerator}
  - {element: LIVE_BIRTHS, indicator: health.imr, side: denominator}
"""


def run(pack: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["sdmx", str(pack), *more])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "all.csv"
    path.write_text(f"{COLUMNS}\n{ROWS}", "utf-8-sig")
    return path


def test_structure_and_data_are_written_and_pass_their_own_check(tmp_path: Path, table: Path) -> None:
    out = tmp_path / "out"
    done = run(PACKS / "xiangning", str(out), "--data", str(table), "--test")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO((out / "data.csv").read_text())))
    assert [(r["REF_AREA"], r["TIME_PERIOD"], r["OBS_VALUE"], r["OBS_STATUS"]) for r in rows] == [
        ("141029", "2023", "3.1", "A"), ("141029100", "2023", "", "Q"), ("141029", "2022", "3.4", "A"),
    ]  # fmt: skip
    root = ET.parse(out / "structure.xml").getroot()
    assert next(e.text for e in root.iter() if e.tag.endswith("}Test")) == "true"
    assert "3.2.2" in (out / "structure.xml").read_text()
    for name in ("data.csv", "data.xml"):
        assert run(PACKS / "xiangning", "--check", str(out / name), "--edition", "4").exit_code == 0
        other = run(PACKS / "xiangning", "--check", str(out / name), "--edition", "5")
        assert (other.exit_code, "结构应当是" in other.output) == (2, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("health.imr,141029,乡宁县,2023", "health.other,141029,乡宁县,2023", "没有的指标：health.other"),
        ("141029100", "999999999", "代码表 CL_AREA 里没有「999999999」"),
        ("denominator", "mine", "缺少列 denominator"),
        ("2023,3.1", "二三,3.1", "「二三」不是整数"),
        (",A,1,4\nhealth.imr,141029100", ",A,1,5\nhealth.imr,141029100", "混了几版"),
    ],
)
def test_a_table_that_is_wrong_writes_nothing(tmp_path: Path, table: Path, old: str, new: str, said: str) -> None:
    table.write_text(table.read_text("utf-8-sig").replace(old, new), "utf-8-sig")
    done = run(PACKS / "xiangning", str(tmp_path / "out"), "--data", str(table))
    assert (done.exit_code, said in done.output) == (2, True), done.output
    assert not (tmp_path / "out").exists()


def test_counts_go_to_dhis2_as_adx_and_what_is_not_shown_does_not(tmp_path: Path, table: Path) -> None:
    pack = tmp_path / "content" / "xiangning"
    shutil.copytree(PACKS, pack.parent)
    (pack / "adx").mkdir()
    (pack / "adx" / "mch.yaml").write_text(ADX)
    done = run(pack, str(tmp_path / "out"), "--data", str(table), "--adx", "mch")
    assert done.exit_code == 0, done.output
    root = ET.parse(tmp_path / "out" / "adx.xml").getroot()
    assert root.tag == "{urn:ihe:qrph:adx:2015}adx"
    groups = {
        (g.get("orgUnit"), g.get("period"), g.get("dataSet")): {v.get("dataElement"): v.get("value") for v in g}
        for g in root
    }
    assert groups == {
        ("OU_1", "2021-10-01/P1Y", "MCH_YEARLY"): {"INFANT_DEATHS": "15", "LIVE_BIRTHS": "4405"},
        ("OU_1", "2022-10-01/P1Y", "MCH_YEARLY"): {"INFANT_DEATHS": "15", "LIVE_BIRTHS": "4800"},
        ("OU_2", "2022-10-01/P1Y", "MCH_YEARLY"): {"LIVE_BIRTHS": "480"},
    }
    assert run(pack, str(tmp_path / "out"), "--data", str(table), "--adx", "other").exit_code == 2
    (pack / "adx" / "mch.yaml").write_text(ADX.replace("health.imr, side: num", "health.imrr, side: num"))
    wrong = CliRunner().invoke(main, ["check", str(pack)])
    assert "没有指标「health.imrr」" in wrong.output
