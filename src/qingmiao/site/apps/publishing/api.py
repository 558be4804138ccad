"""Publishing's door: start an edition, edit its prose, submit, approve, release, read its files."""

from __future__ import annotations

from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError
from qingmiao.site.apps.publishing.editions import edit, move, start
from qingmiao.site.apps.publishing.making import make, prepare
from qingmiao.site.apps.publishing.offered import LANGUAGE, PRESELECTED, Choice, OfferedReports, offered
from qingmiao.site.apps.publishing.permissions import may_write
from qingmiao.site.apps.publishing.showing import EditionView, download, listed, released_in, shown, years
from qingmiao.site.apps.publishing.workflow import FLOW, WRITERS, EditionState
from qingmiao.site.apps.publishing.writing import document, file, paragraphs, render

__all__ = [
    "FLOW", "LANGUAGE", "PRESELECTED", "WRITERS", "AbsentError", "Choice", "ConflictError", "EditionState",
    "EditionView", "NotAllowedError", "OfferedReports", "document", "download", "edit", "file", "listed", "make",
    "may_write", "move", "offered", "paragraphs", "prepare", "released_in", "render", "shown", "start", "years",
]  # fmt: skip
