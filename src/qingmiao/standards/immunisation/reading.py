"""Reading a long table of doses: children, the doses they had, immunoglobulin, vaccines barred for them; and what was
not understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes, Columns, Table, Texts
from qingmiao.standards.immunisation import names, schedule
from qingmiao.standards.immunisation.cells import read_column, read_dose
from qingmiao.standards.immunisation.circumstances import (
    BAR_MEANING,
    CONTRAINDICATED,
    DEFERRED,
    HEALTH_MEANING,
    Bars,
    Globulin,
    combined,
)
from qingmiao.standards.immunisation.plan import ScheduledChildren
from qingmiao.standards.immunisation.records import Records, named_slot
from qingmiao.standards.reading_log import ReadingLog, UnreadCell
from qingmiao.standards.screening.dates import NAT, Dates, add_months
from qingmiao.standards.words import SEX

HBSAG: Mapping[str, int] = {
    **dict.fromkeys(("positive", "阳性", "阳", "+", "1", "unknown", "不详", "未知", "未查"), 1),
    **dict.fromkeys(("negative", "阴性", "阴", "-", "0"), 2),
}
INPUT_COLUMNS: Mapping[str, str] = {
    "id": "儿童编号；同一编号的各行属于一个儿童",
    "birth_date": "出生日期，如 2024-01-31、2024年1月31日",
    "sex": "可选：M 或 F、男或女（HPV 疫苗要用）",
    "vaccine": "疫苗代码、中文名或商品名（五联、四联按所含疫苗计，IG 是免疫球蛋白）；没有接种记录的儿童留空一行",
    "dose": "可选：记录上写的第几剂；只用来核对，有效剂次按日期、月龄、间隔数",
    "date": "接种日期，写法同出生日期",
    "mother_hbsag": "可选：母亲 HBsAg：positive、negative、unknown",
    "birth_weight_g": "可选：出生体重，克",
    "health_state": "可选：健康状态：hiv_exposed（HIV 感染母亲所生、未排除感染）、immunodeficient（免疫缺陷或免疫抑制治疗）",
    "status": "可选：空白或 given 是已种；contraindicated（禁忌）、deferred（暂缓）是该疫苗不能种，date 写到哪一天为止，空白是长期",
}
LIGHT_G = 2000
"""Grams: under this a child of a mother positive for HBsAg needs three more doses of hepatitis B vaccine."""


@dataclass(frozen=True, slots=True)
class Read:
    """A long table as arrays: child identifiers, children, records, and the table row of each record."""

    ids: Texts
    children: ScheduledChildren
    conflicting: NDArray[np.bool_]
    records: Records
    record_row: NDArray[np.intp]
    row_child: NDArray[np.intp]
    """For each table row its child, -1 where the row has no id."""
    row_vaccine: NDArray[np.intp]
    """``[rows, 2]``: products that each row's vaccine stands for, -1 none."""
    row_number: NDArray[np.intp]
    """For each table row the dose number written in it, 0 none."""
    faults: tuple[UnreadCell, ...] = field(default=())
    """Cells that were not understood, by row as a spreadsheet counts; the doses that they may have been are
    ``missing``, not overdue."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The table's rows: child (-1 none), vaccine by number (0 blank, -1 unread), status, dose number, day; what was
    unread."""

    child: NDArray[np.intp]
    product: NDArray[np.intp]
    barred: Codes
    number: NDArray[np.intp]
    date: Dates
    bad_date: NDArray[np.bool_]
    unclear: NDArray[np.bool_]
    """``[rows, series]``: series that an unreadable vaccine or status leaves open."""


