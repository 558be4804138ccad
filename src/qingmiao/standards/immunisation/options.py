"""Which of a series' ways is a child's: the one its first dose that counts belongs to, unless another one is
complete."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.immunisation import schedule
from qingmiao.standards.immunisation.plan import ScheduledChildren, default_options
from qingmiao.standards.immunisation.records import Records, chosen_option
from qingmiao.standards.immunisation.slots import FilledSlots

_FAR = np.iinfo(np.int64).max


def choose(
    name: str, ways: list[FilledSlots], children: ScheduledChildren, records: Records, order: NDArray[np.intp]
) -> NDArray[np.intp]:
    """``[n]``: position in ``ways``.

    Polio: the second way (four doses of whichever vaccine) where it is complete and the first is not. Hepatitis A and
    Japanese encephalitis: the way of the first dose that counts; without one, of the first record; without any, the
    default. A child that changed from one JE vaccine to the other follows the one that is complete, if one is (the text
    does not join them; for hepatitis A it does: the live dose completes the inactivated one).
    """
    complete = np.stack([way.complete for way in ways], axis=1)
    if name == "polio":
        return np.where(complete[:, 1] & ~complete[:, 0], 1, 0)
    options = schedule.series()[name]
    if len(options) == 1:
        return np.zeros(children.birth.shape, dtype=np.intp)
    first = np.stack([way.series.given[:, 0] for way in ways], axis=1)
    days = np.where(np.isnat(first), _FAR, first.astype(np.int64))
    by_record = chosen_option(options, records, order, default_options(options, children))
    way = np.where((days < _FAR).any(axis=1), days.argmin(axis=1), by_record)
    if name == "JE":
        stays = complete[np.arange(way.size), way] | ~complete.any(axis=1)
        way = np.where(stays, way, complete.argmax(axis=1))
    return way
