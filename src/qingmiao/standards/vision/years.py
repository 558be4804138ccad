"""Two years' checks of the same children: who is newly myopic, who was lost, and the incidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.standards.columns import Codes, Columns, Table
from qingmiao.standards.vision import sheet
from qingmiao.standards.vision.acuity import Notation
from qingmiao.standards.vision.myopia import Truths, link_years, new_myopia


@dataclass(frozen=True, slots=True)
class YearComparison:
    """This year's rows against last year's, linked by ``id``.

    ``new_myopia`` and ``state`` (``myopia.NEW_MYOPIA_STATES``) have one value for each row of this year's table.
    """

    new_myopia: Truths
    state: Codes
    at_risk: int
    """Children clear last year and with an answer this year: the denominator."""
    new: int
    """Of them, myopic this year (ortho-k wearers included: they count as myopic)."""
    lost: int
    """Children clear last year without an answer this year; in neither figure, to be shown beside them."""

    @property
    def incidence(self) -> float | None:
        """New myopia in percent of those at risk; ``None`` when nobody was."""
        return 100 * self.new / self.at_risk if self.at_risk else None


def compare_years(now: Table, before: Table, *, notation: Notation = "five_mark") -> YearComparison:
    """Compare two tables of vision checks (columns of ``sheet.INPUT_COLUMNS``, ``id`` must be there), one row a child.

    Identities are read digit for digit (:meth:`Columns.identities`): full width and a small x are the same child, a
    number that lost digits raises :class:`ColumnError`.

    A child listed twice keeps its last row that has an answer in last year's table; in this year's each row has its own
    state but a child counts once, by its last row with an answer.
    """
    tables = [table if isinstance(table, Columns) else Columns(table) for table in (now, before)]
    for table in tables:
        table.require("id")
    ids, ids_before = (table.identities("id") for table in tables)
    myopic, myopic_before = (_answers(table, notation) for table in tables)
    found, state = new_myopia(myopic, link_years(ids, ids_before, myopic_before))

    children = pc.unique(pa.array(ids_before, type=pa.string())).drop_null().to_numpy(zero_copy_only=False)
    last_year = link_years(children, ids_before, myopic_before)
    this_year = link_years(children, ids, myopic)
    clear = ~last_year.filled(True)
    answered = ~np.ma.getmaskarray(this_year)
    return YearComparison(
        new_myopia=found,
        state=state,
        at_risk=int((clear & answered).sum()),
        new=int((clear & this_year.filled(False)).sum()),
        lost=int((clear & ~answered).sum()),
    )


def _answers(table: Columns, notation: Notation) -> Truths:
    found = sheet.score_columns(table, notation=notation)["screening_myopia"]
    return np.ma.MaskedArray(np.ma.getdata(found).astype(bool), mask=np.ma.getmaskarray(found))
