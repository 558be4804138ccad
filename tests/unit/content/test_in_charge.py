"""One unit is in charge of an indicator wherever it is shown: the lead of its target, else its own."""

from __future__ import annotations

from pathlib import Path

from qingmiao.content import load_pack

PACK = Path(__file__).parents[3] / "content" / "xiangning"


def test_the_targets_lead_comes_before_the_one_who_keeps_the_figures() -> None:
    pack = load_pack(PACK)
    seen = {"target": 0, "own": 0, "differ": 0}
    for indicator in pack.indicators.values():
        leads = [lead.lead for t in indicator.implements if (lead := pack.lead_of(t, 2024)) is not None]
        found = pack.in_charge(indicator.id, 2024)
        assert found == (leads[0] if leads else indicator.lead)
        for target, lead in zip(indicator.implements, leads, strict=False):
            assert pack.in_charge(indicator.id, 2024, target=target) == lead
        seen["target" if leads else "own"] += 1
        seen["differ"] += bool(leads) and leads[0] != indicator.lead
    assert all(seen.values()), "the pack has each kind"
    assert pack.in_charge("no.such.indicator", 2024) == ""
