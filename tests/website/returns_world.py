"""A made-up collection for the tests of returns: one return opened, filled and brought to any state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.returns import api, pack_returns, sheet
from qingmiao.site.apps.returns.models import Cell, Filing
from website.role_ids import Role

FORM, YEAR = "H101", 2024
"""Six rows of should / did / did for free; two error rules a row, one query rule on [06.1]."""
GOOD = {"1": "1000", "2": "900", "3": "800"}


def opened(return_id: str = FORM, year: int = YEAR, due: date = date(2024, 10, 25)) -> Filing:
    """The (first) filing of a return that was opened for a year."""
    api.open_collections(audit.SYSTEM, year, {return_id: due})
    return Filing.objects.select_related("unit").filter(return_id=return_id, year=year).order_by("area").first()


def good_cells(return_id: str = FORM) -> dict[str, str]:
    """Figures that break no error rule of FORM."""
    return {code: GOOD[code.partition(".")[2]] for code in pack_returns.return_of(return_id).filled}


def filled(filing: Filing, person) -> Filing:
    """Filled in whole, with figures that break nothing."""
    api.save(person, filing.pk, api.Edits(seen(filing).revision, cells=good_cells(filing.return_id)))
    filing.refresh_from_db()
    return filing


def seen(filing: Filing) -> api.Seen:
    """What somebody sees who looks now."""
    filing.refresh_from_db()
    return api.Seen(filing.state, filing.version, filing.revision)


def people(make_person, unit: str = "health"):
    """(liaison, leader, statistician)."""
    return (
        make_person(unit, Role.LIAISON),
        make_person(unit, Role.LEADER),
        make_person("statistics", Role.STATISTICS),
    )


def brought_to(filing: Filing, state: str, make_person) -> Filing:
    """Walk the return to a state by the people who may."""
    liaison, leader, statistician = people(make_person, filing.unit_id)
    if filing.state == "draft" and not Cell.objects.filter(filing=filing).exists():
        filled(filing, liaison)
    for action, by, target in (
        ("submit", liaison, "submitted"),
        ("sign", leader, "signed"),
        ("accept", statistician, "accepted"),
        ("lock", statistician, "locked"),
    ):
        if filing.state == state:
            break
        if state == "sent_back" and filing.state == "signed":
            api.move(statistician, filing.pk, "send_back", seen=seen(filing), reason="数字与上年相差太大")
            break
        api.move(by, filing.pk, action, seen=seen(filing))
        filing.refresh_from_db()
        assert filing.state == target
    filing.refresh_from_db()
    return filing


def last_year(filing: Filing, values: dict[str, str], make_person) -> None:
    """An accepted return of the year before, with these cells changed from the good ones."""
    before = opened(filing.return_id, filing.year - 1, date(filing.year - 1, 10, 25))
    liaison, *_ = people(make_person, filing.unit_id)
    api.save(liaison, before.pk, api.Edits(0, cells=good_cells(filing.return_id) | values))
    before.refresh_from_db()
    brought_to(before, "accepted", make_person)


def value(filing: Filing, code: str) -> Decimal | None:
    """A figure of the present version."""
    return sheet.load(filing).values.get(sheet.key_of(code))
