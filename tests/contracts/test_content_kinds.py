"""The pages about content kinds are those that the registry prints."""

from __future__ import annotations

from pathlib import Path

from qingmiao.content.kinds import KINDS
from qingmiao.content.kinds_page import page
from qingmiao.content.schema import schemas

ROOT = Path(__file__).parents[2]


def test_the_reference_page_is_the_one_printed() -> None:
    written = (ROOT / "docs/reference/content-kinds.md").read_text("utf-8")
    assert written == page(), "stale: python tools/content_docs.py"


def test_there_is_a_schema_for_every_kind_and_for_nothing_else() -> None:
    named = {folder.replace("/", "-") + ".schema.json" for folder in KINDS}
    assert set(schemas()) == named | {"plan.schema.json", "policy.schema.json"}
