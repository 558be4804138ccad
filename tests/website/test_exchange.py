"""The exchange on real sites: a county corrects a return, the city finds the figure changed and sees why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from qingmiao.exchange import (
    CountyState,
    ExchangedFigure,
    ExchangedReturn,
    ExchangedWarning,
    ExchangePackage,
    Outcome,
    PackageError,
    new_private_key,
    open_package,
    open_receipt,
    public_key_of,
    seal_package,
)
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.models import Area
from qingmiao.site.apps.exchange import api
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.returns import api as returns
from website import returns_world as world
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
COUNTY, CITY = "141029", "141000"
AT = datetime(2026, 2, 1, 9, tzinfo=UTC)


@pytest.fixture
def two(tmp_path: Path, settings: Any, directory: None) -> dict[str, Path]:
    """Homes of a county and its city, each registered with the other; the county's is in use."""
    homes = {code: tmp_path / code for code in (COUNTY, CITY)}
    folders = {code: api.ExchangeFolder(home / "exchange") for code, home in homes.items()}
    for own, other in ((COUNTY, CITY), (CITY, COUNTY)):
        folders[own].add_partner(api.ExchangePartner(other, "演示", folders[other].public_key()))
    return homes


@pytest.fixture
def city_answers(two: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the city does with a package: the same code with the city's own files and code."""

    def answers(raw: bytes) -> Any:
        with monkeypatch.context() as there:
            there.setattr(
                "qingmiao.site.apps.exchange.moving.folder", lambda: api.ExchangeFolder(two[CITY] / "exchange")
            )
            there.setattr("qingmiao.site.apps.exchange.moving.own_code", lambda: CITY)
            return api.take_package(audit.SYSTEM, raw, at=AT)

    return answers


@pytest.fixture(autouse=True)
def county_files(two: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "qingmiao.site.apps.exchange.moving.folder", lambda: api.ExchangeFolder(two[COUNTY] / "exchange")
    )  # fmt: skip


def test_a_corrected_return_reaches_the_city_with_its_reason(city_answers: Any, make_person: Any) -> None:
    a_run()
    fridge = world.brought_to(world.opened("H103"), "accepted", make_person)
    monitoring.refresh(audit.SYSTEM)
    first, raw = api.make_package(audit.SYSTEM, CITY, at=AT)
    done, receipt = city_answers(raw)
    assert (done.outcome, done.changed) == (Outcome.TAKEN, ())
    assert api.take_receipt(audit.SYSTEM, receipt).number == first.number == 1

    statistician = make_person("statistics", Role.STATISTICS, "statistician-2")
    returns.move(statistician, fridge.pk, "correct", seen=world.seen(fridge), reason="重新核对了台账")
    liaison = make_person("health", Role.LIAISON, "liaison-2")
    returns.save(liaison, fridge.pk, returns.Edits(world.seen(fridge).revision, cells={"02.1": "900"}))
    fridge.refresh_from_db()
    world.brought_to(fridge, "accepted", make_person)
    assert monitoring.refresh(audit.SYSTEM) is not None
    _, later = api.make_package(audit.SYSTEM, CITY, at=AT)
    done, _ = city_answers(later)
    changed = {(d.figure.indicator, d.figure.area): d for d in done.changed}
    told = changed["health.cold_chain", COUNTY]
    assert told.before is not None
    assert told.after is not None
    assert told.before.value != told.after.value
    assert "第 2 版" in told.reason
    assert "重新核对了台账" in told.reason
    assert city_answers(raw)[0].outcome is Outcome.OLDER
    assert Event.objects.filter(action="exchange.pack", object_id=CITY).count() == 2


def test_the_city_sees_returns_and_warnings_and_no_row_of_anybody(city_answers: Any) -> None:
    run = a_run()
    _, raw = api.make_package(audit.SYSTEM, CITY, at=AT)
    state = city_answers(raw)[0].held.state
    assert {f.area for f in state.figures} >= {COUNTY}
    assert len(state.warnings) == len(monitoring.warnings())
    assert {r.return_id for r in state.returns} == {s["return_id"] for s in run.states}
    told = json.dumps(state.as_json(), ensure_ascii=False)
    assert set(state.as_json()) == {"area", "pack", "figures", "returns", "warnings"}
    assert not any(word in told for word in ("child_id", "id_number", "birth_date", "guardian"))


def test_partners_send_over_http_and_are_answered_with_a_receipt(two: dict[str, Path]) -> None:
    """The address of the site takes what a registered partner signed, and says why it takes nothing else."""
    a_run()
    own = api.own_code()
    county = api.ExchangeFolder(two[COUNTY] / "exchange")
    below, key = "141029100", new_private_key()
    county.add_partner(api.ExchangePartner(below, "演示镇", public_key_of(key)))
    package = ExchangePackage(below, own, 1, "t", CountyState.made(below, "p", ()))
    raw = seal_package(package, key)
    post = Client(enforce_csrf_checks=True).post
    for wrong, said in (
        (b"x", "不是青苗的数据包"),
        (raw[:-1], "损坏"),
        (seal_package(package, new_private_key()), "签名不是"),
    ):
        answer = post("/exchange/packages", wrong, content_type="application/octet-stream")
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
    for outcome in ("taken", "held"):
        answer = post("/exchange/packages", raw, content_type="application/octet-stream")
        assert answer.status_code == 200
        assert open_receipt(answer.content, below, {own: county.public_key()}).outcome == outcome
    assert api.held()[below].number == 1
    assert Client().get("/exchange/packages").status_code == 405


def test_a_stranger_is_sent_nothing_and_an_open_line_neither(two: dict[str, Path]) -> None:
    a_run()
    with pytest.raises(api.NotAPartnerError):
        api.make_package(audit.SYSTEM, "149999", at=AT)
    with pytest.raises(api.NotSentError, match="不是 https"):
        api.send(audit.SYSTEM, CITY, "http://city.example/exchange/packages", at=AT)
    assert api.ExchangeFolder(two[COUNTY] / "exchange").sent(CITY) == []
    with pytest.raises(api.NotSentError, match="没有送到"):
        api.send(audit.SYSTEM, CITY, "http://127.0.0.1:9/exchange/packages", at=AT)
    assert api.status()[0].waiting


def test_the_key_lies_in_a_file_that_others_cannot_read(two: dict[str, Path]) -> None:
    path = two[COUNTY] / "exchange" / "key"
    assert path.stat().st_mode & 0o077 == 0
    assert public_key_of(path.read_text()) == api.ExchangeFolder(path.parent).public_key()
    with pytest.raises(PackageError):
        open_package(b"", CITY, {})


def test_the_page_tells_what_came_what_changed_and_why(two: dict[str, Path], make_person: Any, browser_of: Any) -> None:
    """The office of a superior: figures by name, the reason, overdue returns, warnings; what has no receipt yet."""
    a_run()
    below, key = "141029100", new_private_key()
    here = api.ExchangeFolder(two[COUNTY] / "exchange")
    here.add_partner(api.ExchangePartner(below, "昌宁镇节点", public_key_of(key)))
    for number, value, why in ((1, "3.1", ""), (2, "3.4", "新数据 H101（第 2 版）；更正的理由：漏报一例")):
        figures = [ExchangedFigure("health.imr", below, 2025, value, None, None, 1, why)]
        due = [ExchangedReturn("H103", below, 2025, "2025-12-20", "")]
        warned = [ExchangedWarning("late|H103", "late", "high", "", below, 2025, "H103 迟报了", "2025-12-21")]
        state = CountyState.made(below, "p", figures, due, warned)
        raw = seal_package(ExchangePackage(below, COUNTY, number, "t", state), key)
        assert api.take_package(audit.SYSTEM, raw, at=AT)[0].outcome is Outcome.TAKEN
    api.make_package(audit.SYSTEM, CITY, at=AT)
    office = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    page = office.get("/exchange/").content.decode()
    for said in (
        "昌宁镇节点",
        "婴儿死亡率",
        "3.1",
        "3.4",
        "更正的理由：漏报一例",
        "H103 迟报了",
        "2025-12-20",
        "对方还没有回执",
    ):
        assert said in page, said
    assert "/exchange/" in office.get("/reports/").content.decode()
    liaison = browser_of(make_person("health", Role.LIAISON))
    assert liaison.get("/exchange/").status_code == 404
    assert "/exchange/" not in liaison.get("/reports/").content.decode()


def test_the_figures_of_the_areas_below_stand_side_by_side_with_their_sum(
    two: dict[str, Path], make_person: Any, browser_of: Any
) -> None:
    """Two townships as nodes of their own: 1 of 10 and 2 of 30 are 3 of 40, and never the mean of the two rates."""
    a_run()
    here = api.ExchangeFolder(two[COUNTY] / "exchange")
    office = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    assert "/exchange/figures" not in office.get("/exchange/").content.decode()
    assert "没有下级报来的数" in office.get("/exchange/figures").content.decode()
    for below, told in (("141029100", (1, 10)), ("141029101", (2, 30))):
        key = new_private_key()
        here.add_partner(api.ExchangePartner(below, "演示镇", public_key_of(key)))
        figure = ExchangedFigure("health.imr", below, 2025, f"{1000 * told[0] / told[1]:.1f}", *told, 1)
        state = CountyState.made(below, "p", [figure])
        api.take_package(audit.SYSTEM, seal_package(ExchangePackage(below, COUNTY, 1, "t", state), key), at=AT)
        if below == "141029100":
            lone = " ".join(office.get("/exchange/figures").content.decode().split())
            assert "100.0" in lone
    assert "/exchange/figures" in office.get("/exchange/").content.decode()
    page = office.get("/exchange/figures").content.decode()
    assert "2025" in page
    found = api.figures_below()
    (row,) = [told for name, told in found.rows if name == "health.imr"]
    assert found.areas == (COUNTY, "141029100", "141029101")
    assert [f.value if f else None for f in row] == ["75.0", "100.0", "66.7"]
    assert "75.0" in page
    assert office.get("/exchange/figures?year=2024").status_code == 200
    assert office.get("/exchange/figures?area=149999").status_code == 404


def test_who_works_for_one_county_of_a_city_sees_nothing_of_the_exchange(
    two: dict[str, Path], make_person: Any, browser_of: Any
) -> None:
    a_run()
    client = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    assert client.get("/exchange/").status_code == 200
    Area.objects.filter(is_site=True).update(is_site=False)
    assert Area.objects.filter(pk=CITY).update(is_site=True) == 1
    for page in ("/exchange/", "/exchange/figures"):
        assert client.get(page).status_code == 404
    assert "/exchange/" not in client.get("/reports/").content.decode()
