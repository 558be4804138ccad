"""The forms of returns in the site's pack."""

from __future__ import annotations

from functools import cache

from qingmiao.collect.rules import FormRules
from qingmiao.content.returns import Return
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period
from qingmiao.site.pack import pack as pack


@cache
def rules(form_id: str) -> FormRules:
    """A form with its rules parsed."""
    return FormRules(pack().returns[form_id])


def form(form_id: str) -> Return:
    """A form of the pack."""
    return pack().returns[form_id]


def period_name(form: Return, year: int) -> str:
    """ "2024年", "2024—2025学年"; the maternal-and-child year says its months."""
    period = Period(form.period, year)
    shown = str(period)
    if (period.start.month, period.end.month) not in ((1, 12), (9, 8)):
        shown += f"（{period.start:%Y-%m}至{period.end:%Y-%m}）"
    return shown


def reporting(form: Return, year: int) -> list[tuple[str, str]]:
    """(unit, area) of everybody who must file a form of a year: areas that exist on the last day of its period.

    `reporter` names the unit that reports for all areas of the form's level.
    """
    root = pack().root_area
    level, end = AreaLevel(form.level), Period(form.period, year).end
    tree = pack().area_tree
    areas = tree.under(root.code, level, end) if root is not None else tree.at(level, end)
    return [(form.reporter, a.code) for a in areas]


def area_name(code: str) -> str:
    """The present name of an area."""
    found = pack().areas.get(code)
    return found.name if found is not None else code