def read_table(table: Table, *, blank_date_is_no_dose: bool = False, credit: bool = False) -> Read:
    """Read a long table of doses (:data:`INPUT_COLUMNS`; ``id``, ``birth_date``, ``vaccine`` and ``date`` must be
    there).

    A row with neither vaccine, dose nor date only names a child. A child's birth date is the one of its rows that give
    one; rows that differ make it missing (``conflicting``). Rows without an id are left out. A combined vaccine becomes
    a record of each vaccine it stands for; immunoglobulin and rows whose ``status`` bars a vaccine are no doses. A cell
    that could not be read is a fault, and leaves open the doses of its child that it may have been; so does a dose
    without a date, unless ``blank_date_is_no_dose``. With ``credit`` the doses before the first one that the table
    names of a series count as done before the table begins.
    """
    columns = table if isinstance(table, Columns) else Columns(table, lenient=True)
    columns.require("id", "birth_date", "vaccine", "date")
    encoded = pa.array(columns.identities("id"), type=pa.string()).dictionary_encode()
    ids = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)[:-1]
    child = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
    named = child >= 0
    count = ids.shape[0]
    births, bad_birth = columns.days("birth_date")
    birth, conflicting = _one_birth(child, births, count)
    birth[child[named & bad_birth]] = NAT
    rows = _read_rows(columns, child)
    sex = _one_sex(child, columns.codes("sex", SEX), count)
    mothers = columns.codes("mother_hbsag", HBSAG)
    with np.errstate(invalid="ignore"):
        light = _any(child, named & (columns.floats("birth_weight_g") < LIGHT_G), count)
    mother = _any(child, named & (mothers == 1), count)
    health = np.zeros(count, dtype=np.int8)
    row_health = columns.codes("health_state", HEALTH_MEANING)
    some = named & (row_health > 0)
    health[child[some]] = row_health[some]

    taken = (rows.barred != CONTRAINDICATED) & (rows.barred != DEFERRED)
    globulin = named & taken & (rows.product == _globulin()) & ~np.isnat(rows.date)
    dose = named & taken & (rows.product != _globulin()) & (rows.product != _other())
    something = (rows.product != 0) | ~np.isnat(rows.date) | rows.bad_date | (rows.number > 0)
    undated = np.isnat(rows.date) & ~rows.bad_date
    if blank_date_is_no_dose:
        something &= ~undated
    asked = named & taken & something & (rows.product != _other())
    record = np.flatnonzero(dose & something)
    row, vaccine, label = _parts(record, rows, birth)
    unclear = _unclear(rows, named & something, ~dose | (rows.product == 0), count)
    hepb = list(schedule.series()).index("HepB")
    weight_open = _any(child, named & columns.is_unread("birth_weight_g"), count)
    mother_open = _any(child, named & (mothers < 0), count)
    unclear[(weight_open & (mother | mother_open)) | (mother_open & light), hepb] = True
    unclear[_any(child, named & (row_health < 0), count)] = True
    log = ReadingLog()
    log.take(columns, 2)
    log.cells += _missing_cells(columns, asked, rows, undated)
    return Read(
        ids=ids,
        children=ScheduledChildren(
            birth=birth,
            sex=sex,
            hepb_four_doses=light & mother,
            health=health,
            bars=_bars(rows, count),
            unclear=unclear,
            credited=_credited(rows, count) if credit else None,
        ),
        conflicting=conflicting,
        records=Records(
            child=child[row],
            vaccine=vaccine,
            dose=rows.number[row],
            date=rows.date[row],
            label=label,
            globulin=_given_globulin(child[globulin], rows.date[globulin]),
            unreadable=rows.bad_date[row],
        ),
        record_row=row,
        row_child=child,
        row_vaccine=_stands_for()[0][rows.product],
        row_number=rows.number,
        faults=tuple(sorted(log.cells)),
    )


