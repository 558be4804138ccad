"""The built-in roles by id, and the words for many; every other role is content (the house's: `flow/house.py`)."""

from __future__ import annotations

from qingmiao.content import roles as content

SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN = content.ADMINISTRATORS
AUDITOR = content.AUDITOR
ADMINISTRATORS = frozenset(content.ADMINISTRATORS)
WORKING = frozenset({content.ANY_STAFF})
"""Everybody who works with figures: all but the administrators, whatever their role is called."""
OUTSIDE = frozenset({content.ANY_OUTSIDER})
"""Whoever comes from outside: sees only what their own unit records or what is handed to it."""
COUNTY_WIDE = frozenset({content.ANY_AREA_STAFF})
"""Of these, the ones who see every unit of their area."""
REPORTING = frozenset({content.ANY_UNIT_STAFF})
"""Of these, the ones who answer for their own unit."""
