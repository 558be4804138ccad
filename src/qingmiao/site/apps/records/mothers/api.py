"""The door of mothers' files, a part of that of `records`."""

from __future__ import annotations

from qingmiao.site.apps.records.mothers.listing import STAGES, areas, grades, kinds_listed, listed, search
from qingmiao.site.apps.records.mothers.pairs import alike, may_settle, pairs
from qingmiao.site.apps.records.mothers.pairs import decide as decide_pair
from qingmiao.site.apps.records.mothers.registering import may_register, register
from qingmiao.site.apps.records.mothers.showing import likely, move, page_of, steps, typed

__all__ = [
    "STAGES", "alike", "areas", "decide_pair", "grades", "kinds_listed", "likely", "listed", "may_register",
    "may_settle", "move", "page_of", "pairs", "register", "search", "steps", "typed",
]  # fmt: skip
