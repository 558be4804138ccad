"""The main job on real national figures: verdicts equal the official ones, year by year."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from qingmiao.assess import Assessment, Verdict, assess_pack
from qingmiao.cli import main
from qingmiao.collect.folder import collect
from qingmiao.content import load_pack
from qingmiao.content.pack import Pack
from qingmiao.measure.run import measure

ROOT = Path(__file__).resolve().parents[2]
NATIONAL = ROOT / "examples" / "national"


def official() -> list[Mapping[str, str]]:
    with (NATIONAL / "source" / "official_verdicts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


OFFICIAL = official()


@cache
def pack_of(outline: str) -> Pack:
    return load_pack(ROOT / "content" / f"outline-{outline}")


@cache
def assessed(outline: str, year: int) -> Assessment:
    pack = pack_of(outline)
    values = measure(pack, collect(pack, NATIONAL / outline).tables).values
    return assess_pack(pack, values, year=year)


def test_all_fifteen_official_cases_are_here() -> None:
    assert len(OFFICIAL) == 9 + 6
    assert {c["year"] for c in OFFICIAL} == {"2015", "2018", "2019", "2020"}
    assert sum(c["verdict"] == "not_met" for c in OFFICIAL) == 3


@pytest.mark.parametrize("case", OFFICIAL, ids=[c["case_id"] for c in OFFICIAL])
def test_verdict_equals_the_official_one(case: Mapping[str, str]) -> None:
    year = int(case["year"])
    (indicator,) = pack_of("2020").indicators_for(case["target"])
    row = assessed("2020", year).row(indicator.id, case["target"], "CN")
    assert row is not None
    assert row.value == float(case["value"])
    assert row.attainment is not None
    assert row.attainment.verdict.value == case["verdict"], row.attainment.reason
    assert pack_of("2020").targets[case["target"]].value == float(case["bar"])


def test_final_year_of_the_first_outline() -> None:
    """2020: what was published is met; what was not published for 2020 is undetermined, never met."""
    targets = assessed("2020", 2020).targets
    met = {t for t, v in targets.items() if v.verdict is Verdict.MET}
    assert met == {
        "health.1.birth_defects",
        "health.2.imr",
        "health.2.u5mr",
        "education.2.preschool3",
        "education.3.consolidation",
        "education.4.senior",
    }
    assert {v.verdict for t, v in targets.items() if t not in met} == {Verdict.UNDETERMINED}
    assert assessed("2020", 2020).rate.monitored == len(met)


def test_first_year_the_mortality_targets_were_met_is_2013() -> None:
    """The final report: 「在2013年实现《纲要》“低于10‰和13‰”目标」."""
    targets = assessed("2020", 2013).targets
    assert targets["health.2.imr"].verdict is Verdict.MET
    assert targets["health.2.u5mr"].verdict is Verdict.MET
    assert assessed("2020", 2010).targets["health.2.imr"].verdict is Verdict.NOT_MET


def test_injury_deaths_fell_by_more_than_a_sixth() -> None:
    """2010: 22.41, 2019: 11.42 per 100 000; (22.41 - 11.42) / 22.41 = 49.0 %, as the report of 2019 says."""
    row = assessed("2020", 2019).row("national.injury_mortality", "health.3.injury", "CN")
    assert row is not None
    assert row.attainment is not None
    assert row.attainment.verdict is Verdict.MET
    assert f"{(22.41 - 11.42) / 22.41 * 100:.1f}%" == "49.0%"
    assert "下降 49.0%" in row.attainment.reason


@pytest.mark.parametrize("target", ["health.5.immunisation", "health.6.tetanus"])
def test_a_target_by_township_or_county_is_not_decided_by_a_national_figure(target: str) -> None:
    verdict = assessed("2020", 2020).targets[target]
    assert verdict.verdict is Verdict.UNDETERMINED
    assert "没有列出" in verdict.reason


def test_second_outline_in_2024() -> None:
    targets = assessed("2030", 2024).targets
    assert {t for t, v in targets.items() if v.verdict is Verdict.MET} == {
        "health.nmr",
        "health.imr",
        "health.u5mr",
    }
    assert targets["safety.injury_mortality"].verdict is Verdict.UNDETERMINED


def test_second_outline_in_2022() -> None:
    """IMR 4.9 ≤ 5.0 met, U5MR 6.8 > 6.0 and NMR 3.1 > 3.0 not; eye care 93.6 % ≥ 90 % met; myopia 71.4 % > 60 % not."""
    targets = assessed("2030", 2022).targets
    wanted = {
        "health.imr": Verdict.MET,
        "health.nmr": Verdict.NOT_MET,
        "health.u5mr": Verdict.NOT_MET,
        "health.myopia_primary": Verdict.MET,
        "health.myopia_junior": Verdict.NOT_MET,
        "health.myopia_senior": Verdict.NOT_MET,
        "health.eye_0_6": Verdict.MET,
        "health.fitness_good": Verdict.NOT_MET,
        "health.paediatricians": Verdict.UNDETERMINED,
    }
    assert {t: targets[t].verdict for t in wanted} == wanted


@pytest.mark.parametrize(("outline", "year"), [("2020", "2018"), ("2030", "2022")])
def test_the_command_of_the_readme_runs(outline: str, year: str, tmp_path: Path) -> None:
    """``qingmiao monitor`` on the real data writes its tables; the assessed verdicts are those of the engine."""
    arguments = ["monitor", "--pack", str(ROOT / "content" / f"outline-{outline}"), "--year", year]
    arguments += ["--data", str(NATIONAL / outline), "--out", str(tmp_path / "out"), "--formats", "none"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    with (tmp_path / "out" / "assessment.csv").open(encoding="utf-8-sig", newline="") as file:
        written = {r["target"]: r["attainment"] for r in csv.DictReader(file) if r["target"]}
    expected = {t: v.label for t, v in assessed(outline, int(year)).targets.items()}
    assert written == expected
