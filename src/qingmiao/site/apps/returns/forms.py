"""The forms of returns in the site's pack."""

from __future__ import annotations

from functools import cache

from qingmiao.collect import form_words
from qingmiao.collect.rules import ReturnRules
from qingmiao.content.returns import Return
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period
from qingmiao.site.pack import pack as pack


@cache
def rules(form_id: str) -> ReturnRules:
    """A form with its rules parsed."""
    return ReturnRules(pack().returns[form_id])


def form(form_id: str) -> Return:
    """A form of the pack."""
    return pack().returns[form_id]


def period_name(form: Return, year: int) -> str:
    """The period as the form's heading says it (`Period.written`)."""
    return Period(form.period, year).written


def marks(form: Return) -> tuple[tuple[str, str], ...]:
    """The form's marks (`collect.form_words.marks`), those that the county sets among them, and who collates it."""
    local = pack().policy.form_marks
    return (*form_words.marks(form, local), ("综合机关名称", local.collated_by))


def explained(form: Return) -> tuple[form_words.Explained, ...]:
    """What the form's rows and columns mean, with the cards of the indicators that read them."""
    return form_words.explanations(form, pack().indicators)


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
