"""The kinds of documents that the pack names, in its order."""

from __future__ import annotations

from qingmiao.content.base import Label
from qingmiao.content.documents import DocumentKind
from qingmiao.flow import State
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.pack import pack


def kinds() -> dict[str, DocumentKind]:
    """Every kind of the pack by its id, low `order` first."""
    found = pack().entries("documents", DocumentKind)
    return {k.id: k for k in sorted(found.values(), key=lambda k: (k.order, k.id))}


def kind_of(id_: str) -> DocumentKind:
    """A kind; for one that the pack does not have any more, its id as its words, and nobody who records it."""
    gone = DocumentKind.model_construct(id=id_, label=Label(zh=id_), text=Label(zh="内容"), recorded_by=())
    return pack().entries("documents", DocumentKind).get(id_, gone)


def state_of(activity: Activity) -> State:
    """Where a document stands, in the words of its kind's flow."""
    return kind_of(activity.kind).workflow.state(activity.state)
