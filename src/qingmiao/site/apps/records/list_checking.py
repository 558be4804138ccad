"""A list is laid beside the register and judged: which child each row is about, what is wrong, what is asked back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from qingmiao.collect.child_sheets import RowFault
from qingmiao.forms.coded import dictionary
from qingmiao.forms.column_answers import json_text, object_texts
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, list_judging, list_matching, list_registering, registering
from qingmiao.site.apps.records.list_judging import JudgedList, Tell, nobody
from qingmiao.site.apps.records.list_models import ChildList, ListedRow
from qingmiao.site.apps.records.list_reading import ListRead
from qingmiao.site.apps.records.list_registering import NewFiles

KEPT_FAULTS = 500
"""So many faults are kept for the page; all of them stand in the repaired copy."""
PIECE = 5000
SAID = ("name", "sex", "birth", "school_class", "mother")
"""What is kept of a row for whoever settles it; never a number."""


@dataclass(frozen=True)
class CheckedList:
    """What the page shows of a list. `noted`: columns of the list; `rows`: its rows, in pieces, column → cells."""

    noted: Mapping[str, Any]
    rows: Iterator[Mapping[str, list[Any]]]


def check(reach: Reach, listed: ChildList, read: ListRead, tell: Tell = nobody) -> CheckedList:
    """A list that is new, as far as the person may record."""
    people = read.rows.people
    matched = list_matching.match(people, exposure.sights(reach), read.kind) if read.rows.rows else []
    about = {n: m.child for n, m in enumerate(matched) if m.child is not None}
    registers = read.layout.registers and registering.may_register(reach)
    absent = {n for n, m in enumerate(matched) if m.standing == "absent" and registers}
    judged = judge(listed, read, about, list_registering.new_files(read.rows, read.found, absent), tell)

    def rows() -> Iterator[dict[str, list[Any]]]:
        for start in range(0, len(matched), PIECE):
            piece = matched[start : start + PIECE]
            said = people.select(list(SAID)).slice(start, PIECE)
            yield {
                "place": [place + 1 for place in read.rows.rows[start : start + PIECE]],
                "standing": ["new" if n in absent else m.standing for n, m in enumerate(piece, start)],
                "child_id": [m.child for m in piece],
                "said": object_texts({word: (dictionary(said[word]), str) for word in SAID}, len(piece)),
                "candidates": [json_text([list(c) for c in m.candidates]) if m.candidates else "[]" for m in piece],
            }

    return CheckedList(noted(read, judged), rows())


def recheck(reach: Reach, listed: ChildList, read: ListRead, tell: Tell = nobody) -> JudgedList:
    """A list judged anew, as its rows stand and as far as the person may record now."""
    about, new, gone = standing(reach, listed, read)
    judged = judge(listed, read, about, list_registering.new_files(read.rows, read.found, new), tell)
    judged.faults += gone
    return judged


def standing(
    reach: Reach, listed: ChildList, read: ListRead
) -> tuple[dict[int, int], Collection[int], list[RowFault]]:  # fmt: skip
    """Number of the row → child; the rows that make a file; and the rows whose child is out of reach now."""
    rows = ListedRow.objects.filter(listed=listed, standing__in=("sure", "chosen", "new"))
    stands = dict(rows.values_list("place", "child_id"))
    here = {n: stands[p + 1] for n, p in enumerate(read.rows.rows) if p + 1 in stands}
    about = {n: pk for n, pk in here.items() if pk is not None}
    seen = list_matching.reached(exposure.sights(reach), read.kind, about.values())
    place = read.found.place(says="name")
    gone = [RowFault(read.rows.rows[n], place, "现在找不到这名儿童") for n, pk in about.items() if pk not in seen]
    return {n: pk for n, pk in about.items() if pk in seen}, [n for n, pk in here.items() if pk is None], gone


def judge(
    listed: ChildList, read: ListRead, about: Mapping[int, int], files: NewFiles, tell: Tell = nobody
) -> JudgedList:  # fmt: skip
    """All rows judged; only what is wrong and what is asked is kept of them."""
    at_hand = read.at_hand(listed.asked)
    judged = list_judging.judge(
        at_hand, about, today=timezone.localdate(), but=listed.pk, unborn=files.children(), tell=tell
    )
    judged.faults += files.faults
    return judged


def every_fault(read: ListRead, judged: JudgedList) -> list[RowFault]:
    """What is wrong with a list, in the order of its cells."""
    faults = sorted({*read.found.faults, *read.rows.faults, *judged.faults}, key=lambda f: (f.row, f.column, f.message))
    return faults or ([] if read.rows.rows else [RowFault(read.found.row, -1, "表头下面没有数据")])


def noted(read: ListRead, judged: JudgedList) -> dict[str, Any]:
    """What is kept of a judged list for its page."""
    faults, there = every_fault(read, judged), {c.heading for c in read.found.columns.values()}
    return {
        "fault_count": len(faults),
        "faults": [
            [f.cell or (f"第 {f.row + 1} 行" if f.row >= 0 else ""), f.message] for f in faults[:KEPT_FAULTS]
        ],
        "unknown": list(dict.fromkeys(h[:60] for h in read.found.unknown.values()))[:100],
        "missing": [c.heading for c in read.layout.columns if c.heading not in there and (c.says or c.field)],
        "queries": {k: [words, judged.asking[k]] for k, words in judged.queries.items()},
    }  # fmt: skip
