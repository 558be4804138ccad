"""Organisations: the units that lead, report and are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qingmiao.content.areas import Validity
from qingmiao.content.base import Content, Id, Label, Source

OrganisationKind = Literal[
    "committee",
    "department",
    "statistics",
    "health",
    "education",
    "civil_affairs",
    "police",
    "justice",
    "procuratorate",
    "court",
    "group",
    "township",
    "village",
    "institution",
    "school",
    "kindergarten",
    "nursery",
    "hospital",
    "maternal_child",
    "clinic",
    "disease_control",
    "protection",
    "social_organisation",
    "other",
]
"""What sort of organisation: roles say by it whose people may hold them."""


@dataclass(frozen=True)
class UnitKind:
    """A kind of organisation in words. `within`: the wider kind that it belongs to."""

    label: Label
    within: str = ""


def _kind(zh: str, en: str, within: str = "") -> UnitKind:
    return UnitKind(Label(zh=zh, en=en), within)


KINDS: Mapping[str, UnitKind] = {
    "committee": _kind("党委、政府和议事机构", "Party committee, government or coordinating body"),
    "department": _kind("部门", "department"),
    "statistics": _kind("统计部门", "statistics bureau", "department"),
    "health": _kind("卫生健康部门", "health department", "department"),
    "education": _kind("教育部门", "education department", "department"),
    "civil_affairs": _kind("民政部门", "civil affairs department", "department"),
    "police": _kind("公安机关", "police"),
    "justice": _kind("司法行政部门", "organ of justice"),
    "procuratorate": _kind("检察院", "procuratorate"),
    "court": _kind("法院", "court"),
    "group": _kind("群团组织", "mass organisation"),
    "township": _kind("乡镇（街道）", "township"),
    "village": _kind("村（居）民委员会", "village or neighbourhood committee"),
    "institution": _kind("事业单位和机构", "public institution"),
    "school": _kind("学校", "school", "institution"),
    "kindergarten": _kind("幼儿园", "kindergarten", "institution"),
    "nursery": _kind("托育机构", "nursery", "institution"),
    "hospital": _kind("医院", "hospital", "institution"),
    "maternal_child": _kind("妇幼保健机构", "maternal and child health institution", "institution"),
    "clinic": _kind("基层医疗卫生机构", "primary health care institution", "institution"),
    "disease_control": _kind("疾病预防控制机构", "disease control institution", "institution"),
    "protection": _kind("未成年人救助保护机构、儿童福利机构", "protection or welfare institution", "institution"),
    "social_organisation": _kind("社会组织", "social organisation"),
    "other": _kind("其他单位", "other unit"),
}
"""Every kind in words. Where the lines between them are drawn: police, organs of justice, procuratorates and courts by
未成年人保护法第一百零一条; schools, kindergartens, institutions of protection and welfare, nurseries (婴幼儿照护服务机构)
by its 第一百三十条; hospitals, primary care (乡镇卫生院、社区卫生服务中心和站、村卫生室 …) and disease control by
基本医疗卫生与健康促进法第一百零七条; maternal and child health institutions by 医疗机构管理条例实施细则第三条. The wider kinds
are the house's own."""
AUTHORITIES: frozenset[str] = frozenset(
    {
        "committee", "department", "statistics", "health", "education", "civil_affairs", "police", "justice",
        "procuratorate", "court", "group", "township", "village",
    }
)  # fmt: skip
"""The kinds of units that answer for a place: whoever works there has to do with what lies in its area. Institutions
answer for their own alone."""
ATTENDED: frozenset[str] = frozenset({"school", "kindergarten", "nursery", "education"})
"""The kinds of units that children attend; education stands for the schools that are no units of their own."""


def fits(kind: str, wanted: Iterable[str]) -> bool:
    """Whether a unit of a kind is one of the wanted kinds, by itself or by its wider kind; none wanted: any is."""
    among = frozenset(wanted)
    return not among or bool(among & {kind, KINDS[kind].within if kind in KINDS else ""})


def narrowed(wanted: Iterable[str]) -> frozenset[str]:
    """The wanted kinds and all that lie within them."""
    among = frozenset(wanted)
    return among | {kind for kind, one in KINDS.items() if one.within in among}


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
