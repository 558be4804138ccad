"""The roles of the site, in the words of the people who hold them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody does here; where, is the scope of the assignment."""

    COMMITTEE_OFFICE = "committee_office"
    STATISTICS = "statistics"
    LIAISON = "liaison"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    VILLAGE_DIRECTOR = "village_director"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        """Chinese name."""
        return LABELS[self][0]

    @property
    def label_en(self) -> str:
        """English name."""
        return LABELS[self][1]


LABELS: dict[Role, tuple[str, str]] = {
    Role.COMMITTEE_OFFICE: ("妇儿工委办", "Committee office"),
    Role.STATISTICS: ("统计部门", "Statistics bureau"),
    Role.LIAISON: ("部门联络员", "Department liaison"),
    Role.LEADER: ("单位分管领导", "Unit leader"),
    Role.SUPERVISOR: ("乡镇儿童督导员", "Township supervisor"),
    Role.VILLAGE_DIRECTOR: ("村（社区）儿童主任", "Village director"),
    Role.SCHOOL: ("学校", "School"),
    Role.HOSPITAL: ("医疗卫生机构", "Hospital or clinic"),
    Role.SYSTEM_ADMIN: ("系统管理员", "System administrator"),
    Role.SECURITY_ADMIN: ("安全管理员", "Security administrator"),
    Role.AUDIT_ADMIN: ("审计管理员", "Audit administrator"),
    Role.AUDITOR: ("审计人员", "Auditor"),
}
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
COUNTY_WIDE = frozenset({Role.COMMITTEE_OFFICE, Role.STATISTICS, Role.AUDITOR})
"""Roles that see every unit of their area."""
REPORTING = frozenset({Role.LIAISON, Role.LEADER, Role.SUPERVISOR, Role.VILLAGE_DIRECTOR, Role.SCHOOL, Role.HOSPITAL})
WORKING = COUNTY_WIDE | REPORTING
"""Roles that work with figures (the administrators do not)."""
