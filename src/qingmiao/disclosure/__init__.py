"""Disclosure control: what of a table of counts may be published. Pure; knows no page, no database and no content.

`table` → `release` (or `show` for a table that stands alone) → `ShownTable`. How and why:
docs/explanation/disclosure.md.
"""

from qingmiao.disclosure.policy import RULE, DisclosureRule
from qingmiao.disclosure.releases import Covers, DisclosureError, Released, release
from qingmiao.disclosure.showing import ShownTable, rate, show
from qingmiao.disclosure.tables import TOTAL, CountTable, Place, table
from qingmiao.disclosure.texts import office_phone, tells_of_person
from qingmiao.disclosure.total_categories import hidden_totals

__all__ = [
    "RULE",
    "TOTAL",
    "CountTable",
    "Covers",
    "DisclosureError",
    "DisclosureRule",
    "Place",
    "Released",
    "ShownTable",
    "hidden_totals",
    "office_phone",
    "rate",
    "release",
    "show",
    "table",
    "tells_of_person",
]  # fmt: skip
