"""The ids of the roles that flows and pages written in Python name, and the words for many; what a role is, is content."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.content import roles as content


class Role(StrEnum):
    """A role that something in the house names; its label, scope and limits stand in the pack (`roles/`)."""

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


ADMINISTRATORS = frozenset(content.ADMINISTRATORS)
WORKING = frozenset({content.ANY_STAFF})
"""Everybody who works with figures: all but the administrators, whatever their role is called."""
COUNTY_WIDE = frozenset({content.ANY_AREA_STAFF})
"""Of these, the ones who see every unit of their area."""
REPORTING = frozenset({content.ANY_UNIT_STAFF})
"""Of these, the ones who answer for their own unit."""
