"""The door of the returns: everything that other apps and the pages call."""

from __future__ import annotations

from qingmiao.site.apps.directory.access import ConflictError, NotAllowedError, Seen
from qingmiao.site.apps.returns.calendar import (
    Figures,
    Openable,
    Todo,
    figures,
    open_collections,
    openable,
    remind,
    submitted_in,
    todo,
)
from qingmiao.site.apps.returns.effects import CellChange, Effect, changes, effects, reading
from qingmiao.site.apps.returns.facts import (
    Origin,
    accepted_cells,
    calendar_states,
    cell_origin,
    import_accepted,
)
from qingmiao.site.apps.returns.forms import pack
from qingmiao.site.apps.returns.mappings import layout, look, save_mapping
from qingmiao.site.apps.returns.moving import lock_year, move
from qingmiao.site.apps.returns.saving import Edits, Saved, save
from qingmiao.site.apps.returns.sheet import Mark, Sheet, load, shown
from qingmiao.site.apps.returns.uploads import apply as apply_upload
from qingmiao.site.apps.returns.uploads import can_be_marked
from qingmiao.site.apps.returns.uploads import receive as receive_upload
from qingmiao.site.apps.returns.uploads import repaired as repaired_upload

__all__ = [
    "CellChange", "ConflictError", "Edits", "Effect", "Figures", "Mark", "NotAllowedError", "Openable", "Origin", "Saved", "Seen",
    "Sheet", "Todo", "accepted_cells", "apply_upload", "calendar_states", "can_be_marked", "cell_origin", "changes", "effects", "figures",
    "import_accepted", "layout", "load", "lock_year", "look", "move", "open_collections", "openable", "pack", "reading", "receive_upload", "remind",
    "repaired_upload", "save", "save_mapping", "shown", "submitted_in", "todo",
]  # fmt: skip