def _read_rows(columns: Columns, child: NDArray[np.intp]) -> _Rows:
    numbers = {code: place for place, code in enumerate(_codes(), start=1)}
    found, vaccines = read_column(columns, "vaccine", lambda text: numbers[names.read_vaccine(text)])
    plain = np.where(vaccines.bad, -1, found).astype(np.intp)
    barred = columns.codes("status", BAR_MEANING)
    series = list(schedule.series())
    unclear = np.zeros((child.size, len(series)), dtype=bool)
    for row, _, error in vaccines.faults():
        known = error.series if isinstance(error, names.UnclearNameError) else series
        unclear[row] = [name in known for name in series]
    unclear |= (barred < 0)[:, None] & (_series_of(plain) | (plain == 0)[:, None])
    date, bad_date = columns.days("date")
    return _Rows(
        child=child,
        product=np.where(barred < 0, -1, plain),  # an unreadable status is no dose
        barred=barred,
        number=read_column(columns, "dose", read_dose)[0].astype(np.intp),
        date=date,
        bad_date=bad_date,
        unclear=unclear,
    )


def _missing_cells(
    columns: Columns, some: NDArray[np.bool_], rows: _Rows, undated: NDArray[np.bool_]
) -> list[UnreadCell]:
    """Doses without a day or without a vaccine."""
    vaccine = columns.texts("vaccine")
    found = [
        UnreadCell(row + 2, "date", "", f"写了疫苗「{vaccine[row]}」，没有写接种日期；没有种就不要写这一行")
        for row in np.flatnonzero(some & undated & (rows.product != 0)).tolist()
    ]
    no_vaccine = np.flatnonzero(some & (rows.product == 0)).tolist()
    return found + [UnreadCell(row + 2, "vaccine", "", "写了接种日期或剂次，没有写疫苗") for row in no_vaccine]


