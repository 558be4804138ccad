"""A number names one decision, a key of the English catalogues stands once: of two the first is lost in silence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "src" / "qingmiao" / "figures" / "english").glob("*.yaml"))


def test_a_number_names_one_decision() -> None:
    numbers = Counter(p.name[:4] for p in (ROOT / "docs" / "decisions").glob("0*.md"))
    assert numbers
    assert not [n for n, times in numbers.items() if times > 1]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.stem)
def test_a_key_of_a_catalogue_stands_once(path: Path) -> None:
    node = yaml.compose(path.read_text("utf-8"))
    assert isinstance(node, yaml.MappingNode)
    keys = Counter(key.value for key, _ in node.value)
    assert not [k for k, times in keys.items() if times > 1]
