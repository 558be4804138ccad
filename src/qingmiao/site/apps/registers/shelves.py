"""The photographs and other files that entries of registers use, as every version of them says."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping
from qingmiao.site.apps.registers.models import RegisterEntry, RegisterEntryVersion


def used(keys: Collection[str]) -> set[str]:
    """Of keys of the shelf of answers, those that an entry holds or held."""
    of = (RegisterEntry, RegisterEntryVersion)
    held = (model.objects.values_list("answers", flat=True).iterator() for model in of)
    return sweeping.named_in(chain.from_iterable(held), keys)


sweeping.register(files.ANSWERS, used)
