"""Organisations: the units that lead, report and are told."""

from __future__ import annotations

from datetime import date
from typing import Literal

from qingmiao.content.areas import Validity
from qingmiao.content.base import Content, Id, Label, Source

OrganisationKind = Literal[
    "committee",
    "department",
    "police",
    "justice",
    "procuratorate",
    "court",
    "group",
    "township",
    "institution",
    "other",
]
"""What sort of organisation: roles say by it whose people may hold them. Police, the organs of justice, procuratorates
and courts are kinds of their own, as 未成年人保护法第一百零一条 names them apart: no role of one is given at another."""


class OrganisationItem(Content):
    """A unit: committee office, department, township government, school …"""

    id: Id
    label: Label
    short: str = ""
    kind: OrganisationKind
    area: str
    parent: Id | None = None
    duties: tuple[Id, ...] = ()
    type: str = ""
    """What sort of institution (卫生院、小学), in the words that targets over each of them use."""
    valid: Validity = Validity()
    source: Source | None = None
    note: str = ""

    def exists(self, day: date) -> bool:
        """Whether the unit exists on a day."""
        return self.valid.holds(day)
