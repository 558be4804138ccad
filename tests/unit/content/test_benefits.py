"""Benefits as content: what cannot work is refused with its line; two standards never hold in one month."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content import Pack, load_pack
from qingmiao.content.benefits import Benefit, BenefitStandard, PaymentFile
from qingmiao.content.check_benefits import check_benefits, check_standards

CHINA = Path(__file__).resolve().parents[3] / "content" / "china"
GOOD = yaml.safe_load((CHINA / "benefits" / "unattended_allowance.yaml").read_text("utf-8"))
STANDARD = {"benefit": "orphan_allowance", "care": "scattered", "yuan": "1000", "source": {"evidence": "proposal"}}
FILE = yaml.safe_load((CHINA / "payment_files" / "bank.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The shared content."""
    return load_pack(CHINA)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"programme": "orphans"}, "没有服务项目「orphans」"),
        ({"paid_in": ["paid"]}, "没有状态「paid」"),
        ({"last_month": "last_day"}, "没有字段「last_day」"),
        ({"born": "child_name"}, "这里要 date"),
        ({"place": "applicant"}, "这里要 code"),
        ({"less": {"field": "child_name"}}, "这里要 number"),
        ({"less": {"field": "other_aid", "only": {"kind": "x"}}}, "没有字段「kind」"),
        ({"account": {"holder": "holder", "number": "account_number"}}, "没有字段「holder」"),
    ],
)
def test_a_benefit_that_cannot_work_is_refused(pack: Pack, change: dict[str, Any], told: str) -> None:
    assert list(check_benefits(pack)) == []
    held = {"unattended_allowance": Benefit.model_validate(GOOD | change)}
    found = list(check_benefits(replace(pack, others={**pack.others, "benefits": held})))
    assert any(told in f.message and f.file.endswith(".yaml") and f.line for f in found), found


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"care": "home"}, {}, "没有安置处「home」"),
        ({"valid_from": "2026-01-01"}, {"valid_from": "2026-07-01"}, "2026-07 有两个标准"),
        ({"valid_from": "2026-01-01", "valid_to": "2026-07-01"}, {"valid_from": "2026-07-15"}, "2026-07 有两个标准"),
        ({"valid_from": "2026-07-01", "valid_to": "2026-01-01"}, {"care": "institution"}, "早于 valid_from"),
        ({"valid_from": "2026-01-01", "valid_to": "2026-06-30"}, {"valid_from": "2026-07-01"}, ""),
        ({}, {"care": "institution"}, ""),
    ],
)
def test_two_standards_never_hold_in_one_month(
    pack: Pack, first: dict[str, Any], second: dict[str, Any], told: str
) -> None:
    held = {
        name: BenefitStandard.model_validate({"id": name, **STANDARD, **change})
        for name, change in (("one", first), ("two", second))
    }  # fmt: skip
    messages = [f.message for f in check_standards(replace(pack, others={**pack.others, "benefit_standards": held}))]
    assert any(told in m for m in messages) if told else messages == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"columns": FILE["columns"][:2]}, "缺列：account、holder"),
        ({"columns": [c for c in FILE["columns"] if c["says"] != "yuan"]}, "缺金额的列"),
        ({"columns": [*FILE["columns"], {"heading": "金额", "says": "fen"}]}, "列名重复：金额"),
    ],
)
def test_a_payment_file_that_cannot_be_answered_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        PaymentFile.model_validate(FILE | change)


def test_an_amount_of_parts_of_a_fen_is_refused() -> None:
    with pytest.raises(ValueError, match="yuan"):
        BenefitStandard.model_validate({"id": "one", **STANDARD, "yuan": "1000.005"})
    assert BenefitStandard.model_validate({"id": "one", **STANDARD, "yuan": 1000.1}).fen == 100010
