"""What collecting found, in the words of the assessment: every finding names the unit in charge."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from qingmiao.assess.warnings import quality_warnings
from qingmiao.collect.facts import Finding
from qingmiao.content import load_pack
from qingmiao.monitor.found import collected_findings


def test_a_finding_about_a_table_or_a_return_is_its_units_to_mend() -> None:
    """Of a fact table its owner, of a return who reports it; what the pack does not know is nobody's."""
    pack = load_pack(Path(__file__).parents[2] / "content" / "xiangning")
    tables = [*pack.facts, *pack.returns, "gone"]
    collected: Any = SimpleNamespace(findings=[Finding(t, f"facts/{t}.csv", "x", "有 3 行不像", 3) for t in tables])
    made = quality_warnings(collected_findings(pack, collected), lead_of={}, target_of={}, names={}, places={})
    leads = {t: w.lead for t, w in zip(tables, made, strict=True)}
    assert leads == (
        {t: f.owner for t, f in pack.facts.items()} | {t: r.reporter for t, r in pack.returns.items()} | {"gone": ""}
    )
    assert all(leads[t] in pack.organisations for t in tables[:-1])
