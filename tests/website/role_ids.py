"""The roles of the shared pack and the built-in ones by id, as tests name them."""

from __future__ import annotations

from enum import StrEnum, nonmember


class CaseRole(StrEnum):
    """The id of a role that only tests of casework and evaluations seat: the matrices over all roles leave it out."""

    CASE_WORKER = "case_worker"
    CLASS_TEACHER = "class_teacher"
    POLICE_OFFICER = "police_officer"
    CHILD_PROTECTION_OFFICER = "child_protection_officer"
    JUVENILE_PROSECUTOR = "juvenile_prosecutor"
    JUVENILE_JUDGE = "juvenile_judge"
    HOTLINE_SEAT = "hotline_seat"
    EDUCATION_OFFICER = "education_officer"
    JUSTICE_OFFICER = "justice_officer"
    WOMENS_FEDERATION_OFFICER = "womens_federation_officer"
    EVALUATION_MEMBER = "evaluation_member"


class Role(StrEnum):
    """A role's id: those that the house names, the built-in ones, and the one of people from outside."""

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
    THIRD_PARTY_EVALUATOR = "third_party_evaluator"
    CLASS_TEACHER = nonmember(CaseRole.CLASS_TEACHER)
    EDUCATION_OFFICER = nonmember(CaseRole.EDUCATION_OFFICER)
    POLICE_OFFICER = nonmember(CaseRole.POLICE_OFFICER)
    CHILD_PROTECTION_OFFICER = nonmember(CaseRole.CHILD_PROTECTION_OFFICER)
    JUVENILE_PROSECUTOR = nonmember(CaseRole.JUVENILE_PROSECUTOR)
    EVALUATION_MEMBER = nonmember(CaseRole.EVALUATION_MEMBER)
