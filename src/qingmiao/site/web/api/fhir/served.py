"""What a type of resource is answered by: one `ResourceServer` a type, registered by the module that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qingmiao.fhir.searching import Search
from qingmiao.site.apps.directory.api import Reach

Json = dict[str, Any]


@dataclass(frozen=True)
class ResourcePage:
    """Resources of one page, in order; `after`: the mark of the next page ("" on the last one); `total` if counted."""

    resources: Sequence[Json]
    after: str = ""
    total: int | None = None


@dataclass(frozen=True)
class Kept:
    """One version of a resource: None where it was taken away; how it came to be, and when (an instant)."""

    resource: Json | None
    method: str
    moment: str


class ResourceServer(Protocol):
    """Answers for one type. Everything raises AbsentError for what is not there for this person."""

    kind: str
    versioned: bool
    """Whether it keeps versions (else it is only read and searched)."""
    writes: tuple[str, ...]
    """Of `create` and `update`, what is taken."""

    def read(self, reach: Reach, id: str) -> Json:
        """The resource as it stands, with `meta`."""

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """All versions, newest first."""

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """One page."""

    def create(self, reach: Reach, resource: Json, operation: str) -> Json:
        """Make it; the same operation a second time gives what the first made. NotTakenError: it does not fit."""

    def update(self, reach: Reach, id: str, version: str, resource: Json, operation: str) -> Json:
        """Change it, if `version` is the present one (else ConflictError)."""


SERVERS: dict[str, ResourceServer] = {}


def register(server: ResourceServer) -> None:
    """Make a type known."""
    SERVERS[server.kind] = server


def writes() -> Mapping[str, tuple[str, ...]]:
    """Type → what of create and update is taken."""
    return {kind: server.writes for kind, server in SERVERS.items() if server.writes}
