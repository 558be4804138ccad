"""Kinds of organisations: each has words, lies in at most one wider kind, and the shared roles name the exact ones."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from qingmiao.content import load_pack
from qingmiao.content.organisations import ATTENDED, KINDS, OrganisationKind, fits, narrowed

CHINA = Path(__file__).resolve().parents[3] / "content" / "china"
WIDE = {one.within for one in KINDS.values()} - {""}
EVERYWHERE = {"evaluation_member", "leader", "liaison"}
"""Roles of every unit that reports, and of those sent by their units: these name the wide kinds."""
FROM_OUTSIDE = {"third_party_evaluator"}
"""Who is none of the county's own: a firm or an institute has no kind here, or is an organisation among many."""
OF_A_DEPARTMENT = {
    "cyberspace_officer", "emergency_officer", "environment_officer", "hotline_seat", "labour_inspector",
    "market_officer", "medical_insurance_officer", "transport_officer", "water_officer",
}  # fmt: skip
"""Roles of one department that has no kind of its own: which one they sit in is the county's setting."""


def test_every_kind_has_words_and_wider_ones_are_no_part_of_another() -> None:
    assert list(KINDS) == list(get_args(OrganisationKind))
    assert all(one.label.zh and one.label.en for one in KINDS.values())
    assert {KINDS[wide].within for wide in WIDE} == {""}
    assert set(KINDS) >= ATTENDED


@pytest.mark.parametrize(
    ("kind", "wanted", "may"),
    [
        ("school", ["school"], True),
        ("school", ["institution"], True),  # a wider kind stands for all within it
        ("institution", ["school"], False),
        ("hospital", ["school", "clinic"], False),
        ("education", ["department"], True),
        ("department", ["education"], False),
        ("village", ["township"], False),
        ("court", [], True),
        ("", ["court"], False),
        ("of_long_ago", ["court"], False),
    ],
)
def test_who_may_hold_a_role_given_to_kinds(kind: str, wanted: list[str], may: bool) -> None:
    assert fits(kind, wanted) is may
    assert not wanted or (kind in narrowed(wanted)) is may


def test_the_shared_roles_are_held_by_exact_kinds() -> None:
    roles = load_pack(CHINA).roles
    assert len(roles) > 20
    wide = {id_: WIDE & set(role.held_by) for id_, role in roles.items() if id_ not in EVERYWHERE | FROM_OUTSIDE}
    assert wide == {id_: {"department"} if id_ in OF_A_DEPARTMENT else set() for id_ in wide}
    assert [id_ for id_, role in roles.items() if not role.held_by] == []
    assert {id_ for id_, role in roles.items() if "other" in role.held_by} == FROM_OUTSIDE
