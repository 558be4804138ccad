"""Do the kinds of documents name roles that there are, and words that their flows may use?"""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.check_flows import check_flow
from qingmiao.content.documents import DocumentKind
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.content.roles import all_roles
from qingmiao.flow.words import DOCUMENTS
from qingmiao.kernel.errors import Fault


def check_documents(pack: Pack) -> Iterator[Fault]:
    """Every role that records a kind exists (in a pack that has roles at all), and what its flow names."""
    known = all_roles(pack)
    for kind in pack.entries("documents", DocumentKind).values():
        if kind.flow is not None:
            yield from check_flow(pack, "documents", kind.id, kind.flow, DOCUMENTS)
        for n, role in enumerate(kind.recorded_by if pack.roles else ()):
            if unknown(pack, known, role):
                message = f"recorded_by 提到没有的角色「{role}」"
                yield fault_at(
                    pack, "documents", kind.id, "dangling_id", message, near(role, known), at=("recorded_by", n),
                    subject=f"roles/{role}",
                )  # fmt: skip
