"""The roles of the shared pack and the built-in ones by id, as tests name them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role's id."""

    COMMITTEE_OFFICE = "committee_office"
    STATISTICS = "statistics"
    LIAISON = "liaison"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    VILLAGE_DIRECTOR = "village_director"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    CLASS_TEACHER = "class_teacher"
    POLICE_OFFICER = "police_officer"
    CHILD_PROTECTION_OFFICER = "child_protection_officer"
    JUVENILE_PROSECUTOR = "juvenile_prosecutor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    AUDITOR = "auditor"
