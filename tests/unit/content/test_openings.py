"""What opens a case by itself is checked: the record, the fields on both sides, what the step must be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qingmiao.content.check_openings import check_openings
from qingmiao.content.load import load_pack
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_openings import OpeningRule

CHINA = Path(__file__).parents[3] / "content" / "china"
GOOD: dict[str, Any] = {
    "record": "screen_diagnosis", "when": "confirmed = '1'", "step": "diagnosed",
    "fields": {
        "diagnosed_kinds": "kinds", "suspected_by": "institution", "found_on": "diagnosed_on", "sure": "'diagnosed'"
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The country's pack."""
    return load_pack(CHINA)


def told(pack: Pack, **more: Any) -> list[str]:
    """The faults of a rule."""
    every = programmes_of(pack)
    rule = OpeningRule.model_validate(GOOD | more)
    one = every["disability_share"].model_copy(update={"opened_by": (rule,)})
    return [f.message for f in check_openings(pack, one, every)]


def test_a_rule_that_fits_is_right(pack: Pack) -> None:
    assert told(pack) == []


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"record": "no_such"}, "没有记录「no_such」"),
        ({"when": "no_such = '1'"}, "no_such"),
        ({"when": "severity"}, "应为真假"),
        ({"step": "no_such"}, "没有受理新个案的环节"),
        ({"step": "reported"}, "要写 job: true"),
        ({"fields": GOOD["fields"] | {"consent_given": "true"}}, "不填字段「consent_given」"),
        ({"fields": GOOD["fields"] | {"found_on": "advice"}}, "类型不同"),
        ({"fields": GOOD["fields"] | {"found_on": "no_such"}}, "对方没有字段"),
        ({"fields": GOOD["fields"] | {"sure": "confirmed"}}, "没有对方「是否确诊」的全部代码"),
        ({"fields": GOOD["fields"] | {"sure": "1 + 1"}}, "结果是"),
        ({"fields": {k: v for k, v in GOOD["fields"].items() if k != "sure"}}, "必须填「程度」"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(pack: Pack, more: dict[str, Any], word: str) -> None:
    assert any(word in message for message in told(pack, **more)), told(pack, **more)


def test_what_comes_of_another_programme_needs_its_ground_and_its_step(pack: Pack) -> None:
    with pytest.raises(ValueError, match="ground"):
        OpeningRule.model_validate({"programme": "rehab_aid", "on": "diagnosed", "step": "diagnosed"})
    ground = {"document": "残疾预防和残疾人康复条例", "evidence": "seen"}
    other = {"record": None, "when": None, "programme": "rehab_aid", "ground": ground}
    assert any("没有环节或状态" in m for m in told(pack, **other, on="no_such"))
    fields = GOOD["fields"] | {"diagnosed_kinds": "diagnosis_body"}
    assert any("类型不同" in m for m in told(pack, **other, on="diagnosed", fields=fields))
