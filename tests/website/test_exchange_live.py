"""County, city and province as three running sites: lines cut, packages doubled, damaged, late; one node killed, one
restored. At the end all hold the same state, and nothing of a child has crossed."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qingmiao.exchange import (
    CountyState,
    ExchangedFigure,
    ExchangePackage,
    new_private_key,
    open_package,
    public_key_of,
    seal_package,
)
from waiting import until
from website.exchange_lines import Line, Site, without_memory
from website.killing import YEAR
from website.killing_cases import OWNER, PROGRAMME, SAID
from website.small_county import RATES, ROOT, write

COUNTY, NEIGHBOUR, CITY, PROVINCE = "141029", "141099", "141000", "140000"
CANARY = "演示金丝雀"
COLD = "health.cold_chain"


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Site]]:
    """The three sites; the county has made-up figures and a child of its own."""
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-exchange-"))
    made = {
        COUNTY: Site(folder / "county", ROOT / "content" / "xiangning", write(folder / "data")),
        CITY: Site(folder / "city", ROOT / "examples" / "city" / "city"),
        PROVINCE: Site(folder / "province", ROOT / "examples" / "city" / "province"),
    }
    try:
        for site in made.values():
            site.start()
        yield made
    finally:
        for site in made.values():
            site.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def neighbour() -> str:
    """The private key of the second county, which has no line: its packages are carried on a stick."""
    return new_private_key()


@pytest.fixture(scope="module")
def acquainted(sites: dict[str, Site], neighbour: str) -> dict[str, str]:
    """Each node knows the keys of its neighbours; code → public key."""
    keys = {code: site.said("key").split()[1] for code, site in sites.items()} | {NEIGHBOUR: public_key_of(neighbour)}
    for upper, lower in ((CITY, COUNTY), (CITY, NEIGHBOUR), (PROVINCE, CITY)):
        sites[upper].said("partner", lower, "下级（演示）", keys[lower])
        if lower in sites:
            sites[lower].said("partner", upper, "上级（演示）", keys[upper])
    return keys


@pytest.fixture(scope="module")
def lines(sites: dict[str, Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Line]]:
    made = {code: Line(sites[code].port, tmp_path_factory.mktemp(code)) for code in (CITY, PROVINCE)}
    yield made
    for line in made.values():
        line.shutdown()
        line.server_close()


def sending(line: Line, to: str) -> tuple[str, ...]:
    return ("send", to, line.address, "--authority", str(line.authority))


def taken(site: Site, sender: str, keys: dict[str, str], own: str) -> ExchangePackage:
    """The package of a sender that a node holds."""
    return open_package((site.home / "exchange" / "taken" / f"{sender}.qmx").read_bytes(), own, keys)


def figure(state: CountyState, indicator: str, area: str, year: int) -> ExchangedFigure:
    return next(f for f in state.figures if f.key == (indicator, area, year))


def published(site: Site, freezers: int, *, correct: bool) -> None:
    """The department fills in its return (or corrects it), and the site measures it."""
    people = {n: site.person(n) for n in ("statistics", "statistics2", "health-liaison", "health-leader")}
    if not correct:
        opened = {"do": "open", "year": YEAR, "return": "H103", "due:H103": "2025-01-30"}
        assert people["statistics"].form("/returns/open", **opened)[0] in (200, 302)
    filing = site.one("SELECT id FROM returns_filing WHERE return_id = 'H103' AND year = %s", YEAR)
    before = site.one("SELECT count(*) FROM monitoring_run")

    def moved(action: str, who: str) -> None:
        sheet = people[who].sheet(filing)
        said = {"action": action, "state": sheet["state"], "version": sheet["version"], "reason": "重新核对了台账"}
        status, _, text = people[who].form(f"/returns/{filing}/move", **said)
        assert status == 302, text[-2000:]

    if correct:
        moved("correct", "statistics2")
    sheet = people["health-liaison"].sheet(filing)
    told: dict[str, Any] = {
        "name": sheet["name"], "revision": sheet["revision"], "notes": {}, "explanations": {},
        "cells": {"01.1": "50", "02.1": str(freezers), "03.1": "4", "04.1": "2", "05.1": "1"},
    }  # fmt: skip
    body = json.dumps(told).encode()
    status, _, text = people["health-liaison"].ask("POST", f"/returns/{filing}/cells", body, "application/json")
    assert status == 200, text[:500]
    for action, who in (("submit", "health-liaison"), ("sign", "health-leader"), ("accept", "statistics")):
        moved(action, who)
    until(lambda: site.one("SELECT count(*) FROM monitoring_run") > before)


def carried(private: str, number: int, deaths: int, births: int) -> bytes:
    """The neighbour's package: its infant mortality of a year of the county's."""
    told = ExchangedFigure(
        "health.imr", NEIGHBOUR, 2023, f"{1000 * deaths / births:.2f}", deaths, births, _version(), "演示"
    )  # fmt: skip
    state = CountyState.made(NEIGHBOUR, "p", [told])
    return seal_package(ExchangePackage(NEIGHBOUR, CITY, number, "2026-01-01T09:00:00+0800", state), private)


def _version() -> int:
    from qingmiao.content.load import load_pack

    return load_pack(ROOT / "content" / "xiangning").indicators["health.imr"].definition_for(2023).version


def test_a_package_comes_through_whatever_the_line_does(sites, acquainted, lines) -> None:
    """Cut, without an answer, garbled, half an answer, damaged: each says so, and sending again does no harm."""
    county, line = sites[COUNTY], lines[CITY]
    child = SAID["open"] | {"child_name": CANARY, "operation": "canary-of-the-exchange"}
    status, _, text = county.person(OWNER).form(f"/cases/new/{PROGRAMME}?step=open_reported", **child)
    assert status == 302, text[-2000:]
    published(county, 40, correct=False)
    line.plan.extend(("cut", "unanswered", "garbled", "halved", "damaged", "doubled"))
    for said in ("没有送到", "没有送到", "没有送到", "回执不能用", "损坏"):
        assert said in county.refused(*sending(line, CITY))
    assert "已有第 6 个数据包" in county.said(*sending(line, CITY))
    assert not line.plan
    held = taken(sites[CITY], COUNTY, acquainted, CITY)
    assert held.number == 6
    assert figure(held.state, COLD, COUNTY, YEAR).numerator == 40


def test_a_server_that_nobody_vouches_for_is_sent_nothing(sites, acquainted, lines) -> None:
    before = taken(sites[CITY], COUNTY, acquainted, CITY).number
    assert "没有送到" in sites[COUNTY].refused("send", CITY, lines[CITY].address)
    assert taken(sites[CITY], COUNTY, acquainted, CITY).number == before


def test_a_county_without_a_line_is_carried_on_a_stick_and_added(sites, acquainted, lines, neighbour, tmp_path) -> None:
    """Deaths and births are added, then divided; the mean of the two rates would be another number."""
    city, stick, receipt, sums = sites[CITY], tmp_path / "包.qmx", tmp_path / "回执.qmr", tmp_path / "sum.csv"
    raw = carried(neighbour, 1, 90, 5000)
    stick.write_bytes(raw[:-9])
    assert "损坏" in city.refused("take", str(stick), "--receipt", str(receipt))
    assert not receipt.exists()
    city.said("sum", str(sums))
    rows = {(r["indicator"], r["area"], r["year"]): r for r in csv.DictReader(sums.read_text("utf-8-sig").splitlines())}
    assert rows["health.imr", CITY, "2023"]["value"] == ""
    assert NEIGHBOUR in rows["health.imr", CITY, "2023"]["reason"]
    stick.write_bytes(raw)
    assert "已收" in city.said("take", str(stick), "--receipt", str(receipt))
    assert "重复" in city.said("take", str(stick))
    city.said("sum", str(sums))
    rows = {(r["indicator"], r["area"], r["year"]): r for r in csv.DictReader(sums.read_text("utf-8-sig").splitlines())}
    assert float(rows["health.imr", CITY, "2023"]["value"]) == pytest.approx(
        1000 * (RATES[2023] * 10 + 90) / (10_000 + 5_000), abs=0.01
    )


def test_a_late_package_and_a_killed_and_a_restored_node_change_nothing(sites, acquainted, lines) -> None:
    """The correction arrives; the one before it comes after it; the city dies and lives; the county forgets."""
    county, city, line = sites[COUNTY], sites[CITY], lines[CITY]
    line.plan.extend(("kept", "whole"))
    county.refused(*sending(line, CITY))
    published(county, 45, correct=True)
    county.said(*sending(line, CITY))
    newest = taken(city, COUNTY, acquainted, CITY)
    assert figure(newest.state, COLD, COUNTY, YEAR).numerator == 45
    city.stop(signal.SIGKILL)
    assert "没有送到" in county.refused(*sending(line, CITY))
    city.start()
    assert line.deliver() == [200]
    assert taken(city, COUNTY, acquainted, CITY) == newest
    without_memory(county)
    assert "已有第" in county.said(*sending(line, CITY))
    after = taken(city, COUNTY, acquainted, CITY)
    assert after.number == newest.number + 1
    assert after.state == newest.state


def test_all_end_in_the_same_state_and_no_child_has_crossed(sites, acquainted, lines) -> None:
    """What the province holds of the county is what the county measured."""
    county, city, province = sites[COUNTY], sites[CITY], sites[PROVINCE]
    lines[PROVINCE].plan.extend(("unanswered", "doubled"))
    city.refused(*sending(lines[PROVINCE], PROVINCE))
    city.said(*sending(lines[PROVINCE], PROVINCE))
    told = taken(city, COUNTY, acquainted, CITY).state
    there = taken(province, CITY, acquainted, PROVINCE).state
    assert [f for f in there.figures if f.area.startswith(COUNTY)] == list(told.figures)
    assert there.returns == told.returns
    assert there.warnings == told.warnings
    assert county.one("SELECT count(*) FROM cases_case WHERE programme = %s", PROGRAMME) == 1
    packages = [p for site in (county, city, province) for p in (site.home / "exchange").rglob("*.qmx")]
    assert len(packages) >= 7, "of the county, of the city, and what the city and the province hold"
    for path in packages:
        body = path.read_bytes().split(b"\n", 2)[2]
        assert CANARY not in zlib.decompress(body).decode()
    for site in (city, province):
        for table in ("records_child", "cases_case"):
            assert site.one(f"SELECT count(*) FROM {table}") == 0


def test_the_city_finds_the_changed_figure_and_sees_why(sites, acquainted, lines) -> None:
    office = sites[CITY].person("committee_office")
    _, _, page = office.ask("GET", "/exchange/")
    for said in ("80.0", "90.0", "重新核对了台账", "第 2 版"):
        assert said in page, said
    _, _, page = office.ask("GET", f"/exchange/figures?area={COUNTY}&year={YEAR}")
    assert "90.0" in page
    assert CANARY not in page