def _unclear(rows: _Rows, some: NDArray[np.bool_], all_series: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """``[children, series]``: what the rows that could not be read leave open."""
    unread = np.isnat(rows.date) & (rows.barred != CONTRAINDICATED) & (rows.barred != DEFERRED)
    open_ = rows.unclear | (unread[:, None] & _series_of(rows.product))
    open_ |= (all_series & (rows.product == 0) & (rows.barred == 0))[:, None]
    found = np.zeros((count, open_.shape[1]), dtype=bool)
    np.logical_or.at(found, rows.child[some], open_[some])
    return found


def _series_of(product: NDArray[np.intp]) -> NDArray[np.bool_]:
    """``[rows, series]``: the series to which the vaccine of each row belongs (several for a combined one)."""
    series = list(schedule.series())
    codes = list(schedule.products())
    stands_for, _ = _stands_for()
    table = np.zeros((stands_for.shape[0], len(series)), dtype=bool)
    for number, parts in enumerate(stands_for.tolist()):
        for part in parts:
            if part >= 0 and schedule.products()[codes[part]].series in series:
                table[number, series.index(schedule.products()[codes[part]].series)] = True
    return table[product]


def _parts(
    record: NDArray[np.intp], rows: _Rows, birth: Dates
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Table row, product and label of each record; a combined vaccine has one for each vaccine that it stands for."""
    stands_for, labels = _stands_for()
    places = rows.product[record]
    vaccine, label = stands_for[places].copy(), labels[places]
    switch = np.array([v.second_from_month or 0 for v in combined()] + [0])[label]
    older = rows.date[record] >= add_months(birth[rows.child[record]], switch)
    vaccine[(switch > 0) & older, 0] = vaccine[(switch > 0) & older, 1]
    vaccine[switch > 0, 1] = -1
    row, product, by = np.repeat(record, 2), vaccine.ravel(), np.repeat(label, 2)
    used = (product >= 0) | (np.arange(row.size) % 2 == 0)
    return row[used], product[used], by[used]


def _given_globulin(child: NDArray[np.intp], date: Dates) -> Globulin:
    order = np.lexsort((date, child))
    return Globulin(child[order], date[order])


def _bars(rows: _Rows, count: int) -> Bars | None:
    """Vaccines barred by rows whose ``status`` says so; of several rows for one vaccine the last one holds."""
    stands_for, _ = _stands_for()
    some = np.flatnonzero((rows.child >= 0) & ((rows.barred == CONTRAINDICATED) | (rows.barred == DEFERRED)))
    if not some.size:
        return None
    bars = Bars(
        np.zeros((count, len(schedule.products())), dtype=np.int8),
        np.full((count, len(schedule.products())), NAT),
    )
    for part in range(2):
        vaccine = stands_for[rows.product[some], part]
        mine = some[vaccine >= 0]
        at = (rows.child[mine], vaccine[vaccine >= 0])
        bars.kind[at] = rows.barred[mine]
        bars.until[at] = np.where(rows.barred[mine] == DEFERRED, rows.date[mine], NAT)
    return bars


def _credited(rows: _Rows, count: int) -> NDArray[np.intp]:
    """``[children, series]``: how many doses of a series come before the first one that the table names."""
    series = list(schedule.series())
    found = np.full((count, len(series)), 99, dtype=np.intp)
    stands_for, _ = _stands_for()
    of_product = [series.index(p.series) if p.series in series else -1 for p in schedule.products().values()]
    slot = np.stack([named_slot(name) for name in series])
    for part in range(2):
        vaccine = stands_for[rows.product, part]
        some = np.flatnonzero((rows.child >= 0) & (vaccine >= 0))
        which = np.array(of_product)[vaccine[some]]
        some, which = some[which >= 0], which[which >= 0]
        first = slot[which, vaccine[some], np.minimum(rows.number[some], 20)]
        np.minimum.at(found, (rows.child[some], which), np.maximum(first, 0))
    found[found == 99] = 0
    return found


def _codes() -> list[str]:
    """Vaccine codes by number from 1: products, combined vaccines that are no product, immunoglobulin, others."""
    codes = list(schedule.products())
    return [*codes, *(v.code for v in combined() if v.code not in codes), names.GLOBULIN, names.OTHER]


def _globulin() -> int:
    return _codes().index(names.GLOBULIN) + 1


def _other() -> int:
    return _codes().index(names.OTHER) + 1


def _stands_for() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each number of :func:`_codes` the (one or two) products it stands for, and its label; -1 none."""
    codes, numbers = list(schedule.products()), _codes()
    products = np.full((len(numbers) + 2, 2), -1, dtype=np.intp)  # the last row answers -1: unknown
    labels = np.full(len(numbers) + 2, -1, dtype=np.intp)
    products[1 : len(codes) + 1, 0] = np.arange(len(codes))
    for place, vaccine in enumerate(combined()):
        number = numbers.index(vaccine.code) + 1
        labels[number] = place
        products[number, : len(vaccine.components)] = [codes.index(code) for code in vaccine.components]
    return products, labels


def _any(child: NDArray[np.intp], where: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    found = np.zeros(count, dtype=bool)
    found[child[where]] = True
    return found


def _one_sex(child: NDArray[np.intp], code: Codes, count: int) -> Codes:
    """Each child's sex; -1 where a cell could not be read or rows differ."""
    male, female = (_any(child, (child >= 0) & (code == value), count) for value in (1, 2))
    found = np.where(male, 1, np.where(female, 2, 0)).astype(np.int8)
    found[(male & female) | _any(child, (child >= 0) & (code < 0), count)] = -1
    return found


def _one_birth(child: NDArray[np.intp], birth: Dates, count: int) -> tuple[Dates, NDArray[np.bool_]]:
    """Each child's birth date, NaT where no row gives one or rows differ, and which children's rows differ."""
    some = (child >= 0) & ~np.isnat(birth)
    days = birth[some].astype(np.int64)
    least, most = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(least, child[some], days)
    np.maximum.at(most, child[some], days)
    seen = least <= most
    found = np.where(seen, least, 0).astype("datetime64[D]")
    conflicting = seen & (least != most)
    found[~seen | conflicting] = NAT
    return found, conflicting
