"""docs/how-to/make-a-pack.md is true: its files make a whole pack with the verdicts it tells, its snippets are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from qingmiao.assess import assess_pack
from qingmiao.collect.folder import collect
from qingmiao.content.check import check_path
from qingmiao.content.heads import HEAD_KEYS
from qingmiao.content.indicators import Indicator
from qingmiao.content.load import FOLDERS
from qingmiao.content.organisation import Link, Policy
from qingmiao.content.plan import Qualifier, Target, TargetKind
from qingmiao.measure.run import measure

DOCS = Path(__file__).resolve().parents[2] / "docs" / "how-to"
TEXT = (DOCS / "make-a-pack.md").read_text("utf-8")
MODELS: dict[str, type[BaseModel]] = {"Target": Target, "Indicator": Indicator, "Link": Link}
FILES = re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", TEXT, flags=re.M | re.S)
SNIPPETS = re.findall(r"^```yaml model=(\w+)\n(.*?)^```$", TEXT, flags=re.M | re.S)
PROMISED = re.findall(r"^\| (T\d+) \| (\S+) \| (\w+) \|", TEXT, flags=re.M)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shifan")
    for name, text in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_the_files_make_a_whole_pack(folder: Path) -> None:
    pack, faults = check_path(folder)
    assert [str(f) for f in faults] == []
    assert pack is not None
    assert len(FILES) >= 20


def test_the_verdicts_are_the_ones_told(folder: Path) -> None:
    pack, _ = check_path(folder)
    assert pack is not None
    values = measure(pack, collect(pack, folder / "data").tables).values
    result = assess_pack(pack, values, year=2024)
    told = {(t, i): verdict for t, i, verdict in PROMISED}
    assert {t for t, _ in told} == set(pack.targets)
    for (target, indicator), verdict in told.items():
        row = result.row(indicator, target, "980101")
        assert row is not None, target
        assert row.attainment is not None
        assert row.attainment.verdict.value == verdict, row.attainment.reason
    myopia = result.row("health.primary_myopia", "T02", "980101")
    assert myopia is not None
    assert myopia.value == 1 / 5 * 100


@pytest.mark.parametrize(("model", "text"), SNIPPETS, ids=[f"{m} {i}" for i, (m, _) in enumerate(SNIPPETS)])
def test_each_snippet_is_valid(model: str, text: str) -> None:
    MODELS[model].model_validate(yaml.safe_load(text))


def test_every_kind_of_target_is_shown() -> None:
    shown = {yaml.safe_load(t)["kind"] for model, t in SNIPPETS if model == "Target"}
    assert shown == {k.value for k in TargetKind}


def test_every_word_folder_and_threshold_is_named() -> None:
    names = [q.value for q in Qualifier] + [*FOLDERS] + [*HEAD_KEYS] + [*Policy.model_fields]
    optional = {"every_area_missing_is_unknown"}
    assert [n for n in names if n not in optional and f"`{n}" not in TEXT] == []


def test_every_key_of_targets_and_indicators_is_named() -> None:
    keys = {f.alias or n for m in (Target, Indicator) for n, f in m.model_fields.items()} - {"definitions"}
    assert sorted(k for k in keys if not re.search(rf"\b{k}\b", TEXT)) == []
