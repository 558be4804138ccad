"""The returns of the site's pack."""

from __future__ import annotations

from functools import cache

from qingmiao.collect import return_words
from qingmiao.collect.rules import ReturnRules
from qingmiao.content.returns import Return
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period
from qingmiao.site.pack import pack as pack


@cache
def rules(return_id: str) -> ReturnRules:
    """A return with its rules parsed."""
    return ReturnRules(pack().returns[return_id])


def return_of(return_id: str) -> Return:
    """A return of the pack."""
    return pack().returns[return_id]


def period_name(return_: Return, year: int) -> str:
    """The period as the return's heading says it (`Period.written`)."""
    return Period(return_.period, year).written


def marks(return_: Return) -> tuple[tuple[str, str], ...]:
    """The return's marks (`collect.return_words.marks`), those that the county sets among them, and who collates it."""
    local = pack().policy.form_marks
    return (*return_words.marks(return_, local), ("综合机关名称", local.collated_by))


def explained(return_: Return) -> tuple[return_words.Explained, ...]:
    """What the return's rows and columns mean, with the cards of the indicators that read them."""
    return return_words.explanations(return_, pack().indicators)


def reporting(return_: Return, year: int) -> list[tuple[str, str]]:
    """(unit, area) of everybody who must file a return of a year: areas that exist on the last day of its period.

    `reporter` names the unit that reports for all areas of the return's level.
    """
    root = pack().root_area
    level, end = AreaLevel(return_.level), Period(return_.period, year).end
    tree = pack().area_tree
    areas = tree.under(root.code, level, end) if root is not None else tree.at(level, end)
    return [(return_.reporter, a.code) for a in areas]


def area_name(code: str) -> str:
    """The present name of an area."""
    found = pack().areas.get(code)
    return found.name if found is not None else code
