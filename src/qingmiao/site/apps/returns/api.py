"""The door of the returns: everything that other apps and the pages call."""

from __future__ import annotations

from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError, Seen
from qingmiao.site.apps.returns.accepted import (
    FigureOrigin,
    accepted_cells,
    calendar_states,
    cell_origin,
    correction_reasons,
    import_accepted,
    publish_accepted,
)
from qingmiao.site.apps.returns.calendar import (
    accepted_in,
    figures,
    remind,
    submitted_in,
)
from qingmiao.site.apps.returns.corrections import CellChange, ChangedNumber, changes, effects, reading
from qingmiao.site.apps.returns.mappings import layout, look, mappings, save_mapping
from qingmiao.site.apps.returns.moving import lock_year, move, steps
from qingmiao.site.apps.returns.opening import (
    Openable,
    ToOpen,
    Undoable,
    newest_year,
    open_collections,
    openable,
    opening,
    take_back,
    undoable,
)
from qingmiao.site.apps.returns.pack_returns import area_name, explained, marks, pack, return_of, rules
from qingmiao.site.apps.returns.permissions import may_fill, may_lock, may_open
from qingmiao.site.apps.returns.saving import Edits, Saved, save
from qingmiao.site.apps.returns.sheet import BrokenRule, Sheet, SheetEntry, code_of, load, shown
from qingmiao.site.apps.returns.showing import (
    FilingView,
    county,
    find,
    found,
    overdue,
    own_units,
    sent_back,
    signatures,
    versions,
    waiting,
    year_view,
)
from qingmiao.site.apps.returns.uploads import (
    MAX_BYTES,
    UploadView,
    can_be_marked,
    upload_of,
    uploaded_before,
    uploads,
)
from qingmiao.site.apps.returns.uploads import apply as apply_upload
from qingmiao.site.apps.returns.uploads import receive as receive_upload
from qingmiao.site.apps.returns.uploads import repaired as repaired_upload
from qingmiao.site.apps.returns.workflow import FILLERS, ReturnState

__all__ = [
    "FILLERS",
    "MAX_BYTES",
    "AbsentError",
    "BrokenRule",
    "CellChange",
    "ChangedNumber",
    "ConflictError",
    "Edits",
    "FigureOrigin",
    "FilingView",
    "NotAllowedError",
    "Openable",
    "ReturnState",
    "Saved",
    "Seen",
    "Sheet",
    "SheetEntry",
    "ToOpen",
    "Undoable",
    "UploadView",
    "accepted_cells",
    "accepted_in",
    "apply_upload",
    "area_name",
    "calendar_states",
    "can_be_marked",
    "cell_origin",
    "changes",
    "code_of",
    "correction_reasons",
    "county",
    "effects",
    "explained",
    "figures",
    "find",
    "found",
    "import_accepted",
    "layout",
    "load",
    "lock_year",
    "look",
    "mappings",
    "marks",
    "may_fill",
    "may_lock",
    "may_open",
    "move",
    "newest_year",
    "open_collections",
    "openable",
    "opening",
    "overdue",
    "own_units",
    "pack",
    "publish_accepted",
    "reading",
    "receive_upload",
    "remind",
    "repaired_upload",
    "return_of",
    "rules",
    "save",
    "save_mapping",
    "sent_back",
    "shown",
    "signatures",
    "steps",
    "submitted_in",
    "take_back",
    "undoable",
    "upload_of",
    "uploaded_before",
    "uploads",
    "versions",
    "waiting",
    "year_view",
]  # fmt: skip
