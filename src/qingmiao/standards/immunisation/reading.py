"""Reading a long table of doses: children, the doses they had, immunoglobulin, and vaccines barred for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes, Columns, Table, Texts
from qingmiao.standards.immunisation import schedule
from qingmiao.standards.immunisation.circumstances import (
    BAR_MEANING,
    CONTRAINDICATED,
    DEFERRED,
    GLOBULIN,
    HEALTH_MEANING,
    Bars,
    Globulin,
    combined,
)
from qingmiao.standards.immunisation.plan import Children
from qingmiao.standards.immunisation.records import Records
from qingmiao.standards.screening.dates import NAT, Dates, read_dates

SEX: Mapping[str, int] = {"m": 1, "男": 1, "1": 1, "f": 2, "女": 2, "2": 2}
HBSAG: Mapping[str, int] = {
    **dict.fromkeys(("positive", "阳性", "+", "unknown", "不详", "未知"), 1),
    **dict.fromkeys(("negative", "阴性", "-"), 2),
}
INPUT_COLUMNS: Mapping[str, str] = {
    "id": "儿童编号；同一编号的各行属于一个儿童",
    "birth_date": "出生日期，如 2024-01-31",
    "sex": "可选：M 或 F（HPV 疫苗要用）",
    "vaccine": "疫苗代码或中文名（五联、四联按所含疫苗计，IG 是免疫球蛋白）；没有接种记录的儿童留空一行",
    "dose": "可选：第几剂；空白时按日期先后排",
    "date": "接种日期",
    "mother_hbsag": "可选：母亲 HBsAg：positive、negative、unknown",
    "birth_weight_g": "可选：出生体重，克",
    "health_state": "可选：健康状态：hiv_exposed（HIV 感染母亲所生、未排除感染）、immunodeficient（免疫缺陷或免疫抑制治疗）",
    "status": "可选：空白或 given 是已种；contraindicated（禁忌）、deferred（暂缓）是该疫苗不能种，date 写到哪一天为止，空白是长期",
}


@dataclass(frozen=True, slots=True)
class Read:
    """A long table as arrays: child identifiers, children, records, and the table row of each record."""

    ids: Texts
    children: Children
    conflicting: NDArray[np.bool_]
    records: Records
    record_row: NDArray[np.intp]
    row_child: NDArray[np.intp]
    """For each table row its child, -1 where the row has no id."""


def read_table(table: Table) -> Read:
    """Read a long table of doses (:data:`INPUT_COLUMNS`; ``id``, ``birth_date``, ``vaccine`` and ``date`` must be there).

    A row with neither vaccine, dose nor date only names a child. A child's birth date is the one of its rows that give
    one; rows that differ make it missing (``conflicting``). Rows without an id are left out. A combined vaccine becomes a
    record of each vaccine it stands for; immunoglobulin and rows whose ``status`` bars a vaccine are no doses.
    """
    columns = table if isinstance(table, Columns) else Columns(table)
    columns.require("id", "birth_date", "vaccine", "date")
    encoded = pa.array(columns.texts("id"), type=pa.string()).dictionary_encode()
    ids = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)[:-1]
    child = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
    birth, conflicting = _one_birth(child, read_dates(columns, "birth_date")[0], ids.shape[0])
    named = child >= 0
    sex = np.zeros(ids.shape[0], dtype=np.int8)
    light = np.zeros(ids.shape[0], dtype=bool)
    mother = np.zeros(ids.shape[0], dtype=bool)
    row_sex = columns.codes("sex", SEX)
    some = named & (row_sex != 0)
    sex[child[some]] = row_sex[some]
    with np.errstate(invalid="ignore"):
        light[child[named & (columns.floats("birth_weight_g") < 2000)]] = True
    mother[child[named & (columns.codes("mother_hbsag", HBSAG) == 1)]] = True
    health = np.zeros(ids.shape[0], dtype=np.int8)
    row_health = columns.codes("health_state", HEALTH_MEANING)
    some = named & (row_health > 0)
    health[child[some]] = row_health[some]
    product = columns.codes("vaccine", _vaccine_meaning())
    barred = columns.codes("status", BAR_MEANING)
    number = columns.floats("dose")
    date, bad_date = read_dates(columns, "date")
    dose = named & (barred != CONTRAINDICATED) & (barred != DEFERRED)
    globulin = dose & (product == _globulin_code()) & ~np.isnat(date)
    record = np.flatnonzero(
        dose & ~globulin & ((product != 0) | ~np.isnat(date) | bad_date | ~np.isnan(number))
    )
    whole = np.where(np.isfinite(number) & (number >= 1) & (number <= 20), number, 0).astype(np.intp)
    stands_for, labels = _stands_for()
    places = np.where(
        barred[record] < 0, -1, product[record].astype(np.intp)
    )  # an unreadable status is no dose
    row = np.repeat(record, 2)
    vaccine, label = stands_for[places].ravel(), np.repeat(labels[places], 2)
    used = (vaccine >= 0) | (np.arange(row.size) % 2 == 0)
    row, vaccine, label = row[used], vaccine[used], label[used]
    return Read(
        ids=ids,
        children=Children(
            birth, sex, light & mother, health, _bars(named, child, product, barred, date, ids.shape[0])
        ),
        conflicting=conflicting,
        records=Records(
            child=child[row],
            vaccine=vaccine,
            dose=whole[row],
            date=date[row],
            label=label,
            globulin=_globulin(child[globulin], date[globulin]),
        ),
        record_row=row,
        row_child=child,
    )


def _globulin(child: NDArray[np.intp], date: Dates) -> Globulin:
    order = np.lexsort((date, child))
    return Globulin(child[order], date[order])


def _bars(
    named: NDArray[np.bool_], child: NDArray[np.intp], product: Codes, barred: Codes, date: Dates, count: int
) -> Bars | None:
    """Vaccines barred by rows whose ``status`` says so; of several rows for one vaccine the last one holds."""
    stands_for, _ = _stands_for()
    rows = np.flatnonzero(named & ((barred == CONTRAINDICATED) | (barred == DEFERRED)))
    if not rows.size:
        return None
    bars = Bars(
        np.zeros((count, len(schedule.products())), dtype=np.int8),
        np.full((count, len(schedule.products())), NAT),
    )
    for part in range(2):
        vaccine = stands_for[product[rows].astype(np.intp), part]
        some = rows[vaccine >= 0]
        at = (child[some], vaccine[vaccine >= 0])
        bars.kind[at] = barred[some]
        bars.until[at] = np.where(barred[some] == DEFERRED, date[some], NAT)
    return bars


@cache
def _vaccine_meaning() -> dict[str, int]:
    """What a vaccine cell may say, lower case, and its number: products from 1, then combined vaccines, then immunoglobulin."""
    codes = list(schedule.products())
    meaning = {code.lower(): place for place, code in enumerate(codes, start=1)}
    for row in schedule.rows():
        meaning.setdefault(row.vaccine_zh.lower(), codes.index(row.vaccine) + 1)
    for place, vaccine in enumerate(combined(), start=len(codes) + 1):
        for name in (vaccine.code, *vaccine.names):
            meaning.setdefault(name.lower(), place)
    return meaning | dict.fromkeys(GLOBULIN, _globulin_code())


def _globulin_code() -> int:
    return len(schedule.products()) + len(combined()) + 1


@cache
def _stands_for() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each number of :func:`_vaccine_meaning` the (one or two) products it stands for, and its label; -1 none."""
    codes = list(schedule.products())
    products = np.full((_globulin_code() + 2, 2), -1, dtype=np.intp)  # the last row answers -1: unknown
    labels = np.full(_globulin_code() + 2, -1, dtype=np.intp)
    products[1 : len(codes) + 1, 0] = np.arange(len(codes))
    for place, vaccine in enumerate(combined()):
        number = codes.index(vaccine.code) + 1 if vaccine.code in codes else len(codes) + 1 + place
        labels[number] = place
        products[number, : len(vaccine.components)] = [codes.index(code) for code in vaccine.components]
    return products, labels


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
