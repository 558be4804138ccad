"""Where cases are lost: how many came to each link of a funnel, how many wait there, how many ended there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from programme_scripts import ROOT, china, lines_taken, ready

from qingmiao.casework.funnels import CaseWay, funnel_counts
from qingmiao.content.check import check_pack
from qingmiao.content.funnels import CaseFunnel
from qingmiao.content.load import read_pack

FUNNELS = china().entries("funnels", CaseFunnel)


def way(*passed: str, open: bool = True) -> CaseWay:
    return CaseWay(frozenset(passed), passed[-1], open)


def test_each_link_says_how_many_came_wait_and_ended() -> None:
    cases = [
        way("informed"),
        way("informed", "refused", open=False),
        way("informed", "missed"),
        way("informed", "sampled", "sent", "unqualified"),
        way("informed", "sampled", "sent", "received", "negative", open=False),
        way("informed", "sampled", "sent", "received", "suspect"),
        way("positive_recorded", "suspect", "recalled", "closed", open=False),
        way("informed", "sampled", "sent", "received", "suspect", "recalled", "retested", "confirmed", "treating"),
    ]
    found = {w.link.id: w for w in funnel_counts(FUNNELS["newborn_blood"], cases)}
    assert {k: w.reached for k, w in found.items()} == {
        "due": 8, "sampled": 5, "sent": 5, "good": 4, "result": 4, "suspect": 3, "recalled": 2, "retested": 1,
        "confirmed": 1, "treating": 1,
    }  # fmt: skip
    assert {k: w.waiting for k, w in found.items() if w.waiting} == {"due": 2, "sent": 1, "suspect": 1}
    assert {k: dict(w.ended) for k, w in found.items() if w.ended} == {
        "due": {"refused": 1}, "result": {"negative": 1}, "recalled": {"closed": 1},
    }  # fmt: skip
    assert {k: w.lost for k, w in found.items() if w.lost} == {"due": 1, "recalled": 1}, "a negative is no loss"


@pytest.mark.parametrize("name", sorted(FUNNELS))
def test_a_case_along_its_script_never_falls_back_and_every_link_is_come_to(name: str) -> None:
    funnel = FUNNELS[name]
    reached: set[str] = set()
    for script in sorted(p.stem for p in (ROOT / "content/china/tests/programmes").glob(f"{funnel.programme}*.yaml")):
        before = 0
        for _, line, outcome in lines_taken(script):
            case = outcome.case
            if funnel.of is not None and case.values.get(funnel.of.field) != funnel.of.code:
                continue
            passed = {x for t in case.history for x in (t.step, t.target)}
            final = ready(script).programme.states[case.state].final
            counts = funnel_counts(funnel, [CaseWay(passed, case.state, not final)])
            now = sum(w.reached for w in counts)
            assert now >= max(before, 1), (script, line.do)
            before = now
            reached |= {link.id for link in funnel.links if not passed.isdisjoint(link.reached_by)}
    if name != "newborn_heart":
        assert reached == {link.id for link in funnel.links}


def a_funnel(**more: Any) -> dict[str, Any]:
    links = [
        {"id": "first", "label": {"zh": "甲"}, "reached_by": ["informed"]},
        {"id": "last", "label": {"zh": "乙"}, "reached_by": ["sampled"]},
    ]
    return {
        "id": "small", "label": {"zh": "小统计"}, "programme": "newborn_screening", "links": links,
        "source": {"document": "演示", "evidence": "seen"},
    } | more  # fmt: skip


CASES: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, ""),
    ({"programme": "no_such"}, "没有服务项目"),
    ({"of": {"field": "item", "code": "blood"}}, ""),
    ({"of": {"field": "item", "code": "teeth"}}, "没有代码"),
    ({"of": {"field": "result", "code": "negative"}}, "不涉密的单选字段"),
    ({"of": {"field": "no_such", "code": "a"}}, "不涉密的单选字段"),
    (
        {"links": [*a_funnel()["links"], {"id": "x", "label": {"zh": "丙"}, "reached_by": ["nowhere"]}]},
        "没有环节或状态",
    ),
    ({"links": [*a_funnel()["links"], {"id": "x", "label": {"zh": "丙"}, "reached_by": ["sampled"]}]}, "写了两次"),
    ({"links": [*a_funnel()["links"], {"id": "last", "label": {"zh": "丙"}, "reached_by": ["sent"]}]}, "id 重复"),
)


def test_a_funnel_that_does_not_hold_together_is_named(tmp_path: Path) -> None:
    (tmp_path / "funnels").mkdir()
    head = f'id = "county"\ntitle = "演示县"\nversion = "1"\nextends = ["{(ROOT / "content/china").as_posix()}"]\n'
    (tmp_path / "pack.toml").write_text(head, "utf-8")
    for n, (more, _) in enumerate(CASES):
        text = yaml.safe_dump(a_funnel(id=f"small{n}", **more), allow_unicode=True)
        (tmp_path / f"funnels/small{n}.yaml").write_text(text, "utf-8")
    pack, found = read_pack(tmp_path)
    every = [*found, *(check_pack(pack) if pack is not None else [])]
    for n, (_, said) in enumerate(CASES):
        told = [f.message for f in every if f"small{n}.yaml" in (f.file or "")]
        assert (told == []) if not said else any(said in message for message in told), (n, told)
