"""The two national outlines: whole, sourced, and their data real, cited and made by the kept script."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from qingmiao.collect.folder import collect
from qingmiao.content import load_pack
from qingmiao.content.check import check_pack
from qingmiao.content.pack import Pack
from qingmiao.content.plan import TargetKind

ROOT = Path(__file__).resolve().parents[2]
OUTLINES = ("2020", "2030")
FIELDS = {"2020": 5, "2030": 7}


@pytest.fixture(scope="module", params=OUTLINES)
def outline(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pack(outline: str) -> Pack:
    return load_pack(ROOT / "content" / f"outline-{outline}")


def rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_is_whole(pack: Pack) -> None:
    assert [str(f) for f in check_pack(pack)] == []


def test_has_the_fields_and_years_of_the_outline(pack: Pack, outline: str) -> None:
    assert pack.plan is not None
    assert (pack.plan.start, pack.plan.end) == (int(outline) - 9, int(outline))
    assert len(pack.fields) == FIELDS[outline]
    assert [f.order for f in pack.fields] == list(range(1, FIELDS[outline] + 1))


def test_every_target_quotes_its_clause_and_every_number_stands_in_it(pack: Pack) -> None:
    words = {3.0: "three", 5.0: "five", 6.0: "six"}
    for target in pack.targets.values():
        assert target.quote, target.id
        if target.value is not None:
            number = f"{target.value:g}"
            assert number in target.quote or words.get(target.value, "?") in target.quote, target.id
        if target.cut is not None and target.id != "health.9.anaemia_pupils":
            assert target.cut in target.quote, target.id


def test_every_target_says_where_its_text_comes_from(pack: Pack) -> None:
    """Either the goal's note names the page, or (education 2011–2020) the field file's heading does."""
    for target in pack.targets.values():
        goal = pack.goal_of(target.id)
        place = pack.place("target", target.id)
        text = (Path.cwd() / place.file).read_text("utf-8")
        assert "http" in goal.note + target.note + text, target.id


def test_the_report_is_not_signed_in_the_name_of_a_committee_of_the_state(pack: Pack) -> None:
    issuers = [o.label.zh for o in pack.organisations.values() if o.kind == "committee"]
    assert issuers == ["青苗示例（非官方发布）"]


def test_leads_are_marked_as_proposals(pack: Pack) -> None:
    assert pack.leads
    assert {lead.evidence.value for lead in pack.leads} == {"proposal"}


def test_data_can_be_collected(pack: Pack, outline: str) -> None:
    collected = collect(pack, ROOT / "examples" / "national" / outline)
    assert set(collected.tables) == {"series"}
    assert not collected.demo


def test_every_row_of_the_data_has_a_source_and_a_figure(outline: str) -> None:
    data = rows(ROOT / "examples" / "national" / outline / "series.csv")
    assert data
    for row in data:
        assert "http" in row["source"], row
        assert float(row["value"]) > 0, row
        assert row["area"] == "CN"


def test_data_are_what_the_kept_script_makes(outline: str) -> None:
    made = script().series(outline)
    assert rows(ROOT / "examples" / "national" / outline / "series.csv") == made


def test_no_published_figure_is_lost_or_changed(outline: str) -> None:
    """Every national source row of a mapped series stands in the data with its value and its address."""
    source = ROOT / "examples" / "national" / "source"
    mapped = {r["indicator_id"] for r in rows(source / "mapping.csv") if r["outline"] == outline}
    data = rows(ROOT / "examples" / "national" / outline / "series.csv")
    for row in rows(source / "national_series.csv"):
        if row["area"] == "全国" and row["indicator_id"] in mapped and int(row["year"]) <= int(outline):
            hits = [
                d
                for d in data
                if d["year"] == row["year"]
                and row["source_url"] in d["source"]
                and float(d["value"]) == float(row["value"])
            ]
            assert hits, row


def test_sources_that_differ_stop_the_script() -> None:
    module = script()
    twice = [{"value": v, "source_title": v, "source_url": "", "note": ""} for v in ("5.4", "5.5")]
    with pytest.raises(ValueError, match="sources differ"):
        module._one("national.imr", 2020, twice)


def test_surveillance_and_annual_report_are_not_one_series() -> None:
    """Anaemia 2010 (nutrition surveillance) and 2018 (annual report) are two indicators; only the second decides."""
    pack = load_pack(ROOT / "content" / "outline-2020")
    data = rows(ROOT / "examples" / "national" / "2020" / "series.csv")
    by_indicator = {
        name: {r["year"] for r in data if r["indicator"] == name}
        for name in ("national.anaemia_u5", "national.anaemia_u5_survey")
    }
    assert by_indicator == {"national.anaemia_u5": {"2017", "2018"}, "national.anaemia_u5_survey": {"2010"}}
    assert [i.id for i in pack.indicators_for("health.9.anaemia_u5")] == ["national.anaemia_u5"]


def test_kinds_of_the_outline_2020() -> None:
    pack = load_pack(ROOT / "content" / "outline-2020")
    kinds = {t.kind for t in pack.targets.values()}
    assert {
        TargetKind.AT_MOST,
        TargetKind.AT_LEAST,
        TargetKind.REDUCE_BY,
        TargetKind.EVERY_AREA,
        TargetKind.FALLING,
    } <= kinds


def script() -> ModuleType:
    """examples/national/make_series.py as a module."""
    spec = importlib.util.spec_from_file_location("make_series", ROOT / "examples" / "national" / "make_series.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
