"""The zones in which the tests without a site run."""

from __future__ import annotations

PURE = ("unit", "spec", "packs", "integration", "trial")
"""Folders of tests without a site: they never run on China's time, so that the machine's zone changes no number."""
AHEAD = "Pacific/Kiritimati"
"""Their zone in `make test`, the farthest ahead of all; `make test-zones` runs them once more behind China."""
